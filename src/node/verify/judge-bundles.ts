/**
 * Judging the bundles of a chain on disk one after the other, whoever asks: their artifacts in stretches, their outputs beside
 * those, and what comes of each in the order of the chain, up to the first that fails.
 *
 * @module
 */

import {
  declaredBytes,
  type Fault,
  ok,
  type Rejection,
  type RestoreCandidate,
  type Result,
  type VerifyContext,
} from "../../core/internal.ts";
import { runIdOf } from "../bundle/open-bundle.ts";
import { verifyContext } from "../bundle/verify-context.ts";
import type { OperationFault } from "../runtime/operation-fault.ts";
import { cryptoFor } from "./answer-signatures.ts";
import type { Begin, WalkedStretch } from "./begin-stretch.ts";
import { ChainHelper } from "./chain-helper.ts";
import { type AwaitingBundle, OutputsWalk, type OutputsWalkRequest } from "./outputs-walk.ts";
import type { StretchSource } from "./read-stretch.ts";
import type { SignatureMemory } from "./signature-memory.ts";
import type { FoundOutputs } from "./verify-bundle-files.ts";
import { walkArtifacts } from "./walk-artifacts.ts";

/** Which bundles, in which order, against which folder, and who helps. */
export interface BundlesRequest extends StretchSource, Omit<OutputsWalkRequest, "helper"> {
  /** Whose signatures are known to hold; those that are found to are added. */
  readonly memory?: SignatureMemory | undefined;
}

/** What is asked of each bundle. */
export interface BundleJudge<Judged extends RestoreCandidate, Concluded, Failure extends Fault> {
  readonly begin: Begin<Judged>;
  /** Takes a bundle whose artifacts passed to its end. */
  readonly conclude: (
    judged: Judged,
    found: FoundOutputs,
    context: VerifyContext,
  ) => Result<Concluded, Failure>;
  /** Says in the words of whoever asks why a bundle was not concluded. */
  readonly refuse: (failure: Rejection | OperationFault, runId: string) => Failure;
}

/** Judges bundles in the order given; the first that fails ends it. Throws an Interruption, and a WorkerDeath when a thread died. */
export async function judgeBundles<Judged extends RestoreCandidate, Concluded, Failure extends Fault>(
  request: BundlesRequest,
  judge: BundleJudge<Judged, Concluded, Failure>,
): Promise<Result<readonly Concluded[], Failure>> {
  const { bundles, jobs, limits } = request;
  const helper = ChainHelper.start({ bundles, limits }, jobs);
  try {
    const crypto = await cryptoFor(bundles.length);
    const context = verifyContext(limits, crypto);
    const outputs = new OutputsWalk<Concluded, Failure>(bundles.length, { ...request, helper });
    const walk = { ...request, begin: judge.begin, crypto, helper, untilRejected: true };
    let walked = 0;
    for await (const stretch of walkArtifacts(walk)) {
      const { awaiting, failure } = awaitEach(stretch, judge, context);
      walked += awaiting.length;
      const before = await outputs.add(awaiting);
      if (before !== undefined) return before;
      if (failure === undefined && !stretch.isHeavy) continue;
      const last = await outputs.finish();
      if (last !== undefined) return last;
      if (failure !== undefined) return judge.refuse(failure, runIdOf(bundles[walked] ?? ""));
    }
    return (await outputs.finish()) ?? ok(outputs.concluded);
  } finally {
    await helper?.dismiss();
  }
}

/** The bundles of a stretch whose artifacts passed, and why the one after these did not. */
function awaitEach<Judged extends RestoreCandidate, Concluded, Failure extends Fault>(
  { bundles, unread }: WalkedStretch<Judged>,
  judge: BundleJudge<Judged, Concluded, Failure>,
  context: VerifyContext,
): {
  readonly awaiting: readonly AwaitingBundle<Concluded, Failure>[];
  readonly failure: Rejection | OperationFault | undefined;
} {
  const awaiting: AwaitingBundle<Concluded, Failure>[] = [];
  for (const { judged } of bundles) {
    if (!judged.ok) return { awaiting, failure: judged };
    awaiting.push(awaitingOf(judged.value, judge, context));
  }
  return { awaiting, failure: unread };
}

/** Phase 10 comes after the outputs. */
function awaitingOf<Judged extends RestoreCandidate, Concluded, Failure extends Fault>(
  judged: Judged,
  { conclude, refuse }: BundleJudge<Judged, Concluded, Failure>,
  context: VerifyContext,
): AwaitingBundle<Concluded, Failure> {
  return {
    runId: judged.opened.runId,
    claims: judged.claims,
    declaredBytes: declaredBytes(judged.status),
    conclude: (found) =>
      found.ok ? conclude(judged, found.value, context) : refuse(found, judged.opened.runId),
  };
}
