import { describe, expectTypeOf, it } from "vitest";
import { planChainRestore, planRestore } from "../src/core/back/restore/restore-plan.ts";
import type {
  DroppedBundle,
  FailedBundle,
  PartlyVerifiedBundle,
  RestorableBundle,
  VerifiedBundle,
} from "../src/core/judge/bundle/judge.ts";
import type { BundleChain } from "../src/core/judge/bundle/verify-chain.ts";

describe("a verified bundle", () => {
  it("is, beside one of a failed run and one with a selection, the only thing that a restore can be planned for", () => {
    expectTypeOf(planRestore).parameter(0).toEqualTypeOf<RestorableBundle>();
  });

  it("is not a bundle of a failed run, and a chain is restored of verified ones only", () => {
    expectTypeOf<FailedBundle>().not.toMatchTypeOf<VerifiedBundle>();
    expectTypeOf(planChainRestore).parameter(0).toEqualTypeOf<readonly VerifiedBundle[]>();
  });

  it("is, beside one whose bytes were dropped, the only thing that a chain takes", () => {
    expectTypeOf<BundleChain["add"]>().parameter(0).toEqualTypeOf<VerifiedBundle | DroppedBundle>();
    expectTypeOf<FailedBundle>().not.toMatchTypeOf<VerifiedBundle | DroppedBundle>();
    expectTypeOf<DroppedBundle>().not.toMatchTypeOf<RestorableBundle>();
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
