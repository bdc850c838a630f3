/**
 * Verifying the history of a project: every bundle judged by its artifacts, put in order, and where all of it fits, its runs
 * verified as a chain (PROTOCOL 9 and 18).
 *
 * @module
 */

import { join } from "node:path";
import {
  BundleChain,
  checkRunIds,
  type DroppedBytes,
  type HexDigest,
  type HistoryRun,
  inputsOf,
  type JudgedBundle,
  judgeRun,
  type OpenedBundle,
  ok,
  type Rejection,
  type Result,
  type VerifiedChain,
  type VerifyContext,
} from "../../../core/internal.ts";
import { openBundle, runIdOf } from "../../records/bundle/open-bundle.ts";
import { artifactBytes, type VerifyFailure } from "../../records/bundle/verify-context.ts";
import { runsFolderOf } from "../../records/project/project-names.ts";
import { breathe } from "../../system/runtime/interruption.ts";
import { isSameDigest } from "../../system/runtime/node-crypto.ts";
import { type OperationFault, operationFault } from "../../system/runtime/operation-fault.ts";
import { reclaimAmongMany, reclaimMemory } from "../../system/runtime/reclaim-memory.ts";
import { WorkerPool } from "../../system/work/worker-pool.ts";
import { cryptoFor } from "../verify/chain-signatures.ts";
import { concludeChain } from "../verify/expected-bundle.ts";
import { FolderSource } from "../verify/folder-source.ts";
import { judgeSource } from "../verify/judge-source.ts";
import { OutputsRecord, type RunOutputs } from "../verify/outputs-record.ts";
import { type VerifyChainRequest, verifyInto } from "../verify/verify-chain-files.ts";
import { DroppedRuns } from "./dropped-runs.ts";
import { inspectRun, type SeenRun } from "./inspect-run.ts";
import { type HistoryRequest, orderRuns, type ReadHistory } from "./read-history.ts";

/**
 * Bundles are held until their history is known, if all of their artifacts have no more bytes, which take five times as many in memory.
 * Otherwise each is read once more: an attacker who can write to a project can add any number of bundles, each as large as the limits
 * allow.
 */
export const MOST_HELD_BYTES: number = 24 * 1024 * 1024;

/** Whose history, and where its outputs are. */
export interface VerifyHistoryRequest
  extends HistoryRequest,
    Pick<VerifyChainRequest, "from" | "expectedChainRoot" | "ignoreModes" | "jobs"> {
  /** The project whose history it is, where its outputs are below another root; default: the root. */
  readonly home?: string | undefined;
}

/** A run whose artifacts were judged. */
export interface JudgedHistoryRun extends HistoryRun {
  /** What it was rejected for. */
  readonly failure: VerifyFailure | undefined;
}

/** A history, and what comes of its runs. */
export interface VerifiedHistory extends ReadHistory<JudgedHistoryRun> {
  /** Undefined where there are findings: then no output was looked at. */
  readonly verdict: Result<VerifiedChain, VerifyFailure> | undefined;
  /** Says why outputs of runs are missing; undefined where no run lacks any. The caller judges its signer. */
  readonly dropped: DroppedBytes | undefined;
  /** Each run of the history whose outputs were looked for, oldest first, up to the first that failed. */
  readonly runs: readonly RunOutputs[];
}

/**
 * Judges every bundle of a project by its artifacts, and orders the runs. Looks at no output. Fails as `readHeads` and `listRuns` do.
 */
export async function judgeHistory(
  request: HistoryRequest,
  isLenient = false,
): Promise<Result<ReadHistory<JudgedHistoryRun>, OperationFault | Rejection>> {
  return await orderRuns<JudgedHistoryRun>(request, isLenient, (bundles, runs) =>
    judgeEach(bundles, runs, request, judgedRun),
  );
}

/** Judges every bundle of a project, orders the runs, and verifies its runs where there are no findings. */
export async function reportOnHistory(
  request: VerifyHistoryRequest,
): Promise<Result<VerifiedHistory, OperationFault | Rejection>> {
  const pool = new WorkerPool(request.jobs);
  try {
    const record = new OutputsRecord();
    let judged = new JudgedBundles();
    const home = homeOf(request);
    const read = await orderRuns<JudgedHistoryRun>(
      { ...request, root: home },
      false,
      async (bundles, runs) => {
        judged = new JudgedBundles();
        await judgeEach(bundles, runs, request, (seen) => {
          if (seen.judged !== undefined) judged.add(seen.judged);
          return judgedRun(seen);
        });
      },
    );
    if (!read.ok) return read;
    const { cut, findings, line } = read.value.history;
    const dropped = new DroppedRuns(home);
    const verdict =
      findings.length > 0
        ? undefined
        : await verifyRuns(line, judged, { ...request, pool, record, dropped, cutRoot: cut?.bundleRoot });
    const lacksBytes = verdict?.ok === true && verdict.value.bundles.some(({ bytes }) => bytes === undefined);
    return ok({
      ...read.value,
      verdict,
      dropped: lacksBytes ? dropped.record : undefined,
      runs: await record.finish({ ...request, pool }),
    });
  } finally {
    pool.dismiss();
  }
}

function homeOf({ home, root }: VerifyHistoryRequest): string {
  return home ?? root;
}

/** Bundles whose artifacts were judged. */
class JudgedBundles {
  /** All inputs that they name. */
  readonly inputs = new Set<string>();
  /** The bundles by their run ids; none where they are too large to be held. */
  readonly held = new Map<string, JudgedBundle>();
  #bytes = 0;

  add(judged: JudgedBundle): void {
    for (const input of inputsOf(judged.taskSpec)) this.inputs.add(input);
    this.#bytes += artifactBytes(judged.opened);
    if (this.#bytes <= MOST_HELD_BYTES) this.held.set(judged.opened.runId, judged);
    else if (this.held.size > 0) {
      this.held.clear();
      reclaimMemory();
    }
  }
}

/** Judges bundles by their artifacts, and adds what the caller takes of each. Throws an Interruption. */
export async function judgeEach<Run>(
  bundles: readonly string[],
  runs: Run[],
  { signal }: Pick<HistoryRequest, "signal">,
  take: (seen: SeenRun) => Run,
): Promise<void> {
  const crypto = await cryptoFor(bundles.length);
  for (const [index, path] of bundles.entries()) {
    await breathe(index, signal);
    reclaimAmongMany(index, bundles.length);
    runs.push(take(inspectRun(path, crypto)));
  }
}

function judgedRun({ failure, run }: SeenRun): JudgedHistoryRun {
  // No spread: V8 makes so many shapes of spread objects that ordering ten thousand takes a tenth of a second more.
  return Object.assign(run, { failure });
}

/** How to verify a history. */
interface VerifyRunsRequest extends VerifyHistoryRequest {
  readonly pool: WorkerPool;
  readonly record: OutputsRecord;
  readonly dropped: DroppedRuns;
  /** The root at which it begins after a cut. */
  readonly cutRoot: HexDigest | undefined;
}

async function verifyRuns(
  line: readonly JudgedHistoryRun[],
  { held, inputs }: JudgedBundles,
  request: VerifyRunsRequest,
): Promise<Result<VerifiedChain, VerifyFailure>> {
  const chain = new BundleChain(inputs);
  const runs = new Map(line.map((run) => [run.runId, run]));
  const newest = line.at(-1)?.runId;
  // Bytes of the head are never dropped.
  const areDropped = ({ bundleRoot, opened: { runId } }: JudgedBundle): boolean =>
    runId !== newest && request.dropped.has({ runId, bundleRoot });
  const folder = runsFolderOf(homeOf(request));
  await using source = new FolderSource({
    ...request,
    bundles: line.map(({ runId }) => join(folder, runId)),
    read: (path) => {
      const judged = held.get(runIdOf(path));
      return judged === undefined ? openBundle(path) : ok(judged.opened);
    },
  });
  const verified = await judgeSource(
    { ...request, source },
    {
      ...verifyInto(chain, request, areDropped),
      checkIds: checkRunIds,
      judge: (opened, context) => {
        const { runId } = opened;
        const judged = held.get(runId);
        held.delete(runId);
        return judged === undefined
          ? judgeAgain(opened, join(folder, runId), runs.get(runId), context)
          : ok(judged);
      },
    },
  );
  return concludeChain(verified, chain, { expectedChainRoot: request.expectedChainRoot }, request.cutRoot);
}

/** Judges a bundle of the history that was not held. Fails with CHANGED_WHILE_READ where it is another by now. */
function judgeAgain(
  opened: OpenedBundle,
  path: string,
  run: JudgedHistoryRun | undefined,
  context: VerifyContext,
): Result<JudgedBundle, OperationFault> {
  const { judged, run: found } = judgeRun(opened, context);
  // The signature leaves out the proof, which names the one before it.
  const isSame =
    isSameDigest(found.bundleRoot, run?.bundleRoot) && isSameDigest(found.proofHash, run?.proofHash);
  return judged !== undefined && isSame ? ok(judged) : operationFault("CHANGED_WHILE_READ", { path });
}
