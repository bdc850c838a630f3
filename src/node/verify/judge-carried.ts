/**
 * Judging runs that were carried here, in an archive or by a registry: their artifacts come before their outputs, and both may pass
 * only once.
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
import type { Progress } from "../runtime/progress.ts";
import type { BundleReader, WantedOutputs } from "../source/bundle-source.ts";
import { carriedTree, readCarriedTree } from "../source/tree-look.ts";
import { cryptoFor } from "./chain-signatures.ts";
import type { BundleJudge } from "./judge-chain.ts";
import { boundOutputs } from "./most-bytes.ts";
import { openOne } from "./open-one.ts";
import type { OutputsRecord } from "./outputs-record.ts";

/** How to judge runs that are carried. Nothing of a disk is looked at. */
export interface CarriedRequest {
  readonly source: BundleReader;
  /** Which runs to judge, by their ids; all of them where undefined. */
  readonly runs?: readonly string[] | undefined;
  readonly limits?: Limits | undefined;
  readonly signal?: AbortSignal | undefined;
  readonly progress?: Progress | undefined;
  readonly record?: OutputsRecord | undefined;
  /** Whether to fail with AMBIGUOUS where the source has several runs. */
  readonly isAlone?: boolean | undefined;
}

/**
 * Judges runs that are carried, in the order of their source: all of them up to phase 8 before the first output is read. The caller
 * closes the source. Throws an Interruption, and a SpoolFailure where bytes can't be kept.
 */
export async function judgeCarried<Judged extends SignedBundle, Concluded, Failure extends Fault>(
  { isAlone = false, limits, progress, record, runs, signal, source }: CarriedRequest,
  { admit, conclude, judge, refuse }: BundleJudge<Judged, Concluded, Failure>,
): Promise<Result<readonly Concluded[], Failure>> {
  const opened = isAlone ? await openOne(source, runs, signal) : await source.open(runs, signal);
  if (!opened.ok) return refuse(opened, "");
  const context = verifyContext(limits, await cryptoFor(opened.value.length));
  const judged: Judged[] = [];
  const wanted: WantedOutputs[] = [];
  for (const [run, carried] of opened.value.entries()) {
    await breathe(run, signal);
    const { runId } = carried.opened;
    const verdict = judge(carried.opened, context);
    if (!verdict.ok) return refuse(verdict, runId);
    const bound = boundOutputs(verdict.value, source);
    if (!bound.ok) return refuse(bound, runId);
    const tree = readCarriedTree(carried, verdict.value, context);
    if (tree?.ok === false) return refuse(tree, runId);
    judged.push(verdict.value);
    wanted.push({ run, bundle: bound.value, tree: tree?.value });
  }
  const admitted = admit === undefined ? ok(undefined) : admit(judged, context);
  if (!admitted.ok) return admitted;
  const { keeps, rowsOf, spool } = admitted.value ?? {};
  const chosen = wanted.map((each, index) => ({ ...each, rows: rowsOf?.(itemAt(judged, index)) }));
  const found = await source.find(chosen, { keeps, progress, signal, spool, untilFailure: true });
  if (!found.ok) return refuse(found, "");
  const concluded: Concluded[] = [];
  for (const [index, candidate] of judged.entries()) {
    const { tree } = itemAt(wanted, index);
    const { carrier, findings, isTreeChecked } = itemAt(found.value, index);
    const own = { source: carrier, findings };
    const look = carriedTree(tree && ok(tree), isTreeChecked);
    const verdict = await conclude(candidate, own, context, look);
    const {
      claims,
      opened: { runId },
      status,
    } = candidate;
    record?.add({ runId, claims, declaredBytes: declaredBytes(status) }, own, verdict.ok);
    if (!verdict.ok) return verdict;
    concluded.push(verdict.value);
  }
  return ok(concluded);
}
