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
  type Limits,
  type Result,
  type VerifiedBundle,
  type VerifiedChain,
} from "../../core/internal.ts";
import { runIdOf } from "../bundle/open-bundle.ts";
import type { VerifyFailure } from "../bundle/verify-context.ts";
import { nodeCrypto } from "../runtime/node-crypto.ts";
import type { Progress } from "../runtime/progress.ts";
import { WorkerPool } from "../work/worker-pool.ts";
import type { SignatureMemory } from "./chain-signatures.ts";
import { asExpected } from "./expected-bundle.ts";
import type { ChainOutputsFrom } from "./find-outputs.ts";
import { type BundleJudge, judgeBundles } from "./judge-chain.ts";
import { OutputsRecord, type RunOutputs } from "./outputs-record.ts";

/** Which bundles, in which order, against which folder. */
export interface VerifyChainRequest {
  /** Run directories in the order in which the runs happened. */
  readonly bundles: readonly string[];
  readonly root: string;
  /** Where to look for the outputs of each bundle; default: the root. */
  readonly from?: ChainOutputsFrom | undefined;
  /** The chain root that must come out, 64 lowercase hex: else CHAIN_ROOT_MISMATCH (PROTOCOL 9). */
  readonly expectedRoot?: string;
  /** The chain root that the caller expects of a chain that holds: else EXPECTATION_FAILED (PROTOCOL 17). */
  readonly expectedChainRoot?: string | undefined;
  /** Threads that may hash at once; by default as many as there are cores. */
  readonly jobs?: number | undefined;
  readonly limits?: Limits;
  readonly signal?: AbortSignal | undefined;
  /** Receives progress events. */
  readonly progress?: Progress | undefined;
  /** Bundles whose signatures are known to hold, and are not checked again. The others are added as they are judged. */
  readonly memory?: SignatureMemory | undefined;
}

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
