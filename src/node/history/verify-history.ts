/**
 * Verifying the history of a project: every bundle judged by its artifacts, put in order, and where all of it fits, the line
 * verified as a chain (PROTOCOL 9 and 18). Each bundle is read once.
 *
 * @module
 */

import {
  type AwaitedBundle,
  checkRunIds,
  concludeChain,
  type HistoryRun,
  judgeRun,
  ok,
  type Rejection,
  type Result,
  unknownRun,
  type VerifiedChain,
} from "../../core/index.ts";
import { HashCrew } from "../files/hash-crew.ts";
import { runIdOf } from "../files/open-bundle.ts";
import { breathe } from "../interruption.ts";
import { nodeCrypto } from "../node-crypto.ts";
import type { OperationFault } from "../operation-fault.ts";
import { cryptoFor } from "../verify/answer-signatures.ts";
import { ChainHelper } from "../verify/chain-helper.ts";
import { type AwaitingBundle, inParts, OutputsWalk } from "../verify/outputs-walk.ts";
import type { SignatureMemory } from "../verify/signature-memory.ts";
import { type OutputsFrom, type VerifyFailure, verifyContext } from "../verify/verify-bundle-files.ts";
import { walkArtifacts } from "../verify/walk-artifacts.ts";
import { type HistoryRequest, orderRuns, type ReadHistory } from "./read-history.ts";

/** Whose history, and where its outputs are. */
export interface VerifyHistoryRequest extends HistoryRequest {
  /** Where to look for outputs, of each bundle by itself; default: the root. */
  readonly from?: OutputsFrom | undefined;
  /** The chain root that the caller expects, 64 lowercase hex. */
  readonly expectedRoot?: string | undefined;
  /** Threads that may work at once; by default as many as there are cores. */
  readonly jobs?: number | undefined;
  /** Whose signatures are known to hold; those that are found to are added. */
  readonly memory?: SignatureMemory | undefined;
}

/** A run whose artifacts were judged. */
export interface JudgedHistoryRun extends HistoryRun {
  /** What it was rejected for. */
  readonly failure: VerifyFailure | undefined;
  /** The bundle as it awaits its outputs; undefined where there is a failure. */
  readonly awaited: AwaitedBundle | undefined;
}

/** A history, and what comes of its line. */
export interface VerifiedHistory extends ReadHistory<JudgedHistoryRun> {
  /** Undefined where there are findings: then no output was looked at. */
  readonly verdict: Result<VerifiedChain, VerifyFailure> | undefined;
}

/** Who works on it. */
interface Hands {
  readonly crew: HashCrew;
  helper: ChainHelper | undefined;
}

/** Judges every bundle of a project, puts them in order, and where there is nothing to find, verifies the line. */
export async function verifyHistory(
  request: VerifyHistoryRequest,
): Promise<Result<VerifiedHistory, OperationFault | Rejection>> {
  const hands: Hands = { crew: new HashCrew(request.jobs), helper: undefined };
  try {
    const read = await orderRuns<JudgedHistoryRun>(request, false, async (bundles, runs) => {
      await hands.helper?.dismiss();
      hands.helper = ChainHelper.start({ bundles }, request.jobs);
      await judgeEach(bundles, runs, request, hands);
    });
    if (!read.ok) return read;
    const { findings, line } = read.value.history;
    const verdict = findings.length > 0 ? undefined : await verifyLine(line, request, hands);
    return ok({ ...read.value, verdict });
  } finally {
    hands.crew.dismiss();
    await hands.helper?.dismiss();
  }
}

async function judgeEach(
  bundles: readonly string[],
  runs: JudgedHistoryRun[],
  request: VerifyHistoryRequest,
  { helper }: Hands,
): Promise<void> {
  const crypto = await cryptoFor(bundles.length);
  const context = verifyContext(undefined, crypto);
  for await (const stretch of walkArtifacts({ ...request, bundles, crypto, helper })) {
    for (const { judged, opened } of stretch.bundles) {
      const { awaited, failure, run } = judgeRun(opened, context, judged);
      runs.push(judgedRun(run, failure, awaited));
    }
    if (stretch.unread === undefined) continue;
    const runId = runIdOf(bundles[runs.length] ?? "");
    runs.push(judgedRun(unknownRun(runId), stretch.unread, undefined));
  }
}

/** Field by field: of objects that are spread V8 makes so many shapes that ordering ten thousand takes a tenth of a second more. */
function judgedRun(
  run: HistoryRun,
  failure: VerifyFailure | undefined,
  awaited: AwaitedBundle | undefined,
): JudgedHistoryRun {
  return {
    runId: run.runId,
    bundleRoot: run.bundleRoot,
    previousBundleRoot: run.previousBundleRoot,
    sealedAt: run.sealedAt,
    proofHash: run.proofHash,
    previousProofHash: run.previousProofHash,
    standing: run.standing,
    failure,
    awaited,
  };
}

async function verifyLine(
  line: readonly JudgedHistoryRun[],
  request: VerifyHistoryRequest,
  { crew, helper }: Hands,
): Promise<Result<VerifiedChain, VerifyFailure>> {
  const refused = checkRunIds(line.map(({ runId }) => runId));
  if (refused !== undefined) return refused;
  const outputs = new OutputsWalk(line.length, { ...request, crew, helper });
  let parts = 0;
  for (const part of inParts(line.map(awaitedOf))) {
    // Of bundles without outputs there may be many, and nothing to wait for.
    await breathe(parts++, request.signal);
    const failure = await outputs.add(part);
    if (failure !== undefined) return failure;
  }
  return (await outputs.finish()) ?? concludeChain(outputs.verified, request.expectedRoot, nodeCrypto);
}

function awaitedOf({ awaited }: JudgedHistoryRun): AwaitingBundle {
  if (awaited === undefined) throw new TypeError("a rejected run in a line is a finding");
  return awaited;
}
