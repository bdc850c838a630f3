import { describe, expectTypeOf, it } from "vitest";
import type {
  FailedBundle,
  PartlyVerifiedBundle,
  RestorableBundle,
  VerifiedBundle,
} from "../src/core/bundle/judge.ts";
import type { VerifiedChain } from "../src/core/bundle/verify-chain.ts";
import { planRestore } from "../src/core/restore/restore-plan.ts";

describe("a verified bundle", () => {
  it("is, beside one of a failed run and one with a selection, the only thing that a restore can be planned for", () => {
    expectTypeOf(planRestore).parameter(0).toEqualTypeOf<RestorableBundle>();
  });

  it("is not a bundle of a failed run, and a chain takes only verified ones", () => {
    expectTypeOf<FailedBundle>().not.toMatchTypeOf<VerifiedBundle>();
    expectTypeOf<VerifiedChain["bundles"][number]>().toEqualTypeOf<VerifiedBundle>();
  });

  it("is not a bundle of which only some outputs were read", () => {
    expectTypeOf<PartlyVerifiedBundle>().not.toMatchTypeOf<VerifiedBundle>();
    expectTypeOf<PartlyVerifiedBundle>().not.toMatchTypeOf<FailedBundle>();
  });

  it("can't be made by hand, even with all of its members", () => {
    type Members = {
      readonly [Key in keyof VerifiedBundle as Key extends string ? Key : never]: VerifiedBundle[Key];
    };
    expectTypeOf<Members>().not.toMatchTypeOf<VerifiedBundle>();
  });
});
