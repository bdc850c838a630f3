import { describe, expect, it } from "vitest";
import { joinListings } from "../../../../src/core/system/bytes/listing.ts";
import { fc } from "../../../support/rings/properties.ts";

describe("listings one behind the other", () => {
  it("have the items of all in their order, whatever is empty among them", () => {
    fc.assert(
      fc.property(fc.array(fc.array(fc.nat(9), { maxLength: 4 }), { maxLength: 6 }), (lists) => {
        const joined = joinListings(lists);
        const all = lists.flat();
        expect([...joined]).toEqual(all);
        expect(joined.length).toBe(all.length);
        expect(all.map((_, index) => joined.at(index))).toEqual(all);
        expect([joined.at(-1), joined.at(all.length)]).toEqual([undefined, undefined]);
      }),
    );
  });
});
