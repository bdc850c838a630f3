/** `runseal check EVIDENCE FILE…`: judges files by a proof of files, or by evidence that another tool made. @module */

import { isFileProofFault, SUMS_NAMESPACE } from "../../../core/internal.ts";
import { readGiven, unreadReport } from "../../../node/judge/check/check-evidence.ts";
import { expectedBundle } from "../../options/expectations.ts";
import { UsageError } from "../../options/usage-error.ts";
import type { Io } from "../../output/io.ts";
import type { Report } from "../../output/report.ts";
import { type CheckOptions, refuseOthers } from "./check-options.ts";
import { runCheckProof, unprovenReport } from "./check-proof.ts";
import { evidenceReport, runCheckEvidence } from "./report-evidence.ts";

/** Checks what the bytes of the first file say it is. Throws usage errors. */
export async function runCheck(
  evidence: string,
  files: readonly string[],
  options: CheckOptions,
  io: Io,
): Promise<Report> {
  const { as, jobs, namespace = SUMS_NAMESPACE } = options;
  if (as !== undefined && files.length > 1)
    throw new UsageError("--as says which path one file is; check the others on their own");
  const expected = expectedBundle(options);
  const given = await readGiven(evidence, namespace);
  if (!given.ok) {
    return isFileProofFault(given)
      ? unprovenReport(given)
      : evidenceReport(unreadReport(given), undefined, options, io);
  }
  const read = given.value;
  refuseOthers(read.form, files, options);
  return read.form === "proof"
    ? await runCheckProof(read.proof, { ...expected, files, as }, options, io)
    : await runCheckEvidence({ evidence, read, jobs }, options, io);
}
