/** `runseal chain verify BUNDLE…`: in this order, whole, each by somebody I trust? @module */

import { verifyChain } from "../../node/index.ts";
import { placeOfBundle } from "../bundle-place.ts";
import { type CachedOptions, openCache, withCache } from "../cached.ts";
import { rejectedChainReport, soundChainReport } from "../chain-facts.ts";
import { checkExpectedRoot } from "../expected-root.ts";
import type { Io } from "../io.ts";
import { chooseJobs, type JobsOptions } from "../jobs.ts";
import { type ProgressOptions, showProgress } from "../progress/show-progress.ts";
import type { Report } from "../report.ts";
import { chooseTrust, type TrustOptions } from "../trust-options.ts";

/** The options as parsed. */
export interface ChainVerifyOptions extends TrustOptions, JobsOptions, CachedOptions, ProgressOptions {
  readonly root?: string | undefined;
  readonly expectRoot?: string | undefined;
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
    jobs,
    signal: io.signal,
    progress: progress?.port,
    memory: cache,
    ...expected,
  });
  const report = verdict.ok ? soundChainReport(verdict.value, choice, io) : rejectedChainReport(verdict);
  return withCache(report, cache);
}
