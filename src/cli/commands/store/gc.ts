/** `runseal gc`: removes objects that no bundle names from the project's store. @module */

import { resolve } from "node:path";
import { type CollectFault, collectGarbage } from "../../../node/index.ts";
import { projectRoot } from "../../options/project-root.ts";
import { operationReport, withLateFault } from "../../output/failure-report.ts";
import type { Io } from "../../output/io.ts";
import { doneReport, type Report } from "../../output/report.ts";
import { type ProgressOptions, showProgress } from "../../progress/show-progress.ts";
import { removalFacts } from "./removal-facts.ts";
import { collectedLines, collectedRemarks, removedLine } from "./store-text.ts";

/** The options as parsed. */
export interface GcOptions extends ProgressOptions {
  readonly root?: string | undefined;
  readonly dryRun?: true | undefined;
}

/** Collects garbage. */
export async function runGc(options: GcOptions, io: Io): Promise<Report> {
  const dryRun = options.dryRun === true;
  const project = projectRoot(options.root, io);
  if (!project.ok) return operationReport(project);
  const root = resolve(io.cwd, project.value);
  using progress = showProgress(options, io);
  const collected = await collectGarbage({
    root,
    environment: io.environment,
    dryRun,
    signal: io.signal,
    progress: progress?.port,
  });
  if (!collected.ok) return failedReport(collected, options, project.value);
  const { unreleased, ...removals } = collected.value;
  const report: Report = doneReport(
    dryRun ? "nothing was removed: this is what would be" : "removed what no bundle names",
    removalFacts(removals),
    collectedLines(removals, dryRun),
    { remarks: collectedRemarks(removals) },
  );
  return withLateFault(report, unreleased);
}

/** Reports what was removed before the failure too. */
function failedReport(fault: CollectFault, { dryRun }: GcOptions, root: string): Report {
  const report = operationReport(atRoot(fault, root));
  const { removals } = fault;
  if (removals === undefined) return report;
  const facts = { ...report.facts, ...removalFacts(removals) };
  const text = dryRun === true ? "" : removedLine(removals);
  return { ...report, facts, text, remarks: collectedRemarks(removals) };
}

type Fault = Parameters<typeof operationReport>[0];

/** Names a root that isn't there as the caller did. */
export function atRoot(fault: Fault, path: string): Fault {
  return fault.code === "ROOT_NOT_FOUND" ? { ...fault, details: { ...fault.details, path } } : fault;
}
