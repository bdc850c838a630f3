import { describe, expectTypeOf, it } from "vitest";
import { planRestore } from "../src/core/restore-plan.ts";
import type { VerifiedBundle } from "../src/core/verify-bundle.ts";

describe("a verified bundle", () => {
  it("is the only thing that a restore can be planned for", () => {
    expectTypeOf(planRestore).parameter(0).toEqualTypeOf<VerifiedBundle>();
  });

  it("can't be made by hand, even with all of its members", () => {
    type Members = {
      readonly [Key in keyof VerifiedBundle as Key extends string ? Key : never]: VerifiedBundle[Key];
    };
    expectTypeOf<Members>().not.toMatchTypeOf<VerifiedBundle>();
  });
});
