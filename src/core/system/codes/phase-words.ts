/** What each phase of a verification checks, for a reader who does not know the protocol. @module */

import type { Phase } from "./verdict.ts";

/** One clause a phase. It is as right beside a phase that failed as beside one that passed. */
export const PHASE_WORDS: Readonly<Record<Exclude<Phase, "chain">, string>> = {
  presence: "Whether all artifacts of the bundle are there",
  parse: "Whether each artifact is strict JSON and has its fields",
  identity: "Whether the signer's name follows from the key",
  root: "Whether the bundle root is the digest of the artifacts",
  payload: "Whether what was signed names this root and this signer",
  signature: "Whether the Ed25519 signature holds",
  proof: "Whether the proof commits to the same bundle",
  forbidden: "Whether the bundle holds anything that must not be there",
  outputs: "Whether each file has the digest that was sealed",
  acceptance: "Whether the run says that it succeeded, and all that it binds agrees",
  tree: "Whether modes, links and empty folders are as they were sealed",
};
