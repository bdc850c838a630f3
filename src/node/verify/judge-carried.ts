/**
 * Judging the runs of a source, such as an archive or a registry: their artifacts come before their outputs, and both may pass only
 * once.
 *
 * @module
 */

import {
  declaredBytes,
  type Fault,
  itemAt,
  type Limits,
  ok,
  type Result,
  type SignedBundle,
} from "../../core/internal.ts";
import { verifyContext } from "../bundle/verify-context.ts";
import { breathe } from "../runtime/interruption.ts";
import { type OperationFault, operationFault } from "../runtime/operation-fault.ts";
import type { Progress } from "../runtime/progress.ts";
import type { BundleReader, WantedOutputs } from "../source/bundle-source.ts";
import { carriedTree, readCarriedTree } from "../source/tree-look.ts";
import { cryptoFor } from "./chain-signatures.ts";
import type { BundleJudge } from "./judge-chain.ts";
import { openOne } from "./open-one.ts";
import type { OutputsRecord } from "./outputs-record.ts";

/** How to judge runs of a source. */
export interface CarriedRequest {
  readonly source: BundleReader;
  /** Which runs to judge, by their ids; all of them where undefined. */
  readonly runs?: readonly string[] | undefined;
  readonly limits?: Limits | undefined;
  readonly signal?: AbortSignal | undefined;
  readonly progress?: Progress | undefined;
  readonly record?: OutputsRecord | undefined;
  /** Whether nothing matters of a run after the first output that is not as sealed; default: so it is. */
  readonly untilFailure?: boolean | undefined;
  /** Whether to fail with AMBIGUOUS where the source has several runs. */
  readonly isAlone?: boolean | undefined;
}

/**
 * Judges runs of a source, in its order: all of them up to phase 8 before the first output is read. The caller closes the source.
 * Throws an Interruption, and a SpoolFailure where bytes can't be kept.
 */
export async function judgeCarried<Judged extends SignedBundle, Concluded, Failure extends Fault>(
  { isAlone = false, limits, progress, record, runs, signal, source, untilFailure = true }: CarriedRequest,
  { admit, check, conclude, judge, refuse, report }: BundleJudge<Judged, Concluded, Failure>,
): Promise<Result<readonly Concluded[], Failure>> {
  const opened = isAlone ? await openOne(source, runs, signal) : await source.open(runs, signal);
  if (!opened.ok) return refuse(opened, "");
  const context = verifyContext(limits, await cryptoFor(opened.value.length));
  const concluded: Concluded[] = [];
  const judged: Judged[] = [];
  const wanted: WantedOutputs[] = [];
  for (const [run, carried] of opened.value.entries()) {
    await breathe(run, signal);
    const verdict = judge(carried.opened, context);
    const bound = verdict.ok ? (check?.(verdict.value) ?? boundOutputs(verdict.value, source)) : verdict;
    const tree = verdict.ok && bound.ok ? readCarriedTree(carried, verdict.value, context) : undefined;
    if (!verdict.ok || !bound.ok || tree?.ok === false) {
      const failure = tree?.ok === false ? tree : bound;
      if (failure.ok) throw new TypeError("one of them failed");
      if (report === undefined) return refuse(failure, carried.opened.runId);
      concluded[run] = report(failure, carried.opened, verdict.ok ? verdict.value : undefined);
      continue;
    }
    judged.push(verdict.value);
    wanted.push({ run, bundle: bound.value, tree: tree?.value });
  }
  const admitted = admit === undefined ? ok(undefined) : admit(judged, context);
  if (!admitted.ok) return admitted;
  const { keeps, rowsOf, spool } = admitted.value ?? {};
  const chosen = wanted.map((each, index) => ({ ...each, rows: rowsOf?.(itemAt(judged, index)) }));
  const options = { keeps, progress, signal, spool, untilFailure };
  const found = chosen.length === 0 ? ok([]) : await source.find(chosen, options);
  if (!found.ok && report === undefined) return refuse(found, "");
  for (const [index, candidate] of judged.entries()) {
    const { bundle, run, tree } = itemAt(wanted, index);
    const { runId } = candidate.opened;
    if (!found.ok) {
      if (report !== undefined) concluded[run] = report(found, candidate.opened, candidate);
      continue;
    }
    const {
      carrier,
      findings,
      isTreeChecked,
      lookAtTree = carriedTree(tree, isTreeChecked),
    } = itemAt(found.value, index);
    const own = { source: carrier, findings };
    const verdict = await conclude(candidate, own, context, lookAtTree);
    record?.add({ runId, ...bundle }, own, verdict.ok);
    if (!verdict.ok) return verdict;
    concluded[run] = verdict.value;
  }
  return ok(concluded);
}

/**
 * What to look for, of a bundle whose signature holds. Fails with BUNDLE_UNSUITABLE {run_id} where its binding does
 * not bound what an endless source sends.
 */
export function boundOutputs(
  { claims, opened, status }: Pick<SignedBundle, "claims" | "opened" | "status">,
  { isEndless = false }: Pick<BundleReader, "isEndless">,
): Result<WantedOutputs["bundle"], OperationFault> {
  const declared = declaredBytes(status);
  if (isEndless && declared === undefined)
    return operationFault("BUNDLE_UNSUITABLE", { reason: "unbound", run_id: opened.runId });
  return ok({ claims, declaredBytes: declared });
}
