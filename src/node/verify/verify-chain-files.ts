/**
 * Verifying a chain on disk: each bundle in order, then what holds them together (PROTOCOL 9).
 *
 * @module
 */

import {
  beginJudging,
  checkRunIds,
  concludeChain,
  concludeVerification,
  inChain,
  type JudgedBundle,
  type Result,
  type VerifiedBundle,
  type VerifiedChain,
} from "../../core/internal.ts";
import { runIdOf } from "../bundle/open-bundle.ts";
import type { VerifyFailure } from "../bundle/verify-context.ts";
import { nodeCrypto } from "../runtime/node-crypto.ts";
import { WorkerPool } from "../work/worker-pool.ts";
import type { ChainOutputsRequest } from "./chain-outputs.ts";
import { asExpected, type ExpectedChain } from "./expected-bundle.ts";
import { type BundleJudge, type JudgeRequest, judgeBundles } from "./judge-chain.ts";
import { OutputsRecord, type RunOutputs } from "./outputs-record.ts";

/** Which bundles, in which order, against which folder. */
export interface VerifyChainRequest
  extends ExpectedChain,
    JudgeRequest,
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
    const verified = await judgeBundles({ ...request, pool, record }, VERIFYING);
    const concluded = verified.ok ? concludeChain(verified.value, expectedRoot, nodeCrypto) : verified;
    const verdict = asExpected(concluded, request.expectedChainRoot);
    return { verdict, runs: (await record?.finish({ ...request, pool })) ?? [] };
  } finally {
    pool.dismiss();
  }
}

const VERIFYING: BundleJudge<JudgedBundle, VerifiedBundle, VerifyFailure> = {
  begin: beginJudging,
  conclude: (judged, { findings }, context) => {
    const verdict = concludeVerification(judged, findings, context);
    return verdict.ok ? verdict : inRun(verdict, judged.opened.runId);
  },
  refuse: inRun,
};

/** A failure of one bundle as a failure of its chain. A fault without a phase names its path already. */
export function inRun(failure: VerifyFailure, runId: string): VerifyFailure {
  return "phase" in failure ? inChain(failure, runId) : failure;
}
