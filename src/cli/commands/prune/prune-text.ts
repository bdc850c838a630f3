/** What `prune` says of what it removed. @module */

import { countOf } from "../../../core/system/bytes/count-text.ts";
import type { Result } from "../../../core/system/bytes/result.ts";
import { runName } from "../../../core/system/paths/run-name.ts";
import type { ForgottenAndCollected } from "../../../node/back/guard/prune/forget.ts";
import type { Collected, CollectFault, Removals } from "../../../node/records/store/collect/removals.ts";
import { operationReport, withLateFault } from "../../output/failure-report.ts";
import { doneReport, note, type Remark, type Report } from "../../output/report.ts";
import { someOf } from "../../text/bounded-list.ts";
import { cutFacts } from "../../verdict/verdict-facts.ts";
import { collectedLines, collectedRemarks, freedLine } from "../store/store-text.ts";
import type { PruneResult } from "./prune-results.ts";

/** What was removed, or after a dry run would be. */
export interface Pruned {
  /** Undefined where only what no bundle names was removed. */
  readonly forgotten: ForgottenAndCollected | undefined;
  readonly collected: Result<Collected, CollectFault>;
  readonly dryRun: boolean;
}

/** Reports what was removed, before a failure too: the history verifies, and the next prune removes the rest. */
export function prunedReport({ collected, dryRun, forgotten }: Pruned): Report {
  const removals = collected.ok ? collected.value : collected.removals;
  const facts = forgottenFacts(forgotten);
  const runs = forgotten === undefined ? "" : forgottenLines(forgotten, dryRun);
  const remarks = [
    ...lackingRemarks(forgotten?.lacking ?? []),
    ...(removals === undefined ? [] : collectedRemarks(removals)),
  ];
  if (!collected.ok) {
    const failed = operationReport(collected);
    const freed = removals === undefined || dryRun ? "" : freedLine(removals, dryRun);
    return {
      ...failed,
      facts: { ...failed.facts, ...facts, ...(removals === undefined ? {} : removalFacts(removals)) },
      text: runs + freed,
      remarks,
    };
  }
  const message = dryRun ? "nothing was removed: this is what would be" : "removed what is not needed";
  const text = runs + collectedLines(collected.value, dryRun);
  return withLateFault(
    withLateFault(
      doneReport<PruneResult>(message, { ...facts, ...removalFacts(collected.value) }, text, { remarks }),
      collected.value.unreleased,
    ),
    forgotten?.unreleased,
  );
}

function forgottenLines(
  { cut, forgotten, kept, keepsBundles }: ForgottenAndCollected,
  dryRun: boolean,
): string {
  const runs = forgotten.filter(({ counts }) => counts).map(({ runId }) => runId);
  const bundles =
    forgotten.length === runs.length || keepsBundles ? "" : ` (${countOf(forgotten.length, "bundle")})`;
  const what = keepsBundles ? "the bytes of " : "";
  const named = someOf(runs.map(runName));
  return (
    `${dryRun ? "plan    " : "dropped "} ${what}${countOf(runs.length, "run")}${bundles}${named === "" ? "" : `: ${named}`}\n` +
    `kept     ${countOf(kept, "run")}${keepsBundles ? ", and all bundles" : ""}\n` +
    (cut === undefined
      ? ""
      : `cut      the history ${dryRun ? "would begin" : "begins"} at ${runName(cut.runId)}\n`)
  );
}

function lackingRemarks(lacking: readonly string[]): readonly Remark[] {
  if (lacking.length === 0) return [];
  return [
    note(
      `not dropped, as the store does not have all of their bytes as sealed: ${someOf(lacking.map(runName))}`,
      "they were sealed with --no-keep, or bytes were lost: runseal verify --history looks for them",
    ),
  ];
}

type ForgottenMember = "forgotten" | "dropped_run_ids" | "kept_runs" | "cut";

/** The same for a program. */
function forgottenFacts(done: ForgottenAndCollected | undefined): Pick<PruneResult, ForgottenMember> {
  if (done === undefined) return { forgotten: [], dropped_run_ids: [], kept_runs: null, cut: null };
  const { cut, forgotten, kept, keepsBundles } = done;
  return {
    forgotten: keepsBundles ? [] : forgotten.map(({ counts, runId }) => ({ run_id: runId, counts })),
    dropped_run_ids: keepsBundles ? forgotten.map(({ runId }) => runId) : [],
    kept_runs: kept,
    cut: cut === undefined ? null : { run_id: cut.runId, ...cutFacts(cut) },
  };
}

function removalFacts(removals: Removals): Omit<PruneResult, ForgottenMember> {
  const { bytes, damaged, kept, packsRemoved, packsWritten, partial, removed, strays } = removals;
  return {
    removed,
    bytes,
    kept,
    packs_removed: packsRemoved,
    packs_written: packsWritten,
    waste: removals.waste,
    partial,
    strays,
    damaged,
    unreadable: removals.unreadable,
  };
}
