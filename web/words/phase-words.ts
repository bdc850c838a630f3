/** What each phase of a verification shows, for a reader who does not know the protocol. @module */

import type { Phase } from "../../src/core/internal.ts";

/** One sentence a phase, as it reads once the phase has passed. */
export const PHASE_WORDS: Readonly<Record<Exclude<Phase, "chain">, string>> = {
  presence: "All seven artifacts are there",
  parse: "Each artifact is strict JSON with its fields",
  identity: "The key of the signer is valid and its id is right",
  root: "The bundle root is computed from these artifacts",
  payload: "The signed payload names this root and this signer",
  signature: "The signature holds for this payload and this key",
  proof: "The run left its scratch folders as it found them",
  forbidden: "Nothing forbidden is beside the artifacts",
  outputs: "Each file is as it was sealed",
  acceptance: "The run succeeded, and its binding holds",
  tree: "Links, modes and empty folders are as they were sealed",
};
