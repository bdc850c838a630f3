/** What `export` prints with `--json`. @module */

import type { NewestRunFacts } from "../../results/result-members.ts";
import type { VerdictFacts } from "../../results/run-verdicts.ts";
import type { SignerFacts, TrustFacts } from "../../results/signer-facts.ts";
import type { Count, RunId, Sha256 } from "../../results/words.ts";

/** An exported file. @closed */
export interface ExportedFileFacts {
  /** In the folder; without one, the path of the file, or `-` for stdout. */
  readonly name: string;
  /** Its bytes. */
  readonly bytes: Count;
  /** Its digest. */
  readonly sha256: Sha256;
}

/** How others verify a format. @closed */
export interface VerifyCommandFacts {
  /** The format. */
  readonly format: "sums" | "sshsig" | "minisign" | "signify" | "dsse" | "sigstore" | "link";
  /** The command line, for a POSIX shell in the folder where the run's paths begin. */
  readonly command: string;
}

/** Of the page there are only `folder` and `files`. With `--json` nothing else goes to stdout. @result export */
export interface ExportResult extends NewestRunFacts {
  /** The run. */
  readonly run_id?: RunId;
  /** Its root. */
  readonly bundle_root?: Sha256;
  /** Who signed it. */
  readonly signer?: SignerFacts;
  /** What the policy says of the signer. */
  readonly trust?: TrustFacts;
  /** Who signed the evidence or the verdict; `null` if only `sums` was exported. */
  readonly exporter?: SignerFacts | null;
  /** The folder that was made; `null` for one file and for stdout. */
  readonly folder: string | null;
  /**
   * What was exported.
   * @minItems 1
   */
  readonly files: readonly ExportedFileFacts[];
  /** How others verify each format. Absent for a verdict and the page, and empty for stdout. */
  readonly commands?: readonly VerifyCommandFacts[];
  /** If the bundle was not accepted. */
  readonly verdict?: VerdictFacts | null;
}
