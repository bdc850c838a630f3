/** `runseal seal PATH…`: signs files into a bundle. @module */

import { openSigner } from "../../../node/keys/open-signer.ts";
import {
  type SealedBundle,
  type SealRequest,
  sealOutputs,
  sealUnsigned,
  type UnsignedSeal,
  type UnsignedSealRequest,
} from "../../../node/make/seal/seal-outputs.ts";
import type { SealFault } from "../../../node/make/seal/seal-request.ts";
import { type AuthorityOptions, chooseAuthority } from "../../options/authority-options.ts";
import { signerSurroundings } from "../../options/passphrases.ts";
import { type SealingOptions, sealingOf, sealingTime } from "../../options/sealing-options.ts";
import type { JobsOptions } from "../../options/shared-options.ts";
import { chooseSigner, type SignerOptions } from "../../options/signer-options.ts";
import { operationReport, withLateFault } from "../../output/failure-report.ts";
import type { Io } from "../../output/io.ts";
import { doneReport, type Report, withHints } from "../../output/report.ts";
import { type ProgressOptions, showProgress } from "../../progress/show-progress.ts";
import type { UnsignedSealFacts } from "../../results/seal-members.ts";
import { stampSeal, withStamp } from "../timestamp/stamp-seal.ts";
import { leftOutLines, leftOutRemarks } from "./left-out-text.ts";
import { recoveredSealFacts, sealFacts, treeFacts } from "./seal-facts.ts";
import { sealedLines, sealRemarks, tellOfWaiting } from "./seal-remarks.ts";
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
  const { jobs } = options;
  const now = sealingTime(io);
  const sealing = { ...sealingOf(options, now, io), jobs, now };
  if (options.unsigned === true) return await sealWithoutSigner(paths, options, sealing, io);
  const chosen = chooseAuthority(options, undefined, io);
  if (chosen !== undefined && "report" in chosen) return chosen.report;
  const { bundle, report } = await sealWithSigner(paths, options, sealing, io);
  // The signer is closed: no key is in memory while the network is used.
  return bundle === undefined ? report : withStamp(report, await stampSeal(bundle, chosen?.demand, io));
}

/** The end of a seal, and the path of its bundle if it was sealed. */
interface SealEnd {
  readonly report: Report;
  readonly bundle?: string;
}

async function sealWithSigner(
  paths: readonly string[],
  options: SealOptions,
  sealing: Omit<SealRequest, "onWaiting" | "out" | "paths" | "progress" | "signer" | "taskFile">,
  io: Io,
): Promise<SealEnd> {
  const opened = await openSigner(chooseSigner(options, io), signerSurroundings(io));
  if (!opened.ok) return { report: operationReport(opened) };
  using signer = opened.value;
  using progress = showProgress(options, io);
  const sealed = await sealOutputs({
    ...sealing,
    paths,
    taskFile: options.task,
    out: options.out,
    signer,
    progress: progress?.port,
    onWaiting: tellOfWaiting(options, io),
  });
  return sealed.ok
    ? { report: sealedReport(sealed.value), bundle: sealed.value.bundle }
    : { report: failedReport(sealed, options.out) };
}

/** The same without a signer. Nothing is kept: the signer does that. */
async function sealWithoutSigner(
  paths: readonly string[],
  options: SealOptions,
  sealing: Omit<UnsignedSealRequest, "onWaiting" | "paths" | "progress" | "taskFile">,
  io: Io,
): Promise<Report> {
  using progress = showProgress(options, io);
  const sealed = await sealUnsigned({
    ...sealing,
    paths,
    progress: progress?.port,
    onWaiting: tellOfWaiting(options, io),
  });
  return sealed.ok ? unsignedReport(sealed.value) : failedReport(sealed, undefined);
}

function unsignedReport(sealed: UnsignedSeal): Report {
  const { ignored, leftOut } = sealed;
  const report: Report = doneReport<UnsignedSealFacts>(
    "sealed without a signature",
    { ...unsignedFacts(sealed), left_out: leftOut, ignored },
    leftOutLines(sealed) + unsignedLines(sealed, "unsigned"),
    {
      remarks: [
        ...leftOutRemarks(sealed),
        ...sealRemarks({ memory: undefined, recovered: sealed.recovered, replaced: undefined }),
      ],
    },
  );
  return withLateFault(report, sealed.unreleased);
}

/** Reports the killed seals that were recovered, even though this seal failed. */
function failedReport(fault: SealFault, out: string | undefined): Report {
  const plain = operationReport(fault);
  const isProject = fault.code === "WRITE_FAILED" && out === undefined;
  const elsewhere = "seal --out DIR puts the bundle elsewhere, outside of the project's history";
  const report = isProject ? withHints(plain, [...(plain.error?.hints ?? []), elsewhere]) : plain;
  const { recovered } = fault;
  if (recovered === undefined) return report;
  return {
    ...report,
    facts: { ...report.facts, recovered: recoveredSealFacts(recovered) },
    remarks: sealRemarks({ memory: undefined, recovered, replaced: undefined }),
  };
}

function sealedReport(sealed: SealedBundle): Report {
  const { ignored, leftOut } = sealed;
  const report: Report = doneReport<Omit<SignedSealResult, "timestamp">>(
    "sealed",
    { ...sealFacts(sealed), tree: treeFacts(sealed.tree), left_out: leftOut, ignored },
    leftOutLines(sealed) + sealedLines("sealed", sealed),
    { remarks: [...leftOutRemarks(sealed), ...sealRemarks(sealed)] },
  );
  return withLateFault(report, sealed.unreleased);
}
