/**
 * The history of a project on a disk: every bundle in it, and the heads, put in order (PROTOCOL 18), by what the bundles claim or by
 * what was judged of them.
 *
 * @module
 */

import { lstatSync } from "node:fs";
import { join } from "node:path";
import {
  computeHistory,
  type History,
  type HistoryHeads,
  type HistoryRun,
  isSigned,
  ok,
  type Rejection,
  type Result,
} from "../../core/internal.ts";
import { isSameHead } from "../project/head.ts";
import { runsFolderOf } from "../project/project-names.ts";
import { breathe } from "../runtime/interruption.ts";
import { isSameDigest, nodeCrypto } from "../runtime/node-crypto.ts";
import type { OperationFault } from "../runtime/operation-fault.ts";
import { NOTHING_DONE, type ProgressCount, type WorkOptions } from "../runtime/progress.ts";
import { listRuns } from "./list-runs.ts";
import { readClaims } from "./look-at-run.ts";
import { type HeadsRequest, readHeads } from "./read-heads.ts";

/** Whose history. */
export interface HistoryRequest extends WorkOptions, Omit<HeadsRequest, "isLenient"> {}

/** A history and the heads that it was compared with. */
export interface ReadHistory<Run> {
  readonly history: History<Run>;
  readonly heads: HistoryHeads;
}

type HistoryResult<Run> = Result<ReadHistory<Run>, OperationFault | Rejection>;

/** Puts runs in order by what the bundles claim, which is quick, and proves nothing. */
export function readClaimedHistory(request: HistoryRequest): Promise<HistoryResult<HistoryRun>> {
  return orderRuns(request, true, async (bundles, read) => {
    for (const [index, bundle] of bundles.entries()) {
      await breathe(index, request.signal);
      read.push(readClaims(bundle));
    }
  });
}

/** Reads bundles, and adds a run for each to the list. */
export type RunsReader<Run> = (bundles: readonly string[], read: Run[]) => Promise<void>;

/** How often to begin anew while others seal. */
const MAX_TRIES = 5;

/** Puts runs in order as a reader gives them. It is asked again where a seal ends meanwhile. */
export async function orderRuns<Run extends HistoryRun>(
  { environment, progress, root }: HistoryRequest,
  isLenient: boolean,
  reader: RunsReader<Run>,
): Promise<HistoryResult<Run>> {
  for (let tries = 1; ; tries++) {
    const before = readHeads({ root, environment, isLenient });
    if (!before.ok) return before;
    const runIds = listRuns(root);
    if (!runIds.ok) return runIds;
    const runs: Run[] = [];
    const count = (): ProgressCount => ({ ...NOTHING_DONE, bundles: runs.length });
    progress?.begin("read", { bundles: runIds.value.length }, count);
    await reader(
      runIds.value.map((runId) => join(runsFolderOf(root), runId)),
      runs,
    );
    // Read again behind the runs: a seal that is at work has said which bundle is its own before that appears.
    const heads = readHeads({ root, environment, isLenient });
    if (!heads.ok) return heads;
    // A seal that ended meanwhile must not look like a HEAD that was set back, or like a gap.
    if (tries === MAX_TRIES || isSameLine(before.value, heads.value)) {
      const there = runs.filter((run) => run.bundleRoot !== undefined || isThere(root, run.runId));
      return ok({ history: computeHistory(there, heads.value, nodeCrypto), heads: heads.value });
    }
  }
}

/** Whether neither a seal nor a cut came between. */
function isSameLine(before: HistoryHeads, after: HistoryHeads): boolean {
  const [earlier, later] = [before.cut, after.cut];
  const isSameCut =
    isSigned(earlier) && isSigned(later)
      ? isSameDigest(earlier.bundleRoot, later.bundleRoot)
      : isSigned(earlier) === isSigned(later);
  return isSameCut && isSameEnd(before.head, after.head);
}

/** A bundle that could not be read because it is being forgotten is gone by now; any other one that is gone leaves a gap. */
function isThere(root: string, runId: string): boolean {
  return lstatSync(join(runsFolderOf(root), runId), { throwIfNoEntry: false }) !== undefined;
}

function isSameEnd(before: HistoryHeads["head"], after: HistoryHeads["head"]): boolean {
  if (typeof before === "string" || typeof after === "string") return before === after;
  return isSameHead(before, after);
}
