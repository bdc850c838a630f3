/** What `prove` prints with `--json`. @module */

import type { NewestRunFacts } from "../../results/result-members.ts";
import type { VerdictFacts } from "../../results/run-verdicts.ts";
import type { SignerFacts } from "../../results/signer-facts.ts";
import type { Count, Path, RunId, Sha256 } from "../../results/words.ts";

/** Without `--json` stdout is the proof alone. @result prove */
export interface ProveResult extends NewestRunFacts {
  /** The run. */
  readonly run_id: RunId;
  /** Its root. */
  readonly bundle_root: Sha256;
  /** The root of its outputs. */
  readonly outputs_root: Sha256;
  /** The sealer's own word. */
  readonly sealed_at: string;
  /** Who signed it. */
  readonly signer: SignerFacts;
  /** The proven outputs in byte order. */
  readonly paths: readonly Path[];
  /** How many outputs the bundle has. */
  readonly files: Count;
  /** The proof itself. */
  readonly proof?: object;
  /** With `--out`, in its place: its path. */
  readonly proof_file?: string;
  /** If the bundle was not accepted. */
  readonly verdict?: VerdictFacts | null;
}
