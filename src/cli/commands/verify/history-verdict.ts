/** `runseal verify --history`: checks that a history is whole, of sound runs by trusted signers. @module */

import { type ChainNote, historyStatements, isDifference } from "../../../core/internal.ts";
import { reportOnHistory } from "../../../node/judge/history/verify-history.ts";
import { FolderSource } from "../../../node/judge/verify/folder-source.ts";
import type { RunOutputs } from "../../../node/judge/verify/outputs-record.ts";
import { type ChainReport, reportOnChain } from "../../../node/judge/verify/verify-chain-files.ts";
import { projectPlace } from "../../../node/library/places/project-place.ts";
import type { VerifyFailure } from "../../../node/records/bundle/verify-context.ts";
import { knowingGuardsKey } from "../../options/guards-own-key.ts";
import { placesOfBundles } from "../../options/run-operands.ts";
import { carrierOfAll, refuseProjectOptions } from "../../options/source-place.ts";
import { chooseTrust, policyOf } from "../../options/trust-options.ts";
import { operationReport } from "../../output/failure-report.ts";
import type { Io } from "../../output/io.ts";
import { type Report, withHints } from "../../output/report.ts";
import { ShownWork } from "../../progress/show-progress.ts";
import { carriedHints } from "../../verdict/carried-hints.ts";
import { type ChainMore, rejectedChainReport, soundChainReport } from "../../verdict/chain-facts.ts";
import { droppedLine, findingFaults, historyLines } from "../../verdict/finding-text.ts";
import { inStoreWords, storedHints, storeHint } from "../../verdict/stored-text.ts";
import { cutNotes, findingsReport, historyFacts } from "./history-facts.ts";
import { movedOf } from "./project-text.ts";
import { verifyOne } from "./verify.ts";
import type { HistoryOptions } from "./verify-options.ts";

/** Verifies the runs of an archive, those that are named, in that order, or without any the project's history. Throws usage errors. */
export async function runHistoryVerify(
  named: readonly string[],
  options: HistoryOptions,
  io: Io,
): Promise<Report> {
  const { expect, ignoreModes } = options;
  const from = options.stored === true ? "store" : "newest-root";
  const chosen = chooseTrust(options, io);
  if ("report" in chosen) return chosen.report;
  const choice = await knowingGuardsKey(chosen, options.project, io);
  using shown = new ShownWork(options, io);
  const work = { ...shown, expectedChainRoot: expect, ignoreModes };
  const ended = ({ runs, verdict }: ChainReport, more: ChainMore = {}): Report =>
    verdict.ok
      ? soundChainReport(verdict.value, runs, choice, io, { isVerbose: options.verbose === true, ...more })
      : rejectedOutputsReport(verdict, runs, more.known);
  if (named.length === 0) {
    const project = projectPlace(options.project, io);
    if (!project.ok) return operationReport(project);
    const place = { ...project.value, root: options.files ?? project.value.root };
    const read = await reportOnHistory({ ...work, ...place, from });
    if (!read.ok) return "phase" in read ? rejectedChainReport(read, []) : operationReport(read);
    const { dropped, heads, history, runs, verdict } = read.value;
    const known = historyFacts(read.value);
    const faults = findingFaults(history.findings);
    if (faults.length > 0) return findingsReport(faults, history, known);
    if (verdict === undefined) throw new TypeError("a history without findings has a verdict");
    if (!verdict.ok) return ended({ runs, verdict }, { known });
    const lacking = verdict.value.bundles.filter(({ bytes }) => bytes === undefined);
    const droppedNotes = lacking.map(
      ({ runId }): ChainNote => ({
        code: "HISTORY_BYTES_DROPPED",
        run_id: runId,
        subject: dropped?.droppedAt ?? "",
      }),
    );
    const notes = [...cutNotes(history), ...droppedNotes, ...verdict.value.notes];
    const text = historyLines(history, heads) + droppedLine(dropped, lacking);
    return ended(
      { runs, verdict },
      {
        known: { ...known, notes },
        text,
        statements: historyStatements(history.cut, dropped),
      },
    );
  }
  const carrier = carrierOfAll(named, io);
  if (carrier !== undefined) {
    refuseProjectOptions(options);
    const opened = await carrier({ policy: policyOf(choice) });
    if (!opened.ok) return operationReport(opened);
    await using source = opened.value;
    return ended(await reportOnChain({ ...work, source }));
  }
  const places = placesOfBundles(named, options, io);
  if (!places.ok) return operationReport(places);
  const [first] = places.value;
  const bundles = places.value.map(({ bundle }) => bundle);
  const { home, root = "." } = first ?? {};
  await using source = new FolderSource({ bundles, root, home, from, jobs: options.jobs });
  const chain = await reportOnChain({ ...work, source });
  shown.progress?.end();
  return (await movedReport(chain, named, options, io)) ?? ended(chain);
}

/** The same end in the words of `verify RUN`, where a later run of the project explains why the folder differs. */
async function movedReport(
  { runs, verdict }: ChainReport,
  named: readonly string[],
  options: HistoryOptions,
  io: Io,
): Promise<Report | undefined> {
  const last = named[runs.length - 1];
  const mayHaveMoved = !verdict.ok && isDifference(verdict) && runs.at(-1)?.source === "root";
  if (last === undefined || !mayHaveMoved) return undefined;
  const alone = { ...options, expect: undefined, ignore: [] };
  const { report, seen } = await verifyOne(last, alone, { from: "root", includes: "none" }, io);
  if (seen === undefined || movedOf(seen.project) === undefined) return undefined;
  const said = rejectedChainReport({ ...verdict, message: seen.verdict.sentence }, runs);
  return withHints(said, report.error?.hints);
}

/** The end of a history that was rejected: where the files of the run came from, and what to do about them. */
function rejectedOutputsReport(
  failure: VerifyFailure,
  runs: readonly RunOutputs[],
  known: object = {},
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
