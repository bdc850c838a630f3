/** `runseal log REF`: lists the runs of a repository, newest first. @module */

import {
  type HistoryPlace,
  type HistoryRun,
  orderNewestFirst,
  quote,
  type TrustPolicy,
} from "../../../core/internal.ts";
import { countOf } from "../../../core/system/bytes/count-text.ts";
import { inspectCarried, type SeenRun } from "../../../node/judge/history/inspect-run.ts";
import { reportOnRuns } from "../../../node/judge/verify/verify-bundle-files.ts";
import { listRepository, type TaggedRun } from "../../../node/move/carry/list-repository.ts";
import { openRun } from "../../../node/move/carry/open-carried.ts";
import { RegistrySource } from "../../../node/move/carry/registry-source.ts";
import { isBrokenContent } from "../../../node/move/registry/malformed.ts";
import type { Repository } from "../../../node/move/registry/repository.ts";
import { nodeCrypto } from "../../../node/system/runtime/node-crypto.ts";
import type { OperationFault } from "../../../node/system/runtime/operation-fault.ts";
import { openReference, type RegistryOptions, readReference } from "../../options/registry-options.ts";
import { chooseTrust, policyOf, type TrustOptions } from "../../options/trust-options.ts";
import { UsageError } from "../../options/usage-error.ts";
import { operationReport } from "../../output/failure-report.ts";
import type { Io } from "../../output/io.ts";
import { doneReport, isSilent, note, type Remark, type Report, warning } from "../../output/report.ts";
import { type ProgressOptions, ShownWork } from "../../progress/show-progress.ts";
import { wrapped } from "../../text/wrapped.ts";
import { digestReference } from "../../verdict/carried-text.ts";
import { listedWords, placeWidth, runLine } from "./history-text.ts";
import { listColumns } from "./list-columns.ts";
import type { LoggedRunFacts, LogResult } from "./log-results.ts";
import { runFacts, trustOf } from "./run-facts.ts";

/** The options as parsed. */
export interface RepositoryLogOptions extends RegistryOptions, TrustOptions, ProgressOptions {
  readonly verify?: true | undefined;
}

/** Lists the runs of a repository, of which at most so many are judged and printed. Throws usage errors. */
export async function runRepositoryLog(
  text: string,
  limit: number,
  options: RepositoryLogOptions,
  io: Io,
): Promise<Report> {
  const choice = chooseTrust(options, io);
  if ("report" in choice) return choice.report;
  const reference = readReference(text);
  if (!reference.ok) return operationReport(reference);
  const opened = openReference(reference.value, options, { makes: false }, io);
  if (!opened.ok) return operationReport(opened);
  using repository = opened.value;
  const { digest, tag } = reference.value;
  if (digest !== undefined || tag !== undefined)
    throw new UsageError(`log lists a whole repository: leave the tag or digest of ${quote(text)} out`);
  using work = new ShownWork(options, io, true);
  const listed = await listRepository(repository, work);
  if (!listed.ok) return operationReport(listed);
  const ordered = orderNewestFirst(listed.value.history, nodeCrypto);
  const { history, runs } = listed.value;
  const chosen = ordered.slice(0, limit);
  const placeOf = (run: HistoryRun): HistoryPlace => history.places.get(run) ?? "unknown";
  const columns = listColumns(
    chosen.map(({ runId }) => runId),
    io.columns,
    placeWidth(chosen.map(placeOf)),
  );
  const style = { columns, colour: io.colour, isVerified: options.verify === true };
  const rows: LoggedRunFacts[] = [];
  for (const claimed of chosen) {
    const tagged = runs.get(claimed);
    if (tagged === undefined || io.isUnread()) break;
    const seen = await lookAt(repository, tagged, policyOf(choice), style.isVerified, work);
    if ("code" in seen) return operationReport(seen);
    const trust = trustOf(seen.sealed, choice, io.now());
    const { tags } = tagged;
    if (options.json === true) {
      const reference = digestReference(repository.shown, tagged);
      rows.push({ ...runFacts(seen, trust), place: placeOf(claimed), reference, tags });
    } else if (!isSilent(options))
      io.writeOut(`${runLine(seen, trust, placeOf(claimed), style)}  ${tags.join(" ")}\n`);
  }
  const { broken, more: hasMoreTags, others } = listed.value;
  const { isVerified } = style;
  const shown = Math.min(limit, ordered.length);
  const end = shown === 0 ? "no run was pushed here yet" : listedWords(shown, ordered.length, isVerified);
  return doneReport<LogResult>(
    "listed",
    {
      of: "repository",
      repository: repository.shown,
      // A registry carries no HEAD.
      head: null,
      outputs_hashed: isVerified,
      suspicious: false,
      runs: rows,
      unlisted_runs: [],
      more: ordered.length - shown,
      other_tags: others + broken,
      more_tags: hasMoreTags,
    },
    wrapped(end, io.columns ?? Number.MAX_SAFE_INTEGER, "  ", ""),
    { remarks: remarksOf(hasMoreTags, others + broken) },
  );
}

/** Judges a run by its artifacts, and with --verify by its outputs too. */
async function lookAt(
  repository: Repository,
  tagged: TaggedRun,
  policy: TrustPolicy | undefined,
  isVerified: boolean,
  { progress, signal }: ShownWork,
): Promise<SeenRun | OperationFault> {
  const run = await openRun(repository, tagged, { policy, signal });
  if (!run.ok) {
    // One run that is broken must not hide the others.
    return isBrokenContent(run) ? { failure: run, run: tagged.claimed, sealed: undefined } : run;
  }
  const seen = inspectCarried(run.value);
  if (!isVerified || seen.failure !== undefined) return seen;
  await using source = new RegistrySource({ repository, address: tagged, run: run.value });
  const reports = await reportOnRuns(source, { signal, progress, untilFailure: true });
  const verdict = reports.ok ? reports.value[0]?.verdict : reports;
  return verdict?.ok === false ? { ...seen, failure: verdict } : seen;
}

function remarksOf(hasMoreTags: boolean, others: number): readonly Remark[] {
  const leads = others === 1 ? "leads" : "lead";
  const elsewhere = `${countOf(others, "tag")} of the repository ${leads} to something else than a run`;
  const unread = "the repository has more than runseal reads: runs may be missing from the list";
  return [...(others > 0 ? [note(elsewhere)] : []), ...(hasMoreTags ? [warning(unread)] : [])];
}
