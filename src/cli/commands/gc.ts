/** `runseal gc`: take out of the project's store what no bundle names. @module */

import { resolve } from "node:path";
import { collectGarbage } from "../../node/index.ts";
import type { Io } from "../io.ts";
import { type ProgressOptions, showProgress } from "../progress/show-progress.ts";
import type { Report } from "../report.ts";
import { operationReport } from "../text/operation-text.ts";
import { collectedLines, strayRemarks } from "../text/store-text.ts";

/** The options as parsed. */
export interface GcOptions extends ProgressOptions {
  readonly root: string;
  readonly dryRun?: true | undefined;
}

/** Collects garbage. */
export async function runGc(options: GcOptions, io: Io): Promise<Report> {
  const dryRun = options.dryRun === true;
  const root = resolve(io.cwd, options.root);
  using progress = showProgress(options, io);
  const collected = await collectGarbage({ root, dryRun, signal: io.signal, progress: progress?.port });
  if (!collected.ok) return operationReport(atRoot(collected, options.root));
  const { bytes, kept, partial, removed, strays } = collected.value;
  return {
    facts: {
      ok: true,
      code: "OK",
      message: dryRun ? "nothing was removed: this is what would be" : "removed what no bundle names",
      details: {},
      removed,
      bytes,
      kept,
      partial,
      strays,
      exit_code: 0,
    },
    text: collectedLines(collected.value, dryRun),
    remarks: strayRemarks(strays),
  };
}

type Fault = Parameters<typeof operationReport>[0];

/** Names a root that isn't there as the caller did. */
export function atRoot(fault: Fault, path: string): Fault {
  return fault.code === "ROOT_NOT_FOUND" ? { ...fault, details: { ...fault.details, path } } : fault;
}
