/**
 * Judging the runs of a source, the one loop of all commands. Each run is read, then judged by all that needs no outputs, then
 * concluded in order (`ConcludedRuns`).
 *
 * Runs of an archive or a registry all pass phases 1 to 8 before the first output is read: both may pass only once. Run directories
 * are judged ahead of the outputs of earlier ones, which workers may hash meanwhile.
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
} from "../../../core/internal.ts";
import { verifyContext } from "../../records/bundle/verify-context.ts";
import { breathe } from "../../system/runtime/interruption.ts";
import { type OperationFault, operationFault } from "../../system/runtime/operation-fault.ts";
import type { Progress } from "../../system/runtime/progress.ts";
import { reclaimAmongMany } from "../../system/runtime/reclaim-memory.ts";
import {
  type BundleReader,
  type ClaimingBundle,
  type FindOptions,
  isGradual,
  type RunFolders,
} from "../source/bundle-source.ts";
import { readCarriedTree, type TreeLook } from "../source/tree-look.ts";
import { cryptoFor } from "./chain-signatures.ts";
import { ConcludedRuns } from "./conclude-runs.ts";
import type { FoundOutputs } from "./find-outputs.ts";
import { refuseSeveral } from "./open-one.ts";
import type { OutputsRecord } from "./outputs-record.ts";

/** How to judge runs of a source. */
export interface SourceRequest {
  readonly source: BundleReader | RunFolders;
  /** Which runs to judge, by their ids; all of them where undefined. */
  readonly runs?: readonly string[] | undefined;
  readonly limits?: Limits | undefined;
  readonly signal?: AbortSignal | undefined;
  readonly progress?: Progress | undefined;
  /** Keeps where the outputs of each run were found. */
  readonly record?: OutputsRecord | undefined;
  /** Whether nothing matters of a run after the first output that is not as sealed; default: so it is. */
  readonly untilFailure?: boolean | undefined;
  /** Whether to fail with AMBIGUOUS where the source has several runs. */
  readonly isAlone?: boolean | undefined;
}

/** What a caller asks of each run. */
export interface RunJudge<Judged extends SignedBundle, Concluded, Failure extends Fault> {
  /** Checks the ids of all runs: of run directories before one is read, of others before the first output is. */
  readonly checkIds?: (runIds: readonly string[]) => Failure | undefined;
  /** Judges the artifacts of a run, as `judgeHere` does. */
  readonly judge: (
    opened: OpenedBundle,
    context: VerifyContext,
  ) => Result<Judged, Rejection | OperationFault>;
  /** Checks a run whose artifacts passed, before anything else of it is looked at. */
  readonly check?: (judged: Judged) => OperationFault | undefined;
  /** Whether bytes of a run were dropped from the store of its project. */
  readonly areDropped?: ((judged: Judged) => boolean) | undefined;
  /** The last word on runs that are carried, all of which passed phases 1 to 8, before outputs are read. Gives how to read them. */
  readonly admit?: (
    judged: readonly Judged[],
    context: VerifyContext,
  ) => Result<AdmittedOutputs<Judged>, Failure>;
  /** Concludes a run whose artifacts passed. */
  readonly conclude: (
    judged: Judged,
    found: FoundOutputs,
    context: VerifyContext,
    look: TreeLook,
  ) => Promise<Result<Concluded, Failure>>;
  /** Turns any other failure of a run into the caller's own, which ends the work. The source as a whole has no id. */
  readonly refuse: (failure: Rejection | OperationFault, runId: string) => Failure;
  /** What comes of a run that fails before it is concluded, if the work goes on with the others. */
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
 * Judges runs of a source, in its order, up to the first that fails. The caller closes the source. Throws an Interruption, a WorkerDeath
 * when a worker died, and a SpoolFailure where bytes can't be kept.
 */
export async function judgeSource<Judged extends SignedBundle, Concluded, Failure extends Fault>(
  request: SourceRequest,
  judge: RunJudge<Judged, Concluded, Failure>,
): Promise<Result<readonly Concluded[], Failure>> {
  const { isAlone = false, limits, runs, signal, source } = request;
  const { areDropped, checkIds, refuse, report } = judge;
  const refused = isGradual(source) ? checkIds?.(source.runIds) : undefined;
  if (refused !== undefined) return refused;
  const opened = await source.open(runs, signal);
  if (!opened.ok) return refuse(opened, "");
  const several = isAlone ? refuseSeveral(opened.value) : undefined;
  if (several !== undefined) return refuse(several, "");
  const { length } = opened.value;
  const context = verifyContext(limits, await cryptoFor(length));
  const concluded = new ConcludedRuns(length, context, request, judge);
  let run = 0;
  try {
    for (const carried of opened.value) {
      await breathe(run, signal);
      reclaimAmongMany(run, length);
      const judged = carried.fault ?? judge.judge(carried.opened, context);
      const bound = judged.ok ? (judge.check?.(judged.value) ?? boundOutputs(judged.value, source)) : judged;
      const tree = judged.ok && bound.ok ? readCarriedTree(carried, judged.value, context) : undefined;
      let failure: Failure | undefined;
      if (judged.ok && bound.ok && tree?.ok !== false) {
        const bundle = { ...bound.value, areDropped: areDropped && (() => areDropped(judged.value)) };
        failure = await concluded.add({ run, judged: judged.value, bundle, tree: tree?.value });
      } else {
        const cause = tree?.ok === false ? tree : bound;
        if (cause.ok) throw new TypeError("one of them failed");
        if (report === undefined)
          failure = (await concluded.endEarly()) ?? refuse(cause, carried.opened.runId);
        else concluded.report(run, report(cause, carried.opened, judged.ok ? judged.value : undefined));
      }
      if (failure !== undefined) return failure;
      run++;
    }
    return (await concluded.finish()) ?? ok(concluded.all);
  } finally {
    await concluded.abandon();
  }
}

/**
 * What to look for, of a bundle whose signature holds. Fails with BUNDLE_UNSUITABLE {run_id} where its binding does
 * not bound what an endless source sends.
 */
export function boundOutputs(
  { claims, opened, status }: Pick<SignedBundle, "claims" | "opened" | "status">,
  { isEndless = false }: Pick<BundleReader, "isEndless">,
): Result<ClaimingBundle, OperationFault> {
  const declared = declaredBytes(status);
  if (isEndless && declared === undefined)
    return operationFault("BUNDLE_UNSUITABLE", { reason: "unbound", run_id: opened.runId });
  return ok({ claims, declaredBytes: declared });
}
