/** The options of `check`, and to which of the two kinds each belongs. @module */

import type { EvidenceForm } from "../../../core/internal.ts";
import type { ExpectOptions } from "../../options/expectations.ts";
import type { JobsOptions } from "../../options/shared-options.ts";
import type { TrustOptions } from "../../options/trust-options.ts";
import { givenFlag, UsageError } from "../../options/usage-error.ts";
import type { ProgressOptions } from "../../progress/show-progress.ts";

/** The options as parsed. */
export interface CheckOptions
  extends Omit<TrustOptions, "requireTimestamp">,
    ExpectOptions,
    JobsOptions,
    ProgressOptions {
  readonly as?: string | undefined;
  readonly files?: string | undefined;
  readonly run?: string | undefined;
  readonly namespace?: string | undefined;
  readonly exact?: true | undefined;
  readonly ignore: readonly string[];
  readonly all?: true | undefined;
}

/** The formats in words. */
export const FORMS: Readonly<Record<EvidenceForm | "proof", string>> = {
  proof: "proof of files",
  sigstore: "Sigstore bundle v0.3",
  dsse: "DSSE envelope",
  sshsig: "SSH signature of a list of digests",
  minisign: "minisign signature of a list of digests",
  signify: "signify signature of a list of digests",
};

const OF_PROOF = ["--as", "--any-signer", "--expect", "--expect-id"];
const OF_EVIDENCE = ["--files", "--run", "--namespace", "--exact", "--ignore", "--all"];

/** Refuses what does not go with the form of the file. Throws a usage error. */
export function refuseOthers(
  form: EvidenceForm | "proof",
  files: readonly string[],
  options: CheckOptions,
): void {
  const isProof = form === "proof";
  const flag = givenFlag(options, isProof ? OF_EVIDENCE : OF_PROOF);
  const given = !isProof && files.length > 0 ? "a FILE" : flag;
  if (given === undefined) return;
  const kind = isProof ? "evidence of other tools" : "a proof of files";
  throw new UsageError(`${given} goes with ${kind}, and this is a ${FORMS[form]}`);
}
