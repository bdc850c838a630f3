/**
 * Verifying the history of a project: every bundle judged by its artifacts, put in order, and where all of it fits, the line
 * verified as a chain (PROTOCOL 9 and 18). Each bundle is read once, as long as all of them are small.
 *
 * @module
 */

import { join } from "node:path";
import {
  type AwaitedBundle,
  type ChainBundle,
  checkRunIds,
  concludeChain,
  type DroppedBytes,
  type HexDigest,
  type HistoryRun,
  isDropped,
  judgeRun,
  ok,
  type Rejection,
  type Result,
  Shelf,
  unknownRun,
  type VerifiedChain,
  type VerifyContext,
} from "../../core/internal.ts";
import { openBundle, runIdOf } from "../bundle/open-bundle.ts";
import { type VerifyFailure, verifyContext } from "../bundle/verify-context.ts";
import { runsFolderOf } from "../project/project-names.ts";
import { breathe } from "../runtime/interruption.ts";
import { isSameDigest, nodeCrypto } from "../runtime/node-crypto.ts";
import { type OperationFault, operationFault } from "../runtime/operation-fault.ts";
import { type AwaitingBundle, ChainOutputs } from "../verify/chain-outputs.ts";
import { cryptoFor } from "../verify/chain-signatures.ts";
import { asExpected } from "../verify/expected-bundle.ts";
import { lookBelow } from "../verify/look-at-tree.ts";
import { OutputsRecord, type RunOutputs } from "../verify/outputs-record.ts";
import { endInRun, type VerifyChainRequest } from "../verify/verify-chain-files.ts";
import { WorkerPool } from "../work/worker-pool.ts";
import { DroppedRuns } from "./dropped-runs.ts";
import { HeldBundles } from "./held-bundles.ts";
import { type HistoryRequest, orderRuns, type ReadHistory } from "./read-history.ts";

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

/** A history, and what comes of its line. */
export interface VerifiedHistory extends ReadHistory<JudgedHistoryRun> {
  /** Undefined where there are findings: then no output was looked at. */
  readonly verdict: Result<VerifiedChain<ChainBundle>, VerifyFailure> | undefined;
  /** Says why outputs of runs are missing; undefined where no run lacks any. The caller judges its signer. */
  readonly dropped: DroppedBytes | undefined;
  /** Each run of the line whose outputs were looked for, oldest first, up to the first that failed. */
  readonly runs: readonly RunOutputs[];
}

/** A bundle that awaits its outputs, as it was found once more. */
type ReadAgain = Result<AwaitedBundle, OperationFault>;

/**
 * Judges every bundle of a project by its artifacts, and orders the runs. Looks at no output. Fails as `readHeads` and `listRuns` do.
 */
export async function judgeHistory(
  request: HistoryRequest,
  isLenient = false,
): Promise<Result<ReadHistory<JudgedHistoryRun>, OperationFault | Rejection>> {
  return await orderRuns<JudgedHistoryRun>(request, isLenient, (bundles, runs) =>
    judgeEach(bundles, runs, undefined, request),
  );
}

/** Judges every bundle of a project, orders the runs, and verifies the line where there are no findings. */
export async function reportOnHistory(
  request: VerifyHistoryRequest,
): Promise<Result<VerifiedHistory, OperationFault | Rejection>> {
  const pool = new WorkerPool(request.jobs);
  try {
    const record = new OutputsRecord();
    let held = new HeldBundles();
    const read = await orderRuns<JudgedHistoryRun>(
      { ...request, root: homeOf(request) },
      false,
      async (bundles, runs) => {
        held = new HeldBundles();
        await judgeEach(bundles, runs, held, request);
      },
    );
    if (!read.ok) return read;
    const { cut, findings, line } = read.value.history;
    const dropped = new DroppedRuns(homeOf(request));
    const verdict =
      findings.length > 0
        ? undefined
        : await verifyLine(line, held, { ...request, pool, record, dropped, cutRoot: cut?.bundleRoot });
    const lacksBytes = verdict?.ok === true && verdict.value.bundles.some(isDropped);
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

async function judgeEach(
  bundles: readonly string[],
  runs: JudgedHistoryRun[],
  held: HeldBundles | undefined,
  { signal }: Pick<VerifyHistoryRequest, "signal">,
): Promise<void> {
  const context = verifyContext(undefined, await cryptoFor(bundles.length));
  const shelf = new Shelf(context);
  for (const [index, path] of bundles.entries()) {
    await breathe(index, signal);
    const opened = openBundle(path);
    if (!opened.ok) {
      runs.push(judgedRun(unknownRun(runIdOf(path)), opened));
      continue;
    }
    const isHeld = held?.hasRoomFor(opened.value) === true;
    const { awaited, failure, run } = judgeRun(opened.value, context, undefined, isHeld ? shelf : undefined);
    if (awaited !== undefined && isHeld) held?.hold(opened.value, awaited);
    runs.push(judgedRun(run, failure));
  }
}

/** Field by field: of objects that are spread V8 makes so many shapes that ordering ten thousand takes a tenth of a second more. */
function judgedRun(run: HistoryRun, failure: VerifyFailure | undefined): JudgedHistoryRun {
  return {
    runId: run.runId,
    bundleRoot: run.bundleRoot,
    previousBundleRoot: run.previousBundleRoot,
    sealedAt: run.sealedAt,
    proofHash: run.proofHash,
    previousProofHash: run.previousProofHash,
    failedRuns: run.failedRuns,
    standing: run.standing,
    guard: run.guard,
    failure,
  };
}

/** How to verify a line. */
interface VerifyLineRequest extends VerifyHistoryRequest {
  readonly pool: WorkerPool;
  readonly record: OutputsRecord;
  readonly dropped: DroppedRuns;
  /** The root at which it begins after a cut. */
  readonly cutRoot: HexDigest | undefined;
}

async function verifyLine(
  line: readonly JudgedHistoryRun[],
  held: HeldBundles,
  request: VerifyLineRequest,
): Promise<Result<VerifiedChain<ChainBundle>, VerifyFailure>> {
  const refused = checkRunIds(line.map(({ runId }) => runId));
  if (refused !== undefined) return refused;
  const context = verifyContext(undefined, await cryptoFor(line.length));
  const outputs = new ChainOutputs<ChainBundle, VerifyFailure>(line.length, request);
  try {
    for (const [index, run] of line.entries()) {
      await breathe(index, request.signal);
      const taken = held.take(run.runId);
      const awaited = taken === undefined ? readAgain(run, homeOf(request), context) : ok(taken);
      // Bytes of the head are never dropped.
      const areDropped = (): boolean => index < line.length - 1 && request.dropped.has(run);
      const failure = awaited.ok
        ? await outputs.add(awaitingOf(awaited.value, areDropped, request))
        : ((await outputs.finish()) ?? awaited);
      if (failure !== undefined) return failure;
    }
    const failure = await outputs.finish();
    if (failure !== undefined) return failure;
  } finally {
    await outputs.abandon();
  }
  return asExpected(
    concludeChain(outputs.concluded, undefined, nodeCrypto, request.cutRoot),
    request.expectedChainRoot,
  );
}

function awaitingOf(
  awaited: AwaitedBundle,
  areDropped: () => boolean,
  request: VerifyHistoryRequest,
): AwaitingBundle<ChainBundle, VerifyFailure> {
  const { claims, declaredBytes, runId } = awaited;
  return {
    runId,
    claims,
    declaredBytes,
    areDropped,
    // It has let go of its artifacts.
    artifactBytes: 0,
    conclude: (found) => {
      if (!found.ok) return found;
      const bundle = join(runsFolderOf(homeOf(request)), runId);
      const look = lookBelow(request, bundle, found.value);
      const { findings, source } = found.value;
      const begun = awaited.conclude(findings, source === "store" ? areDropped : undefined);
      return endInRun(begun, runId, look, request);
    },
  };
}

/** Reads a bundle of the line that was not held. Fails with READ_FAILED, or CHANGED_WHILE_READ where it is another by now. */
function readAgain(run: JudgedHistoryRun, root: string, context: VerifyContext): ReadAgain {
  const path = join(runsFolderOf(root), run.runId);
  const opened = openBundle(path);
  if (!opened.ok) return opened;
  const { awaited, run: found } = judgeRun(opened.value, context);
  // The signature leaves out the proof, which names the one before it.
  const isSame =
    isSameDigest(found.bundleRoot, run.bundleRoot) && isSameDigest(found.proofHash, run.proofHash);
  return awaited !== undefined && isSame ? ok(awaited) : operationFault("CHANGED_WHILE_READ", { path });
}
