/**
 * Verifying a chain on disk: each bundle in order, then what holds them together (PROTOCOL 9).
 *
 * @module
 */

import {
  beginConclusion,
  checkRunIds,
  concludeChain,
  inChain,
  type JudgedBundle,
  judgeHere,
  ok,
  type Rejection,
  type Result,
  Shelf,
  type Undecided,
  type UnendedBundle,
  VERIFY,
  type VerifiedBundle,
  type VerifiedChain,
} from "../../core/internal.ts";
import { runIdOf } from "../bundle/open-bundle.ts";
import type { VerifyFailure } from "../bundle/verify-context.ts";
import { nodeCrypto } from "../runtime/node-crypto.ts";
import type { TreeDemand, TreeLook } from "../source/tree-look.ts";
import { WorkerPool } from "../work/worker-pool.ts";
import type { Awaitable, ChainOutputsRequest } from "./chain-outputs.ts";
import { asExpected, type ExpectedChain } from "./expected-bundle.ts";
import { type CarriedRequest, judgeCarried } from "./judge-carried.ts";
import { type BundleJudge, type JudgeRequest, judgeBundles } from "./judge-chain.ts";
import { OutputsRecord, type RunOutputs } from "./outputs-record.ts";

/** Which bundles, in which order, against which folder. */
export interface VerifyChainRequest
  extends ExpectedChain,
    JudgeRequest,
    Pick<TreeDemand, "ignoreModes">,
    Omit<ChainOutputsRequest, "pool" | "record"> {}

/** What a caller may learn of a chain besides the verdict. */
export interface ChainReport {
  readonly verdict: Result<VerifiedChain, VerifyFailure>;
  /** Each run whose outputs were searched for, in the order of the chain, up to the first that failed. */
  readonly runs: readonly RunOutputs[];
}

/** Verifies a chain, all or nothing: the first bundle that fails ends it, with its run id in the details. */
export async function judgeBundleChain(
  request: VerifyChainRequest,
): Promise<Result<VerifiedChain, VerifyFailure>> {
  return (await judgeChainFiles(request, undefined)).verdict;
}

/** Verifies a chain, and reports where the outputs of each run were found. */
export async function reportOnChain(request: VerifyChainRequest): Promise<ChainReport> {
  return await judgeChainFiles(request, new OutputsRecord());
}

async function judgeChainFiles(
  request: VerifyChainRequest,
  record: OutputsRecord | undefined,
): Promise<ChainReport> {
  const { bundles, expectedRoot, jobs, limits } = request;
  const refused = checkRunIds(bundles.map(runIdOf), limits?.runs);
  if (refused !== undefined) return { verdict: refused, runs: [] };
  const pool = new WorkerPool(jobs);
  try {
    const verified = await judgeBundles({ ...request, pool, record }, verifyingFor(request));
    const concluded = verified.ok ? concludeChain(verified.value, expectedRoot, nodeCrypto) : verified;
    const verdict = asExpected(concluded, request.expectedChainRoot);
    return { verdict, runs: (await record?.finish({ ...request, pool })) ?? [] };
  } finally {
    pool.dismiss();
  }
}

/** Which runs of a source to verify as a chain, in their order. */
export interface CarriedChainRequest extends ExpectedChain, CarriedRequest, Pick<TreeDemand, "ignoreModes"> {}

/**
 * Verifies the runs of a source as a chain, and reports the outputs of each run. The caller closes the source. Throws an
 * Interruption.
 */
export async function reportOnCarriedChain(request: CarriedChainRequest): Promise<ChainReport> {
  const record = new OutputsRecord();
  const judge = verifyingFor(request);
  const admit: typeof judge.admit = (judged) =>
    checkRunIds(
      judged.map(({ opened }) => opened.runId),
      request.limits?.runs,
    ) ?? ok({});
  const verified = await judgeCarried({ ...request, record }, { ...judge, admit });
  const concluded = verified.ok ? concludeChain(verified.value, request.expectedRoot, nodeCrypto) : verified;
  return { verdict: asExpected(concluded, request.expectedChainRoot), runs: record.runs };
}

function verifyingFor(
  request: Pick<VerifyChainRequest, "ignoreModes" | "signal">,
): BundleJudge<JudgedBundle, VerifiedBundle, VerifyFailure> {
  let shelf: Shelf | undefined;
  return {
    judge: (opened, context) => judgeHere(opened, context, VERIFY),
    conclude: (judged, { findings }, context, look) => {
      shelf ??= new Shelf(context);
      const begun = beginConclusion(judged, findings, context, shelf);
      return endInRun(begun, judged.opened.runId, look, request);
    },
    refuse: inRun,
  };
}

/** Ends a bundle of a chain: at once, unless it has a tree. */
export function endInRun<Bundle>(
  begun: Result<UnendedBundle<Bundle>, Rejection | Undecided>,
  runId: string,
  look: TreeLook,
  { ignoreModes, signal }: Pick<VerifyChainRequest, "ignoreModes" | "signal">,
): Awaitable<Result<Bundle, VerifyFailure>> {
  const named = <Value>(verdict: Result<Value, VerifyFailure>): Result<Value, VerifyFailure> =>
    verdict.ok ? verdict : inRun(verdict, runId);
  if (!begun.ok) return named(begun);
  const { end, readTree } = begun.value;
  if (readTree === undefined) return named(end());
  return look(readTree, { ignoreModes, keepsAll: false, signal }).then((seen) =>
    named(seen.ok ? end(seen.value) : seen),
  );
}

/** A failure of one bundle as a failure of its chain. A fault without a phase names its path already. */
export function inRun(failure: VerifyFailure, runId: string): VerifyFailure {
  return "phase" in failure ? inChain(failure, runId) : failure;
}
