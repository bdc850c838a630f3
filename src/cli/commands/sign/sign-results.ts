/** What `sign` prints with `--json`. @module */

import type { SignedElsewhereFacts, VerdictFacts } from "../../results/run-verdicts.ts";
import type { SealedTreeFacts, SignedSealFacts } from "../../results/seal-members.ts";
import type { SignerFacts, StampFacts, TrustFacts } from "../../results/signer-facts.ts";
import type { Count, Moment, RunId, Sha256 } from "../../results/words.ts";

/** Of an unsigned run that was signed. Without `--yes`, nothing is signed (`SIGNING_UNCONFIRMED`). */
export interface SignUnsignedResult extends SignedSealFacts {
  /** What was done. */
  readonly act: "sign";
  /** What OUTPUT_TREE.json says beside the files; `null` without one. */
  readonly tree: SealedTreeFacts | null;
  /** The sealer's own word. */
  readonly sealed_at: string;
  /** As of verify. */
  readonly signed_elsewhere: SignedElsewhereFacts | null;
  /** The words of the task spec; `null` if it has none. The signer did not witness it. */
  readonly command: readonly string[] | null;
  /** What became of the unsigned bundle. `"kept"`: it is not in the signer's project. `"left"`: the system refused to remove it. */
  readonly unsigned: "removed" | "kept" | "left" | null;
  /** If an output is not as it was sealed. */
  readonly verdict?: VerdictFacts | null;
}

/** With `--counter`. */
export interface CountersignResult {
  /** What was done. */
  readonly act: "counter";
  /** The run. */
  readonly run_id: RunId;
  /** Its root. */
  readonly bundle_root: Sha256;
  /** How many outputs it has. */
  readonly files: Count;
  /** Their bytes. */
  readonly bytes: Count;
  /** Who signed it. */
  readonly signer: SignerFacts;
  /** Who signs it now. */
  readonly countersigner: SignerFacts;
  /** The countersigner's own word. */
  readonly signed_at: Moment;
  /** How many countersignatures hold now. */
  readonly countersignatures: Count;
  /** If the bundle was not accepted. */
  readonly verdict?: VerdictFacts | null;
  /** If its signer is not trusted. */
  readonly trust?: TrustFacts;
}

/** With `--time`. */
export interface TimestampResult extends StampFacts {
  /** What was done. */
  readonly act: "time";
  /** The run. */
  readonly run_id: RunId;
  /** Its root. */
  readonly bundle_root: Sha256;
  /** If the bundle was not accepted. */
  readonly verdict?: VerdictFacts | null;
}

/**
 * `act` is absent after wrong usage.
 * @result sign
 * @public
 */
export type SignResult = SignUnsignedResult | CountersignResult | TimestampResult;
