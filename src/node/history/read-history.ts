/**
 * The history of a project on a disk: every bundle in it, and the heads, put in order (PROTOCOL 18).
 *
 * @module
 */

import { join } from "node:path";
import {
  computeHistory,
  type History,
  type HistoryHeads,
  type HistoryRun,
  ok,
  type Rejection,
  type Result,
} from "../../core/index.ts";
import { breathe } from "../interruption.ts";
import type { Environment } from "../keys/key-store.ts";
import { nodeCrypto } from "../node-crypto.ts";
import type { OperationFault } from "../operation-fault.ts";
import { NOTHING_DONE, type Progress, type ProgressCount } from "../progress.ts";
import { isSameHead } from "../project/head.ts";
import { runsFolderOf } from "../project/project-names.ts";
import type { SignatureMemory } from "../verify/signature-memory.ts";
import type { VerifyFailure } from "../verify/verify-bundle-files.ts";
import { listRuns } from "./list-runs.ts";
import { lookAtRun, readClaims } from "./look-at-run.ts";
import { readHeads } from "./read-heads.ts";

/** Whose history. */
export interface HistoryRequest {
  /** The project root. */
  readonly root: string;
  /** Says where the user's state is, and so which head was remembered. */
  readonly environment: Environment;
  readonly signal?: AbortSignal | undefined;
  /** Whose signatures are known to hold; those that are found to are added. */
  readonly memory?: SignatureMemory | undefined;
  /** Who is told how far it is. */
  readonly progress?: Progress | undefined;
}

/** A run whose artifacts were judged, and what for it was rejected. */
export interface JudgedHistoryRun extends HistoryRun {
  readonly failure: VerifyFailure | undefined;
}

/** A history and the heads that it was held against. */
export interface ReadHistory<Run> {
  readonly history: History<Run>;
  readonly heads: HistoryHeads;
}

type HistoryResult<Run> = Result<ReadHistory<Run>, OperationFault | Rejection>;

/** Judges every bundle by its artifacts, one after the other, and keeps of each no more than its place needs. */
export function readHistory(request: HistoryRequest): Promise<HistoryResult<JudgedHistoryRun>> {
  return orderRuns(request, false, (bundle) => {
    const { failure, run } = lookAtRun(bundle, request.memory);
    return { ...run, failure };
  });
}

/** The same by what the bundles claim, which is quick, and proves nothing: for showing runs in their order. */
export function readClaimedHistory(request: HistoryRequest): Promise<HistoryResult<HistoryRun>> {
  return orderRuns(request, true, readClaims);
}

/** How often to begin anew while others seal. */
const MAX_TRIES = 5;

async function orderRuns<Run extends HistoryRun>(
  request: HistoryRequest,
  isLenient: boolean,
  read: (bundle: string) => Run,
): Promise<HistoryResult<Run>> {
  const { environment, root } = request;
  for (let tries = 1; ; tries++) {
    const before = readHeads({ root, environment, isLenient });
    if (!before.ok) return before;
    const runs = await readRuns(request, read);
    if (!runs.ok) return runs;
    // Read again behind the runs: a seal that is at work has said which bundle is its own before that appears.
    const heads = readHeads({ root, environment, isLenient });
    if (!heads.ok) return heads;
    // A seal that ended meanwhile must not look like a HEAD that was set back, or like a gap.
    if (tries === MAX_TRIES || isSameEnd(before.value.head, heads.value.head)) {
      return ok({ history: computeHistory(runs.value, heads.value, nodeCrypto), heads: heads.value });
    }
  }
}

async function readRuns<Run extends HistoryRun>(
  { progress, root, signal }: HistoryRequest,
  read: (bundle: string) => Run,
): Promise<Result<readonly Run[], OperationFault | Rejection>> {
  const runIds = listRuns(root);
  if (!runIds.ok) return runIds;
  const runs: Run[] = [];
  const count = (): ProgressCount => ({ ...NOTHING_DONE, bundles: runs.length });
  progress?.begin("read", { bundles: runIds.value.length }, count);
  for (const [index, runId] of runIds.value.entries()) {
    await breathe(index, signal);
    runs.push(read(join(runsFolderOf(root), runId)));
  }
  return ok(runs);
}

function isSameEnd(before: HistoryHeads["head"], after: HistoryHeads["head"]): boolean {
  if (typeof before === "string" || typeof after === "string") return before === after;
  return isSameHead(before, after);
}
