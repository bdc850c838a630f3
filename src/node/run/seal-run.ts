/**
 * The end of a run: its outputs are found, packed in the same read that hashes them, and sealed with how the command ended. Outputs are
 * packed while the project is held.
 *
 * @module
 */

import { formatUtcSecond, ok, type Result } from "../../core/internal.ts";
import type { Signer } from "../keys/signer.ts";
import type { BundleContents } from "../make/seal/bundle-contents.ts";
import { type PlacedUnsigned, placeUnsigned } from "../make/seal/place-unsigned.ts";
import { noOutputs } from "../make/seal/read-findings.ts";
import { proveScratch } from "../make/seal/scratch-proof.ts";
import type { ScratchState } from "../make/seal/scratch-state.ts";
import { type CompletedSeal, sealIntoProject } from "../make/seal/seal-into-project.ts";
import { NOTHING_LEFT_OUT } from "../make/seal/select-outputs.ts";
import { type SealFault, whileHeld } from "../make/seal/while-held.ts";
import type { ProjectHome } from "../records/project/held-project.ts";
import { ObjectMemory } from "../records/store/object-memory.ts";
import { OutputPacking } from "../records/store/pack-outputs.ts";
import type { AnchoredRoot } from "../system/files/anchored-root.ts";
import type { OperationFault } from "../system/runtime/operation-fault.ts";
import type { CommandGuard } from "./command-guard.ts";
import { findFailure, outcomeOf } from "./failed-run.ts";
import { findMade, hashMade, type MadeOutputs, type OutputsSought, treeOfNothing } from "./made-outputs.ts";
import type { CommandEnd } from "./run-command.ts";
import type { RunFacts, RunRequest, SealedRun, UnsealedRun, UnsignedRunRequest } from "./run-request.ts";

/** How a run ended. */
export type RunEnd<Bundle> = Omit<SealedRun<Bundle>, "killed" | "recovered"> | UnsealedRun;

/** A run of which no bundle was written. */
export function unsealed(fault: SealFault, facts?: RunFacts): UnsealedRun {
  return { ok: false, message: fault.message, fault, facts, killed: [], recovered: fault.recovered ?? [] };
}

/** A run whose command has ended. */
export interface EndedRun {
  readonly root: AnchoredRoot;
  readonly project: ProjectHome;
  readonly sought: OutputsSought;
  readonly before: readonly ScratchState[];
  readonly after: readonly ScratchState[];
  readonly command: CommandEnd;
  /** The name of the run's record. */
  readonly record: string;
  readonly isKeyInReach: boolean;
  readonly taskSpec: Uint8Array;
  /** The guard around the command, which has ended; undefined for a run that is not guarded. */
  readonly guard: CommandGuard | undefined;
}

/** Seals a run into an unsigned bundle. Throws an Interruption. */
export async function sealRunUnsigned(
  ended: EndedRun,
  request: UnsignedRunRequest,
): Promise<RunEnd<PlacedUnsigned>> {
  const run = describeRun(ended, await collectOutputs(ended), request);
  return endOf(run, await placeUnsigned({ ...request, ...ended.project }, run.contents, request.progress));
}

/** Seals a run, and keeps its outputs if that is asked for. Throws an Interruption. */
export async function sealRun(
  ended: EndedRun,
  request: RunRequest,
  signer: Signer,
): Promise<RunEnd<CompletedSeal>> {
  const { progress, signal } = request;
  const sealing = { progress, signal, signer };
  const hold = { ...request, ...ended.project };
  if (!request.keep) {
    const run = describeRun(ended, await collectOutputs(ended), request);
    return endOf(
      run,
      await whileHeld(hold, async (held) => await sealIntoProject(held, run.contents, sealing)),
    );
  }
  const { root, sought } = ended;
  // Of a project that can't be held, nothing is collected.
  let run = describeRun(ended, ok(nothingMade(request)), request);
  const sealed = await whileHeld(hold, async (held) => {
    const found = await findMade(root, sought);
    const memory = ObjectMemory.ofProject(held);
    const packing = found.ok
      ? await OutputPacking.begin(held.home, found.value.selected.paths.length, {
          memory,
          progress,
          signal,
          source: root,
        })
      : undefined;
    using begun = packing?.ok === true ? packing.value : undefined;
    const made = found.ok ? await hashMade(root, found.value, sought, begun?.board) : found;
    progress?.end();
    run = describeRun(ended, made, request);
    return await sealIntoProject(held, run.contents, { ...sealing, packing });
  });
  return endOf(run, sealed);
}

/** Finds the outputs and hashes them. None is kept. */
async function collectOutputs({ root, sought }: EndedRun): Promise<Result<MadeOutputs, OperationFault>> {
  const found = await findMade(root, sought);
  const made = found.ok ? await hashMade(root, found.value, sought, undefined) : found;
  sought.progress?.end();
  return made;
}

function endOf<Bundle>({ facts, failure }: DescribedRun, sealed: Result<Bundle, SealFault>): RunEnd<Bundle> {
  return sealed.ok ? { ok: true, bundle: sealed.value, failure, ...facts } : unsealed(sealed, facts);
}

/** What a run's bundle says, and what is reported of the run. */
interface DescribedRun {
  readonly contents: BundleContents;
  readonly failure: SealedRun["failure"];
  readonly facts: RunFacts;
}

function describeRun(
  ended: EndedRun,
  made: Result<MadeOutputs, OperationFault>,
  request: UnsignedRunRequest,
): DescribedRun {
  const { command, guard, isKeyInReach, record, taskSpec } = ended;
  const { runId } = request;
  const sealedAt = formatUtcSecond(request.clock());
  const { proof, end: scratch } = proveScratch(ended.before, ended.after, { runId, timestamp: sealedAt });
  const failure = findFailure({ command, made, scratch });
  const outcome = outcomeOf(failure, scratch);
  const { outputs, missing, ignored, leftOut, tree } = made.ok ? made.value : nothingMade(request);
  return {
    contents: { runId, sealedAt, outcome, outputs, tree, proof, taskSpec, record, guard: guard?.bound },
    failure,
    facts: { command, scratch, missing, ignored, leftOut, isKeyInReach, guarded: guard?.facts },
  };
}

/** What a run seals of outputs that can't be sealed. */
function nothingMade(request: UnsignedRunRequest): MadeOutputs {
  const outputs = noOutputs();
  return { outputs, tree: treeOfNothing(request, outputs), missing: [], ...NOTHING_LEFT_OUT };
}
