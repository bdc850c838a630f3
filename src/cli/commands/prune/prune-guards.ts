/** `runseal prune --all-guards`: drops old snapshots of each guard of this user on this machine. @module */

import { quote, quoteIfNeeded } from "../../../core/internal.ts";
import { type ListedGuard, listGuards } from "../../../node/guard/list-guards.ts";
import { guardOfPath } from "../../../node/guard/locate-guard.ts";
import type { Signer } from "../../../node/keys/signer.ts";
import { operationFault } from "../../../node/runtime/operation-fault.ts";
import { operationReport } from "../../output/failure-report.ts";
import type { Io } from "../../output/io.ts";
import { doneReport, type Report } from "../../output/report.ts";
import { countOf, numberOf } from "../../text/count-text.ts";
import type { PruneOptions } from "./prune.ts";
import type { PruneAllGuardsResult } from "./prune-results.ts";
import { agreesToPrune, pruneRuns } from "./prune-runs.ts";
import { type Pruned, prunedReport } from "./prune-text.ts";

/** A guard, and what was done. */
interface PrunedGuard extends ListedGuard {
  readonly done: Pruned | Report;
}

/** Prunes one guard after the other. What goes wrong with one leaves the others, and is the end of the command. */
export async function pruneAllGuards(options: PruneOptions, io: Io): Promise<Report> {
  const guards = await listGuards(io.environment, io.signal);
  if (!guards.ok) return operationReport(guards);
  const isDry = options.dryRun === true;
  if (!isDry && !(await agreesToPrune(options, io))) return operationReport(operationFault("DECLINED"));
  const lent: { signer?: Signer } = {};
  try {
    const pruned: PrunedGuard[] = [];
    for (const guard of guards.value)
      pruned.push({ ...guard, done: await pruneGuard(guard, { ...options, yes: true }, lent, io) });
    return guardsReport(pruned, isDry);
  } finally {
    lent.signer?.[Symbol.dispose]();
  }
}

async function pruneGuard(
  { home, path }: ListedGuard,
  options: PruneOptions,
  lent: { signer?: Signer },
  io: Io,
): Promise<Pruned | Report> {
  const guard =
    path === undefined
      ? operationFault("GUARD_PLACE_REFUSED", { path: home, refusal: "malformed" })
      : guardOfPath(path, io);
  if (!guard.ok) return operationReport(guard);
  const { home: folder, homePath } = guard.value;
  return await pruneRuns({ folder, shown: homePath, isGuard: true, lent }, options, io);
}

function guardsReport(pruned: readonly PrunedGuard[], isDry: boolean): Report {
  const rows = pruned.map((guard) => ({ ...guard, ...rowOf(guard.done), shown: guard.path ?? guard.home }));
  const bytes = rows.reduce((sum, { freed }) => sum + freed, 0);
  const width = numberOf(bytes).length;
  const known: PruneAllGuardsResult = {
    guards: rows.map(({ forgotten, freed, isGone, path, report }) => ({
      path: path ?? null,
      gone: isGone,
      code: report.facts.code,
      forgotten,
      bytes: freed,
    })),
    bytes,
  };
  const lines = rows.map(({ forgotten, freed, isGone, report, shown }) => {
    const what = report.facts.ok ? countOf(forgotten, "snapshot") : report.facts.code;
    const name = `${quoteIfNeeded(shown)}${isGone ? "  (missing)" : ""}`;
    return `${numberOf(freed).padStart(width)}  ${what.padEnd(12)}  ${name}\n`;
  });
  const end = isDry ? "would be freed: nothing was removed" : "freed";
  const text = `${lines.join("")}${numberOf(bytes)}  bytes ${end}\n`;
  const remarks = rows.flatMap(({ report, shown }) =>
    (report.remarks ?? []).map((remark) => ({ ...remark, message: `${quote(shown)}: ${remark.message}` })),
  );
  const failed = rows.find(({ report }) => !report.facts.ok);
  if (failed === undefined)
    return doneReport<PruneAllGuardsResult>("pruned the guards", known, text, { remarks });
  const { error, facts } = failed.report;
  const message = `${quote(failed.shown)}: ${facts.message}`;
  return { facts: { ...facts, message, ...known }, text, remarks, error: { hints: [], ...error, message } };
}

/** How one guard ended, how many bundles it lost, and how many bytes. */
function rowOf(done: PrunedGuard["done"]): { report: Report; forgotten: number; freed: number } {
  if ("facts" in done) return { report: done, forgotten: 0, freed: 0 };
  const { collected, forgotten } = done;
  const removals = collected.ok ? collected.value : collected.removals;
  const report = prunedReport(done);
  return { report, forgotten: forgotten?.forgotten.length ?? 0, freed: removals?.bytes ?? 0 };
}
