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
  type TreeDemand,
  VERIFY,
  type VerifiedBundle,
  type VerifiedChain,
} from "../../../core/internal.ts";
import type { VerifyFailure } from "../../records/bundle/verify-context.ts";
import { isGradual } from "../source/bundle-source.ts";
import { endWithTree } from "../source/tree-look.ts";
import { concludeChain, type ExpectedChain } from "./expected-bundle.ts";
import { type FolderPlace, FolderSource } from "./folder-source.ts";
import { judgeSource, type RunJudge, type SourceRequest } from "./judge-source.ts";
import { OutputsRecord, type RunOutputs } from "./outputs-record.ts";

/** Which runs to verify as a chain, in their order, and how. */
export interface ChainRequest
  extends ExpectedChain,
    Omit<SourceRequest, "isAlone" | "record" | "untilFailure">,
    Pick<TreeDemand, "ignoreModes"> {}

/** Which bundles, in which order, against which folder. */
export interface VerifyChainRequest
  extends Omit<ChainRequest, "runs" | "source">,
    Omit<FolderPlace, "read"> {}

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
  await using source = new FolderSource(request);
  return await judgeChainOf({ ...request, source });
}

/**
 * Verifies the runs of a source as a chain, and reports where the outputs of each run were found. The caller closes the source. Throws
 * an Interruption.
 */
export async function reportOnChain(request: ChainRequest): Promise<ChainReport> {
  const record = new OutputsRecord();
  const verdict = await judgeChainOf({ ...request, record });
  const { signal, source } = request;
  const runs = source instanceof FolderSource ? record.finish({ ...source.place, signal }) : record.runs;
  return { verdict, runs: await runs };
}

async function judgeChainOf(
  request: ChainRequest & Pick<SourceRequest, "record">,
): Promise<Result<VerifiedChain, VerifyFailure>> {
  const inputs = new Set<string>();
  const chain = new BundleChain(isGradual(request.source) ? undefined : inputs);
  const verified = await judgeSource(request, {
    ...verifyInto(chain, request),
    checkIds: (runIds) => checkRunIds(runIds, request.limits?.runs),
    admit: (judged) => {
      for (const { taskSpec } of judged) for (const input of inputsOf(taskSpec)) inputs.add(input);
      return ok({});
    },
  });
  return concludeChain(verified, chain, request);
}

/** Verifies bundles, and adds each to a chain. With `areDropped`, the store may lack outputs of some. */
export function verifyInto(
  chain: BundleChain,
  { ignoreModes, signal }: Pick<ChainRequest, "ignoreModes" | "signal">,
  areDropped?: (judged: JudgedBundle) => boolean,
): RunJudge<JudgedBundle, undefined, VerifyFailure> {
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
