/** `runseal chain verify BUNDLE…`: in this order, whole, each by somebody I trust? @module */

import { type VerifyFailure, verifyChain } from "../../node/index.ts";
import { placeOfBundle } from "../bundle-place.ts";
import { type CachedOptions, openCache, withCache } from "../cached.ts";
import { rejectedChainReport, soundChainReport } from "../chain-facts.ts";
import { checkExpectedRoot } from "../expected-root.ts";
import type { Io } from "../io.ts";
import { chooseJobs, type JobsOptions } from "../jobs.ts";
import { type ProgressOptions, showProgress } from "../progress/show-progress.ts";
import { type Report, withHints } from "../report.ts";
import { storedHints } from "../text/stored-text.ts";
import { chooseTrust, type TrustOptions } from "../trust-options.ts";

/** The options as parsed. */
export interface ChainVerifyOptions extends TrustOptions, JobsOptions, CachedOptions, ProgressOptions {
  readonly root?: string | undefined;
  readonly expectRoot?: string | undefined;
  readonly stored?: true | undefined;
}

/** Verifies a chain in the order given. */
export async function runChainVerify(
  bundles: readonly string[],
  options: ChainVerifyOptions,
  io: Io,
): Promise<Report> {
  const { expectRoot } = options;
  checkExpectedRoot(expectRoot);
  const jobs = chooseJobs(options);
  const choice = chooseTrust(options, io);
  if ("report" in choice) return choice.report;
  const places = bundles.map((text) => placeOfBundle(text, options.root, io.cwd));
  const cache = openCache(options, choice, io);
  const expected = expectRoot === undefined ? {} : { expectedRoot: expectRoot };
  using progress = showProgress(options, io);
  const verdict = await verifyChain({
    bundles: places.map(({ bundle }) => bundle),
    root: places[0]?.root ?? ".",
    from: options.stored === true ? "store" : "root",
    jobs,
    signal: io.signal,
    progress: progress?.port,
    memory: cache,
    ...expected,
  });
  const report = verdict.ok
    ? soundChainReport(verdict.value, choice, io)
    : rejectedStoredReport(verdict, options);
  return withCache(report, cache);
}

/** The end of a chain that was rejected, and what to do where the store was looked at and is to blame. */
export function rejectedStoredReport(
  failure: VerifyFailure,
  { stored }: Pick<ChainVerifyOptions, "stored">,
  known: object = {},
): Report {
  const details = "phase" in failure ? failure.details : {};
  const hints = storedHints(stored === true ? "store" : undefined, failure.code, details);
  return withHints(rejectedChainReport(failure, known), hints);
}
