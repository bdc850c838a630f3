/**
 * Verifying a chain on disk: each bundle in order, then what holds them together (PROTOCOL 9).
 *
 * @module
 */

import {
  checkRunIds,
  concludeChain,
  concludeVerification,
  type JudgedBundle,
  type Limits,
  ok,
  type Result,
  type VerifiedBundle,
  type VerifiedChain,
} from "../../core/index.ts";
import { ChainProgress } from "../chain-progress.ts";
import { HashCrew } from "../files/hash-crew.ts";
import { runIdOf } from "../files/open-bundle.ts";
import { throwIfInterrupted } from "../interruption.ts";
import { nodeCrypto } from "../node-crypto.ts";
import type { Progress } from "../progress.ts";
import { beginStretch, type Stretch } from "./begin-stretch.ts";
import { findStretchOutputs } from "./find-stretch-outputs.ts";
import { inRun } from "./in-run.ts";
import type { SignatureMemory } from "./signature-memory.ts";
import { type OutputsFrom, type VerifyFailure, verifyContext, watchOutputs } from "./verify-bundle-files.ts";

/** Which bundles, in which order, against which folder. */
export interface VerifyChainRequest {
  /** Run directories in the order in which the runs happened. */
  readonly bundles: readonly string[];
  readonly root: string;
  /** Where to look for outputs, of each bundle by itself; default: the root. */
  readonly from?: OutputsFrom | undefined;
  /** The chain root that the caller expects, 64 lowercase hex. */
  readonly expectedRoot?: string;
  /** Threads that may hash at once; by default as many as there are cores. */
  readonly jobs?: number | undefined;
  readonly limits?: Limits;
  readonly signal?: AbortSignal;
  /** Who is told how far it is. */
  readonly progress?: Progress | undefined;
  /** Bundles whose signatures are known to hold, and need not be checked; the others are added as they are judged. */
  readonly memory?: SignatureMemory | undefined;
}

/** Verifies a chain, all or nothing: the first bundle that fails ends it, with its run id in the details. */
export async function verifyChain(
  request: VerifyChainRequest,
): Promise<Result<VerifiedChain, VerifyFailure>> {
  const runIds = request.bundles.map(runIdOf);
  const refused = checkRunIds(runIds, request.limits?.runs);
  if (refused !== undefined) return refused;
  const crew = new HashCrew(request.jobs);
  try {
    return await verifyEach(request, crew);
  } finally {
    crew.dismiss();
  }
}

async function verifyEach(
  request: VerifyChainRequest,
  crew: HashCrew,
): Promise<Result<VerifiedChain, VerifyFailure>> {
  const verified: VerifiedBundle[] = [];
  const chain = ChainProgress.begin(request.progress, request.bundles.length);
  let next: Stretch | undefined = beginStretch(request, 0);
  while (next !== undefined) {
    const stretch: Stretch = next;
    const { end, isHeavy } = stretch;
    // While others look at the signatures of this stretch, the next one is read; but two heavy ones are too much.
    const isLast = end === request.bundles.length || stretch.failure !== undefined;
    next = isLast || isHeavy ? undefined : beginStretch(request, end);
    const concluded = await concludeStretch(stretch, request, crew, chain);
    if (!concluded.ok) return concluded;
    for (const bundle of concluded.value) verified.push(bundle);
    if (!isLast) next ??= beginStretch(request, end);
  }
  return concludeChain(verified, request.expectedRoot, nodeCrypto);
}

/** Settles the signatures of a stretch, looks at its outputs, concludes. The first bundle that fails decides. */
async function concludeStretch(
  stretch: Stretch,
  request: VerifyChainRequest,
  crew: HashCrew,
  chain: ChainProgress | undefined,
): Promise<Result<readonly VerifiedBundle[], VerifyFailure>> {
  const answers = await stretch.answers;
  throwIfInterrupted(request.signal);
  const judged: JudgedBundle[] = [];
  let { failure } = stretch;
  for (const bundle of stretch.bundles) {
    const { answer, key } = bundle;
    const settled = bundle.settle(answer === undefined || answers[answer] === true);
    if (!settled.ok) {
      failure = inRun(settled, bundle.runId);
      break;
    }
    if (answer !== undefined) request.memory?.note(key);
    judged.push(settled.value);
  }
  chain?.beginPart(judged.length);
  const watch = watchOutputs(chain ?? request.progress, judged);
  const found = await findStretchOutputs(judged, { ...request, crew, watch });
  const context = verifyContext(request.limits);
  const verified: VerifiedBundle[] = [];
  for (const [index, bundle] of judged.entries()) {
    // In the store each is looked for by itself.
    if (request.from === "store") chain?.beginPart(1);
    const outputs = await found(index);
    if (!outputs.ok) return outputs;
    const verdict = concludeVerification(bundle, outputs.value.findings, context);
    if (!verdict.ok) return inRun(verdict, bundle.opened.runId);
    verified.push(verdict.value);
    chain?.endBundle();
  }
  return failure ?? ok(verified);
}
