/** `runseal prune`: removes from a project's store what no bundle names, or drops old snapshots of a guard. @module */

import { resolve } from "node:path";
import { collectGarbage } from "../../../node/index.ts";
import type { StoreOptions } from "../../options/guard-options.ts";
import { atRoot, projectPlace } from "../../options/project-root.ts";
import { SIGNER_FLAGS, type SignerOptions } from "../../options/signer-options.ts";
import { givenFlag, UsageError } from "../../options/usage-error.ts";
import { operationReport } from "../../output/failure-report.ts";
import type { Io } from "../../output/io.ts";
import type { Report } from "../../output/report.ts";
import { type ProgressOptions, showProgress } from "../../progress/show-progress.ts";
import { prunedReport } from "./prune-text.ts";

/** The options as parsed. */
export interface PruneOptions extends SignerOptions, StoreOptions, ProgressOptions {
  readonly project?: string | undefined;
  readonly guard?: string | undefined;
  readonly bundles?: true | undefined;
  readonly keepLast?: string | undefined;
  readonly keepDays?: string | undefined;
  readonly dryRun?: true | undefined;
}

/** Prunes the guard that the options name, else what is nearest: the project, or the guard of this folder. */
export async function runPrune(options: PruneOptions, io: Io): Promise<Report> {
  const isOfGuard = namesGuard(options);
  const project = projectPlace(options.project, io);
  const { home, root } = project.ok ? project.value : { home: ".", root: "." };
  // The project of a guard is outside of the guarded folder.
  if (isOfGuard || home !== root) {
    const { pruneGuard } = await import("./prune-runs.ts");
    return await pruneGuard(isOfGuard ? (options.guard ?? ".") : root, options, io);
  }
  if (!project.ok) return operationReport(project);
  if (options.bundles === true) {
    const { pruneBundles } = await import("./prune-runs.ts");
    return await pruneBundles(home, options, io);
  }
  refuseForProject(options);
  return await pruneProject(home, options, io);
}

async function pruneProject(home: string, options: PruneOptions, io: Io): Promise<Report> {
  const dryRun = options.dryRun === true;
  using progress = showProgress(options, io);
  const collected = await collectGarbage({
    root: resolve(io.cwd, home),
    environment: io.environment,
    dryRun,
    signal: io.signal,
    progress: progress?.port,
  });
  return prunedReport({
    forgotten: undefined,
    collected: collected.ok ? collected : { ...collected, ...atRoot(collected, home) },
    dryRun,
  });
}

/** Throws a usage error where the options name a project too. */
function namesGuard({ bundles, guard, project, store }: PruneOptions): boolean {
  const isNamed = guard !== undefined || store !== undefined;
  if (isNamed && (project !== undefined || bundles === true))
    throw new UsageError("--project and --bundles are for a project; --guard and --store are for a guard");
  return isNamed;
}

/** Throws a usage error for an option that has a meaning only where runs are dropped. */
function refuseForProject(options: PruneOptions): void {
  if (givenFlag(options, SIGNER_FLAGS) !== undefined)
    throw new UsageError("nothing is signed where no run is dropped; --bundles drops runs of a project");
  if (options.keepLast !== undefined || options.keepDays !== undefined)
    throw new UsageError("--keep-last and --keep-days say which runs stay; --bundles drops the others");
}
