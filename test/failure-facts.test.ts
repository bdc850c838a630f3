import { describe, expectTypeOf, it } from "vitest";
import { type EvidenceFault, evidenceFault } from "../src/core/make/evidence/reading/evidence-fault.ts";
import { restoreFault } from "../src/core/system/codes/restore-fault.ts";
import { type Rejection, reject } from "../src/core/system/codes/verdict.ts";

// Of types alone: `npx tsc -p test`, which .ci/run calls, is what fails.
describe("a failure", () => {
  it("has the facts of its code, and no others", () => {
    expectTypeOf(reject<"TREE_EXTRA">)
      .parameter(2)
      .toHaveProperty("kind");
    expectTypeOf(reject<"TREE_EXTRA">)
      .parameter(2)
      .not.toHaveProperty("expected");
    expectTypeOf<{ path: string }>().not.toMatchTypeOf<Rejection<"HASH_MISMATCH">["details"]>();
    expectTypeOf(evidenceFault<"EVIDENCE_EXTRA">)
      .parameter(1)
      .not.toHaveProperty("reason");
  });

  it("of a restore or an undo has what its code can't do without", () => {
    expectTypeOf(restoreFault<"UNDO_BLOCKED">)
      .parameter(2)
      .toHaveProperty("blocked");
    expectTypeOf<{ path: string }>().not.toMatchTypeOf<
      Parameters<typeof restoreFault<"RESTORE_LINK_LEAVES_ROOT">>[2]
    >();
    expectTypeOf<"three">().not.toMatchTypeOf<
      Parameters<typeof restoreFault<"UNDO_LIST_INVALID">>[2]["reason"]
    >();
  });

  it("has the facts of its reason", () => {
    type Malformed = EvidenceFault<"EVIDENCE_MALFORMED">["details"];
    expectTypeOf<{ reason: "too-large" }>().not.toMatchTypeOf<Malformed>();
    expectTypeOf<{ reason: "too-large"; limit: number; unit: "bytes" }>().toMatchTypeOf<Malformed>();
  });
});
