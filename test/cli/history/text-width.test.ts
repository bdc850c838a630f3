import { describe, expect, it } from "vitest";
import { cutEnd, cutMiddle, textWidth } from "../../../src/cli/commands/history/text-width.ts";
import { fc } from "../../support/rings/properties.ts";

const TEXT = fc.string({ unit: fc.constantFrom("a", "é", "漢", "𝔘", " ", "-"), maxLength: 40 });

describe("a text that is cut for a terminal", () => {
  it("never is wider than its room, and whole where it fits", () => {
    fc.assert(
      fc.property(TEXT, fc.integer({ min: 1, max: 60 }), (text, room) => {
        for (const cut of [cutEnd(text, room), cutMiddle(text, room)]) {
          expect(textWidth(cut)).toBeLessThanOrEqual(room);
          if (textWidth(text) <= room) expect(cut).toBe(text);
        }
        expect(cutEnd(text, undefined)).toBe(text);
      }),
    );
  });
});
