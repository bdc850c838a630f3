/** `runseal prune`: removes from a project's store what no bundle names, drops bytes of old runs, or drops old snapshots of a guard. @module */

import { resolve } from "node:path";
import { projectPlace } from "../../../node/library/places/project-place.ts";
import { collectGarbage } from "../../../node/records/store/collect/collect-garbage.ts";
import { atRoot } from "../../options/project-root.ts";
import { SIGNER_FLAGS } from "../../options/shared-options.ts";
import { refuseGiven, UsageError } from "../../options/usage-error.ts";
import { operationReport } from "../../output/failure-report.ts";
import type { Io } from "../../output/io.ts";
import type { Report } from "../../output/report.ts";
import { ShownWork } from "../../progress/show-progress.ts";
import type { PruneOptions } from "./prune-runs.ts";
import { prunedReport } from "./prune-text.ts";

/** Prunes the guards that the options name, else what is nearest: the project, or the guard of this folder. */
export async function runPrune(options: PruneOptions, io: Io): Promise<Report> {
  if (options.allGuards === true)
    return await (await import("./prune-guards.ts")).pruneAllGuards(options, io);
  const isOfGuard = options.guard !== undefined || options.store !== undefined;
  const project = projectPlace(options.project, io);
  const { home, root } = project.ok ? project.value : { home: ".", root: "." };
  // The project of a guard is outside of the guarded folder.
  if (isOfGuard || home !== root) {
    const { pruneGuard } = await import("./prune-runs.ts");
    return await pruneGuard(isOfGuard ? (options.guard ?? ".") : root, options, io);
  }
  if (!project.ok) return operationReport(project);
  if (options.keepLast === 0) throw new UsageError("--keep-last 0 goes with --guard or --all-guards");
  const isKept = options.keepLast !== undefined || options.keepDays !== undefined;
  if (options.bundles === true || isKept) {
    const { pruneHistory } = await import("./prune-runs.ts");
    return await pruneHistory(home, options, io);
  }
  refuseGiven(
    options,
    SIGNER_FLAGS,
    "goes with --keep-last, --keep-days or --bundles: else nothing is signed",
  );
  return await pruneProject(home, options, io);
}

async function pruneProject(home: string, options: PruneOptions, io: Io): Promise<Report> {
  const dryRun = options.dryRun === true;
  using work = new ShownWork(options, io);
  const collected = await collectGarbage({ ...work, root: resolve(io.cwd, home), dryRun });
  return prunedReport({
    forgotten: undefined,
    collected: collected.ok ? collected : { ...collected, ...atRoot(collected, home) },
    dryRun,
  });
}
