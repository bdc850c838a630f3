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
  DEFAULT_LIMITS,
  type History,
  type HistoryHeads,
  type HistoryRun,
  isSigned,
  newestHistory,
  ok,
  type Rejection,
  type Result,
} from "../../../core/internal.ts";
import { isSameHead } from "../../records/project/head-file.ts";
import { runsFolderOf } from "../../records/project/project-names.ts";
import { newestFirst } from "../../records/project/run-links.ts";
import { breathe } from "../../system/runtime/interruption.ts";
import { isSameDigest, nodeCrypto } from "../../system/runtime/node-crypto.ts";
import type { OperationFault } from "../../system/runtime/operation-fault.ts";
import { NOTHING_DONE, type ProgressCount, type WorkOptions } from "../../system/runtime/progress.ts";
import { readClaims } from "./inspect-run.ts";
import { listRuns } from "./list-runs.ts";
import { type HeadsRequest, readHeads } from "./read-heads.ts";

/** Whose history. */
export interface HistoryRequest extends WorkOptions, Omit<HeadsRequest, "isLenient"> {
  /** Read no more than so many of the newest runs, where these fit; default: all. */
  readonly newest?: number | undefined;
}

/** A history and the heads that it was compared with. */
export interface ReadHistory<Run> {
  readonly history: History<Run>;
  readonly heads: HistoryHeads;
  /** How many other bundles were not looked at. */
  readonly unread: number;
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

/** So many of the newest runs are judged where a command is not about the whole history. */
export const NEWEST_RUNS = 20;

/** How many times as many bundles are read where the newest do not fit. */
const MORE = 4;

/** Puts runs in order as a reader gives them. It is asked for more until they fit, and anew where a seal ends meanwhile. */
export async function orderRuns<Run extends HistoryRun>(
  { environment, newest = DEFAULT_LIMITS.runs, progress, root }: HistoryRequest,
  isLenient: boolean,
  reader: RunsReader<Run>,
): Promise<HistoryResult<Run>> {
  for (let tries = 1; ; tries++) {
    const before = readHeads({ root, environment, isLenient });
    if (!before.ok) return before;
    const runIds = listRuns(root);
    if (!runIds.ok) return runIds;
    const folder = runsFolderOf(root);
    const names = newest < runIds.value.length ? newestFirst(folder, runIds.value) : runIds.value;
    const bundles = names.map((name) => join(folder, name));
    const runs: Run[] = [];
    const count = (): ProgressCount => ({ ...NOTHING_DONE, bundles: runs.length });
    for (let wanted = newest + 1; ; wanted *= MORE) {
      const part = bundles.slice(0, wanted);
      progress?.begin("read", { bundles: part.length }, count);
      await reader(part.slice(runs.length), runs);
      // Read again behind the runs: a seal that is at work has said which bundle is its own before that appears.
      const heads = readHeads({ root, environment, isLenient });
      if (!heads.ok) return heads;
      // A seal that ended meanwhile must not look like a HEAD that was set back, or like a gap.
      if (tries < MAX_TRIES && !isSameLine(before.value, heads.value)) break;
      const there = runs.filter((run) => run.bundleRoot !== undefined || isThere(root, run.runId));
      const isAll = part.length === bundles.length;
      const history = isAll
        ? computeHistory(there, heads.value, nodeCrypto)
        : newestHistory(there, heads.value, nodeCrypto, newest);
      const unread = isAll ? 0 : bundles.length - (history?.places.size ?? 0);
      if (history !== undefined) return ok({ history, heads: heads.value, unread });
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
