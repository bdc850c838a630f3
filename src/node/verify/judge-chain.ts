/**
 * Judging the bundles of a chain on disk in three stages:
 *
 * 1. read: open a bundle;
 * 2. judge: walk the phases up to 8, all that needs no outputs;
 * 3. conclude in order: search for the outputs of a group of bundles, and conclude each (`ChainOutputs`).
 *
 * One thread reads and judges ahead of the outputs, which workers may hash meanwhile. The first bundle that fails ends the chain.
 *
 * @module
 */

import {
  declaredBytes,
  type Fault,
  type Limits,
  type OpenedBundle,
  ok,
  type Rejection,
  type Result,
  type SignedBundle,
  type VerifyContext,
} from "../../core/internal.ts";
import { openBundle, runIdOf } from "../bundle/open-bundle.ts";
import { verifyContext } from "../bundle/verify-context.ts";
import { breathe } from "../runtime/interruption.ts";
import type { OperationFault } from "../runtime/operation-fault.ts";
import type { FindOptions } from "../source/bundle-source.ts";
import type { TreeLook } from "../source/tree-look.ts";
import { type AwaitingBundle, ChainOutputs, type ChainOutputsRequest } from "./chain-outputs.ts";
import { cryptoFor } from "./chain-signatures.ts";
import type { FoundOutputs } from "./find-outputs.ts";
import { lookBelow } from "./look-at-tree.ts";

/** Which bundles, in which order. */
export interface JudgeRequest {
  /** Run directories in the order in which the runs happened. */
  readonly bundles: readonly string[];
  readonly limits?: Limits | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** The same, and where their outputs are. */
export type BundlesRequest = JudgeRequest & ChainOutputsRequest;

/** What a caller asks of each bundle. */
export interface BundleJudge<Judged extends SignedBundle, Concluded, Failure extends Fault> {
  /** Judges the artifacts of a bundle, as `judgeHere` does. */
  readonly judge: (opened: OpenedBundle, context: VerifyContext) => Result<Judged, Rejection>;
  /** Checks a carried run whose artifacts passed, before anything else of it is looked at. */
  readonly check?: (judged: Judged) => OperationFault | undefined;
  /** Concludes a bundle whose artifacts passed. */
  readonly conclude: (
    judged: Judged,
    found: FoundOutputs,
    context: VerifyContext,
    look: TreeLook,
  ) => Promise<Result<Concluded, Failure>>;
  /** Whether bytes of a bundle were dropped from the store of its project. */
  readonly areDropped?: ((judged: Judged) => boolean) | undefined;
  /**
   * The last word before outputs are read of runs that are carried, all of which passed phases 1 to 8. Gives how to read
   * them.
   */
  readonly admit?: (
    judged: readonly Judged[],
    context: VerifyContext,
  ) => Result<AdmittedOutputs<Judged>, Failure>;
  /** Turns any other failure of a bundle into the caller's own, which ends the work. */
  readonly refuse: (failure: Rejection | OperationFault, runId: string) => Failure;
  /** What comes of a carried run that fails before it is concluded, if the work goes on with the others. */
  readonly report?: (
    failure: Rejection | OperationFault,
    opened: OpenedBundle,
    judged: Judged | undefined,
  ) => Concluded;
}

/** How to read outputs of admitted runs. */
export interface AdmittedOutputs<Judged> extends Pick<FindOptions, "keeps" | "spool"> {
  /** The rows of a run to look for; all of them where it gives none. */
  readonly rowsOf?: ((judged: Judged) => Uint32Array | undefined) | undefined;
}

/**
 * Judges bundles in the order given. `read` gives one whose artifacts passed: it is opened and judged by default. Throws an
 * Interruption, and a WorkerDeath when a worker died.
 */
export async function judgeBundles<Judged extends SignedBundle, Concluded, Failure extends Fault>(
  request: BundlesRequest,
  { areDropped, conclude, judge, refuse }: BundleJudge<Judged, Concluded, Failure>,
  read?: (path: string, context: VerifyContext) => Result<Judged, Rejection | OperationFault>,
): Promise<Result<readonly Concluded[], Failure>> {
  const { bundles, limits, signal } = request;
  const readBundle: NonNullable<typeof read> = (path, context) => {
    const opened = openBundle(path, limits);
    return opened.ok ? judge(opened.value, context) : opened;
  };
  const context = verifyContext(limits, await cryptoFor(bundles.length));
  const awaitingOf = (judged: Judged, path: string): AwaitingBundle<Concluded, Failure> => ({
    runId: judged.opened.runId,
    claims: judged.claims,
    declaredBytes: declaredBytes(judged.status),
    artifactBytes: artifactBytes(judged.opened),
    areDropped: areDropped && (() => areDropped(judged)),
    conclude: async (found) =>
      found.ok
        ? await conclude(judged, found.value, context, lookBelow(request, path, found.value))
        : refuse(found, judged.opened.runId),
  });
  const outputs = new ChainOutputs<Concluded, Failure>(bundles.length, request);
  try {
    for (const [index, path] of bundles.entries()) {
      await breathe(index, signal);
      const judged = (read ?? readBundle)(path, context);
      const failure = judged.ok
        ? await outputs.add(awaitingOf(judged.value, path))
        : ((await outputs.finish()) ?? refuse(judged, runIdOf(path)));
      if (failure !== undefined) return failure;
    }
    return (await outputs.finish()) ?? ok(outputs.concluded);
  } finally {
    await outputs.abandon();
  }
}

/** Bytes of the artifacts that a bundle keeps in memory. */
export function artifactBytes({ artifacts }: OpenedBundle): number {
  let bytes = 0;
  for (const artifact of Object.values(artifacts))
    bytes += artifact.kind === "bytes" ? artifact.bytes.length : 0;
  return bytes;
}
