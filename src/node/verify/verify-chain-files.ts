/**
 * Verifying a chain on disk: each bundle in order, then what holds them together (PROTOCOL 9).
 *
 * @module
 */

import {
  BundleChain,
  beginConclusion,
  checkRunIds,
  concludeDropped,
  type DroppedBundle,
  inChain,
  inputsOf,
  type JudgedBundle,
  judgeHere,
  ok,
  type Result,
  VERIFY,
  type VerifiedBundle,
  type VerifiedChain,
} from "../../core/internal.ts";
import { runIdOf } from "../bundle/open-bundle.ts";
import type { VerifyFailure } from "../bundle/verify-context.ts";
import { endWithTree, type TreeDemand } from "../source/tree-look.ts";
import { WorkerPool } from "../work/worker-pool.ts";
import type { ChainOutputsRequest } from "./chain-outputs.ts";
import { concludeChain, type ExpectedChain } from "./expected-bundle.ts";
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
  const { bundles, jobs, limits } = request;
  const refused = checkRunIds(bundles.map(runIdOf), limits?.runs);
  if (refused !== undefined) return { verdict: refused, runs: [] };
  const pool = new WorkerPool(jobs);
  try {
    const chain = new BundleChain();
    const verified = await judgeBundles({ ...request, pool, record }, verifyInto(chain, request));
    const verdict = concludeChain(verified, chain, request);
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
  const inputs = new Set<string>();
  const chain = new BundleChain(inputs);
  const verified = await judgeCarried(
    { ...request, record },
    {
      ...verifyInto(chain, request),
      admit: (judged) => {
        for (const { taskSpec } of judged) for (const input of inputsOf(taskSpec)) inputs.add(input);
        const runIds = judged.map(({ opened }) => opened.runId);
        return checkRunIds(runIds, request.limits?.runs) ?? ok({});
      },
    },
  );
  return { verdict: concludeChain(verified, chain, request), runs: record.runs };
}

/** Verifies bundles, and adds each to a chain. With `areDropped`, the store may lack outputs of some. */
export function verifyInto(
  chain: BundleChain,
  { ignoreModes, signal }: Pick<VerifyChainRequest, "ignoreModes" | "signal">,
  areDropped?: (judged: JudgedBundle) => boolean,
): BundleJudge<JudgedBundle, undefined, VerifyFailure> {
  return {
    areDropped,
    judge: (opened, context) => judgeHere(opened, context, VERIFY),
    conclude: async (judged, { findings, source }, context, look) => {
      const begun = beginConclusion(judged, findings, context);
      const isLacking = !begun.ok && begun.code === "OUTPUT_MISSING" && source === "store";
      const known = isLacking && areDropped?.(judged) ? concludeDropped(judged, findings, context) : begun;
      const ended = await endWithTree<VerifiedBundle | DroppedBundle>(known, look, {
        ignoreModes,
        signal,
      });
      if (!ended.ok) return inRun(ended, judged.opened.runId);
      chain.add(ended.value);
      return ok(undefined);
    },
    refuse: inRun,
  };
}

/** A failure of one bundle as a failure of its chain. A fault without a phase names its path already. */
export function inRun(failure: VerifyFailure, runId: string): VerifyFailure {
  return "phase" in failure ? inChain(failure, runId) : failure;
}
