/** `runseal prune --all-guards`: drops old snapshots of each guard of this user on this machine. @module */

import { quoteIfNeeded } from "../../../core/internal.ts";
import { countOf, numberOf } from "../../../core/system/bytes/count-text.ts";
import { listGuards } from "../../../node/back/guard/list-guards.ts";
import { guardOfPath } from "../../../node/back/guard/locate-guard.ts";
import type { Signer } from "../../../node/keys/signer.ts";
import { operationFault } from "../../../node/system/runtime/operation-fault.ts";
import { operationReport } from "../../output/failure-report.ts";
import type { Io } from "../../output/io.ts";
import { doneReport, type Report } from "../../output/report.ts";
import type { PruneAllGuardsResult, PrunedGuardFacts } from "./prune-results.ts";
import { agreesToDrop, agreesToPrune, dropsGuards, type PruneOptions, pruneRuns } from "./prune-runs.ts";
import { prunedReport } from "./prune-text.ts";

interface PrunedGuard extends PrunedGuardFacts {
  readonly report: Report;
}

/** Prunes one guard after the other. What goes wrong with one leaves the others, and is the end of the command. */
export async function pruneAllGuards(options: PruneOptions, io: Io): Promise<Report> {
  const listed = listGuards(io.environment);
  if (!listed.ok) return operationReport(listed);
  const count = listed.value.filter(({ guarded }) => guarded.ok).length;
  const isAsked = count > 0 && options.dryRun !== true;
  const missing = listed.value.filter(({ isGone }) => isGone).length;
  if (missing > 0 && dropsGuards(options) && !(await agreesToDrop(options, io, countOf(missing, "guard"))))
    return operationReport(operationFault("DECLINED"));
  if (isAsked && !(await agreesToPrune(options, io, ` of ${countOf(count, "guard")}`)))
    return operationReport(operationFault("DECLINED"));
  const lent: { signer?: Signer } = {};
  const guards: PrunedGuard[] = [];
  try {
    for (const guard of listed.value) {
      const { guarded, home, isGone } = guard;
      const located = guarded.ok ? guardOfPath(guarded.value, io) : guarded;
      const done = located.ok
        ? await pruneRuns(
            {
              folder: located.value.home,
              shown: located.value.homePath,
              isGuard: true,
              missing: isGone && dropsGuards(options) ? located.value.root : undefined,
              lent,
            },
            { ...options, yes: true },
            io,
          )
        : operationReport(located);
      const { collected, forgotten } = "facts" in done ? {} : done;
      const bytes = (collected?.ok === false ? collected.removals : collected?.value)?.bytes ?? 0;
      const report = "facts" in done ? done : prunedReport(done);
      const path = guarded.ok ? guarded.value : null;
      const { code } = report.facts;
      const dropped = forgotten?.forgotten.length ?? 0;
      guards.push({ path, home, gone: isGone, code, forgotten: dropped, bytes, report });
    }
  } finally {
    lent.signer?.[Symbol.dispose]();
  }
  return guardsReport(guards, options.dryRun === true);
}

/** The end of the first that failed, else of all. */
function guardsReport(pruned: readonly PrunedGuard[], isDry: boolean): Report {
  const total = pruned.reduce((sum, { bytes }) => sum + bytes, 0);
  const lines = pruned.map(({ bytes, code, forgotten, gone, home, path }) => {
    const what = code === "OK" ? countOf(forgotten, "snapshot") : code;
    const freed = numberOf(bytes).padStart(numberOf(total).length);
    return `${freed}  ${what.padEnd(12)}  ${quoteIfNeeded(path ?? home)}${gone ? "  (missing)" : ""}\n`;
  });
  const end = isDry ? "would be freed: nothing was removed" : "freed";
  const text = `${lines.join("")}${numberOf(total)}  bytes ${end}\n`;
  const known = { guards: pruned.map(({ report: _, ...facts }) => facts), bytes: total };
  const remarks = pruned.flatMap(({ report }) => report.remarks ?? []);
  const failed = pruned.find(({ report }) => !report.facts.ok)?.report;
  return failed === undefined
    ? doneReport<PruneAllGuardsResult>("pruned the guards", known, text, { remarks })
    : { ...failed, facts: { ...failed.facts, ...known }, text, remarks };
}
