/** `runseal seal PATH…`: signs files into a bundle. @module */

import type { Result } from "../../../core/internal.ts";
import { openSigner } from "../../../node/keys/open-signer.ts";
import {
  type SealedBundle,
  type SealRequest,
  sealOutputs,
  sealUnsigned,
} from "../../../node/make/seal/seal-outputs.ts";
import type { SealFault } from "../../../node/make/seal/while-held.ts";
import { type AuthorityOptions, chooseAuthority } from "../../options/authority-options.ts";
import { signerSurroundings } from "../../options/passphrases.ts";
import { type SealingOptions, sealingOf, sealingTime } from "../../options/sealing-options.ts";
import type { JobsOptions } from "../../options/shared-options.ts";
import { chooseSigner, type SignerOptions } from "../../options/signer-options.ts";
import { operationReport, withLateFault } from "../../output/failure-report.ts";
import type { Io } from "../../output/io.ts";
import { doneReport, type Report, withHints } from "../../output/report.ts";
import { type ProgressOptions, ShownWork } from "../../progress/show-progress.ts";
import type { UnsignedSealFacts } from "../../results/seal-members.ts";
import { withStamp } from "../timestamp/stamp-seal.ts";
import { leftOutLines, leftOutRemarks } from "./left-out-text.ts";
import { sealFacts, treeFacts } from "./seal-facts.ts";
import { sealedLines, sealRemarks, tellOfWaiting, withRecovered } from "./seal-remarks.ts";
import type { SignedSealResult } from "./seal-results.ts";
import { unsignedFacts, unsignedLines } from "./unsigned-facts.ts";

/** The options as parsed. */
export interface SealOptions
  extends SealingOptions,
    SignerOptions,
    AuthorityOptions,
    JobsOptions,
    ProgressOptions {
  readonly task?: string | undefined;
  readonly out?: string | undefined;
  readonly unsigned?: true | undefined;
}

/** Seals files and folders. */
export async function runSeal(paths: readonly string[], options: SealOptions, io: Io): Promise<Report> {
  const { out, task: taskFile, unsigned } = options;
  const now = sealingTime(io);
  using work = new ShownWork(options, io);
  const onWaiting = tellOfWaiting(options, io);
  const request = { ...sealingOf(options, now, io), ...work, paths, now, onWaiting };
  if (unsigned === true) {
    const sealed = await sealUnsigned(request);
    if (!sealed.ok) return failedReport(sealed, undefined);
    const { ignored, leftOut, recovered, unreleased } = sealed.value;
    const report = doneReport<UnsignedSealFacts>(
      "sealed without a signature",
      { ...unsignedFacts(sealed.value), left_out: leftOut, ignored },
      leftOutLines(sealed.value) + unsignedLines(sealed.value, "unsigned"),
      { remarks: [...leftOutRemarks(sealed.value), ...sealRemarks({ recovered })] },
    );
    return withLateFault(report, unreleased);
  }
  const authority = chooseAuthority(options, undefined, io);
  if (authority !== undefined && "report" in authority) return authority.report;
  const sealed = await sealSigned({ ...request, taskFile, out }, options, io);
  if (!sealed.ok) return failedReport(sealed, out);
  const { bundle, ignored, leftOut, tree, unreleased } = sealed.value;
  const report = doneReport<Omit<SignedSealResult, "timestamp">>(
    "sealed",
    { ...sealFacts(sealed.value), tree: treeFacts(tree), left_out: leftOut, ignored },
    leftOutLines(sealed.value) + sealedLines("sealed", sealed.value),
    { remarks: [...leftOutRemarks(sealed.value), ...sealRemarks(sealed.value)] },
  );
  // The signer is closed: no key is in memory while the network is used.
  return await withStamp(withLateFault(report, unreleased), bundle, authority?.demand, io);
}

async function sealSigned(
  request: Omit<SealRequest, "signer">,
  options: SealOptions,
  io: Io,
): Promise<Result<SealedBundle, SealFault>> {
  const opened = await openSigner(chooseSigner(options, io), signerSurroundings(io));
  if (!opened.ok) return opened;
  using signer = opened.value;
  return await sealOutputs({ ...request, signer });
}

function failedReport(fault: SealFault, out: string | undefined): Report {
  const plain = operationReport(fault);
  const isProject = fault.code === "WRITE_FAILED" && out === undefined;
  const elsewhere = "seal --out DIR puts the bundle elsewhere, outside of the project's history";
  const report = isProject ? withHints(plain, [...(plain.error?.hints ?? []), elsewhere]) : plain;
  return withRecovered(report, fault.recovered);
}
