/**
 * Verifying a chain on disk: each bundle in order, then what holds them together (PROTOCOL 9).
 *
 * @module
 */

import {
  checkRunIds,
  concludeChain,
  concludeVerification,
  declaredBytes,
  type JudgedBundle,
  type Limits,
  type Result,
  type VerifiedChain,
  type VerifyContext,
} from "../../core/index.ts";
import { HashCrew } from "../files/hash-crew.ts";
import { runIdOf } from "../files/open-bundle.ts";
import { nodeCrypto } from "../node-crypto.ts";
import type { Progress } from "../progress.ts";
import { cryptoFor } from "./answer-signatures.ts";
import type { WalkedStretch } from "./begin-stretch.ts";
import { ChainHelper } from "./chain-helper.ts";
import { inRun } from "./in-run.ts";
import { type AwaitingBundle, OutputsWalk } from "./outputs-walk.ts";
import type { SignatureMemory } from "./signature-memory.ts";
import { type OutputsFrom, type VerifyFailure, verifyContext } from "./verify-bundle-files.ts";
import { walkArtifacts } from "./walk-artifacts.ts";

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
  const { bundles, jobs, limits } = request;
  const refused = checkRunIds(bundles.map(runIdOf), limits?.runs);
  if (refused !== undefined) return refused;
  const crew = new HashCrew(jobs);
  const helper = ChainHelper.start({ bundles, limits }, jobs);
  try {
    return await walkChain(request, crew, helper);
  } finally {
    crew.dismiss();
    await helper?.dismiss();
  }
}

async function walkChain(
  request: VerifyChainRequest,
  crew: HashCrew,
  helper: ChainHelper | undefined,
): Promise<Result<VerifiedChain, VerifyFailure>> {
  const { bundles, expectedRoot, limits } = request;
  const crypto = await cryptoFor(bundles.length);
  const context = verifyContext(limits, crypto);
  const outputs = new OutputsWalk(bundles.length, { ...request, crew, helper });
  for await (const stretch of walkArtifacts({ ...request, crypto, helper, untilRejected: true })) {
    const { awaiting, failure } = awaitEach(stretch, context);
    const before = await outputs.add(awaiting);
    if (before !== undefined) return before;
    if (failure === undefined && !stretch.isHeavy) continue;
    const last = (await outputs.finish()) ?? failure;
    if (last !== undefined) return last;
  }
  return (await outputs.finish()) ?? concludeChain(outputs.verified, expectedRoot, nodeCrypto);
}

/** The bundles of a stretch whose artifacts passed, and why the one after these did not. */
function awaitEach(
  { bundles, unread }: WalkedStretch,
  context: VerifyContext,
): { readonly awaiting: readonly AwaitingBundle[]; readonly failure: VerifyFailure | undefined } {
  const awaiting: AwaitingBundle[] = [];
  for (const { judged, opened } of bundles) {
    if (!judged.ok) return { awaiting, failure: inRun(judged, opened.runId) };
    awaiting.push(awaitingOf(judged.value, context));
  }
  return { awaiting, failure: unread };
}

/** Phase 10 comes after the outputs. */
function awaitingOf(judged: JudgedBundle, context: VerifyContext): AwaitingBundle {
  return {
    runId: judged.opened.runId,
    claims: judged.claims,
    declaredBytes: declaredBytes(judged.status),
    conclude: (findings) => concludeVerification(judged, findings, context),
  };
}
