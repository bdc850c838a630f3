/** `runseal verify --history RUN…`: checks several bundles in order, and each signer. @module */

import type { VerifyFailure } from "../../../node/bundle/verify-context.ts";
import type { PlaceOptions } from "../../../node/places/bundle-place.ts";
import type { ChainOutputsFrom } from "../../../node/verify/find-outputs.ts";
import type { RunOutputs } from "../../../node/verify/outputs-record.ts";
import { reportOnCarriedChain, reportOnChain } from "../../../node/verify/verify-chain-files.ts";
import { placesOfBundles } from "../../options/bundle-place.ts";
import { knowingGuardsKey } from "../../options/guards-own-key.ts";
import type { JobsOptions } from "../../options/shared-options.ts";
import { type OpenCarried, carrierOfAll, refuseProjectOptions } from "../../options/source-place.ts";
import { type TrustChoice, type TrustOptions, chooseTrust, policyOf } from "../../options/trust-options.ts";
import { operationReport } from "../../output/failure-report.ts";
import type { Io } from "../../output/io.ts";
import { type Report, withHints } from "../../output/report.ts";
import { type ProgressOptions, showProgress } from "../../progress/show-progress.ts";
import { carriedHints } from "../../verdict/carried-hints.ts";
import { rejectedChainReport, soundChainReport } from "../../verdict/chain-facts.ts";
import { inStoreWords, storeHint, storedHints } from "../../verdict/stored-text.ts";
import type { VerifyHistoryResult } from "./verify-results.ts";

/** The options as parsed. */
export interface HistoryOptions extends TrustOptions, PlaceOptions, JobsOptions, ProgressOptions {
  /** The chain root that the history must have. */
  readonly expect?: string | undefined;
  readonly stored?: true | undefined;
  readonly ignoreModes?: true | undefined;
}

/** Where the options say to look for the files of each run. */
export function chainFrom({ stored }: Pick<HistoryOptions, "stored">): ChainOutputsFrom {
  return stored === true ? "store" : "newest-root";
}

/** Verifies a chain in the order given. */
export async function runRunsVerify(
  bundles: readonly string[],
  options: HistoryOptions,
  io: Io,
): Promise<Report> {
  const { expect } = options;
  const from = chainFrom(options);
  const { jobs } = options;
  const chosen = chooseTrust(options, io);
  if ("report" in chosen) return chosen.report;
  const choice = await knowingGuardsKey(chosen, options.project, io);
  const carrier = carrierOfAll(bundles, io);
  if (carrier !== undefined) return await verifyCarriedChain(carrier, options, choice, io);
  const places = placesOfBundles(bundles, options, io);
  if (!places.ok) return operationReport(places);
  using progress = showProgress(options, io);
  const { runs, verdict } = await reportOnChain({
    bundles: places.value.map(({ bundle }) => bundle),
    root: places.value[0]?.root ?? ".",
    home: places.value[0]?.home,
    from,
    jobs,
    signal: io.signal,
    progress: progress?.port,
    expectedChainRoot: expect,
    ignoreModes: options.ignoreModes,
  });
  if (verdict.ok) return soundChainReport(verdict.value, runs, choice, io);
  return rejectedOutputsReport(verdict, runs);
}

/** Verifies the runs of an archive as a chain, in their order there. */
async function verifyCarriedChain(
  open: OpenCarried,
  options: HistoryOptions,
  choice: TrustChoice,
  io: Io,
): Promise<Report> {
  const { expect, ignoreModes } = options;
  refuseProjectOptions(options);
  using progress = showProgress(options, io);
  const opened = await open({ policy: policyOf(choice) });
  if (!opened.ok) return operationReport(opened);
  await using source = opened.value;
  const { runs, verdict } = await reportOnCarriedChain({
    source,
    signal: io.signal,
    progress: progress?.port,
    expectedChainRoot: expect,
    ignoreModes,
  });
  if (verdict.ok) return soundChainReport(verdict.value, runs, choice, io);
  return rejectedOutputsReport(verdict, runs);
}

/** The end of a chain that was rejected: where the files of the run came from, and what to do about them. */
export function rejectedOutputsReport(
  failure: VerifyFailure,
  runs: readonly RunOutputs[],
  known: Partial<VerifyHistoryResult> = {},
): Report {
  const details = "phase" in failure ? failure.details : {};
  const last = runs.at(-1);
  const looked =
    last !== undefined && "run_id" in details && details.run_id === last.runId ? last : undefined;
  const report = rejectedChainReport(inStoreWords(failure, looked?.source), runs, looked, known);
  const kept = looked?.isKept === true ? [storeHint, ...(report.error?.hints ?? [])] : undefined;
  const hints =
    storedHints(looked?.source, failure.code, details) ??
    carriedHints(looked?.source, failure.code, details, false) ??
    kept;
  return withHints(report, hints);
}
