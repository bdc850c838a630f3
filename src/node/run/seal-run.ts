/**
 * The end of a run: its outputs are collected, packed in the same read, and sealed with how the command ended. Outputs are packed while
 * the project is held.
 *
 * @module
 */

import { formatUtcSecond, ok, type Result } from "../../core/internal.ts";
import type { Signer } from "../keys/signer.ts";
import { completeSeal } from "../make/seal/complete-seal.ts";
import { type PlacedUnsigned, placeUnsigned } from "../make/seal/place-unsigned.ts";
import { noOutputs } from "../make/seal/read-findings.ts";
import { proveScratch } from "../make/seal/scratch-proof.ts";
import type { ScratchState } from "../make/seal/scratch-state.ts";
import type {
  BegunPacking,
  CompletedSeal,
  CompleteSealRequest,
  SealFault,
  SealPlace,
} from "../make/seal/seal-request.ts";
import { NOTHING_LEFT_OUT } from "../make/seal/select-outputs.ts";
import { whileHeld } from "../make/seal/while-held.ts";
import type { ProjectHome } from "../records/project/held-project.ts";
import { ObjectMemory } from "../records/store/object-memory.ts";
import { OutputPacking } from "../records/store/pack-outputs.ts";
import type { AnchoredRoot } from "../system/files/anchored-root.ts";
import { nodeFileSystem as fs } from "../system/files/file-system.ts";
import type { OperationFault } from "../system/runtime/operation-fault.ts";
import type { CommandGuard } from "./command-guard.ts";
import { findFailure, outcomeOf } from "./failed-run.ts";
import {
  collectOutputs,
  type MadeOutputs,
  type OutputsSought,
  type PackFiles,
  treeOfNothing,
} from "./made-outputs.ts";
import type { CommandEnd } from "./run-command.ts";
import type { RunFacts, RunRequest, SealedRun, UnsealedRun, UnsignedRunRequest } from "./run-request.ts";

/** How a run ended. */
export type RunEnd<Bundle> = Omit<SealedRun<Bundle>, "killed" | "recovered"> | UnsealedRun;

/** A run of which no bundle was written. */
export function unsealed(fault: SealFault, facts?: RunFacts): UnsealedRun {
  return { ok: false, message: fault.message, fault, facts, killed: [], recovered: fault.recovered ?? [] };
}

/** The facts of a run after the command's end. */
export interface EndedRun {
  readonly before: readonly ScratchState[];
  readonly after: readonly ScratchState[];
  readonly command: CommandEnd;
  /** The name of the run's record. */
  readonly record: string;
  readonly isKeyInReach: boolean;
  readonly taskSpec: Uint8Array;
  /** The guard around the command, which has ended; undefined for a run that is not guarded. */
  readonly guard?: CommandGuard | undefined;
}

/** Where the files of a run's outputs are, and where its bundle goes. */
export interface RunPlace {
  readonly root: AnchoredRoot;
  readonly project: ProjectHome;
}

/** Collects the outputs of a run and puts them into an unsigned bundle. Throws an Interruption. */
export async function sealRunUnsigned(
  { project, root }: RunPlace,
  ended: EndedRun,
  request: UnsignedRunRequest,
  sought: OutputsSought,
): Promise<RunEnd<PlacedUnsigned>> {
  const made = await collectOutputs(root, sought, async () => undefined);
  request.progress?.end();
  const { contents, facts, failure } = describeRun(ended, made, request);
  const placed = await placeUnsigned({ ...project, ...contents });
  return placed.ok ? { ok: true, bundle: placed.value, failure, ...facts } : unsealed(placed, facts);
}

/** Collects the outputs of a run, keeps them if that is asked for, and seals them. Throws an Interruption. */
export async function sealRun(
  { project, root }: RunPlace,
  ended: EndedRun & { readonly signer: Signer },
  request: RunRequest,
  sought: OutputsSought,
): Promise<RunEnd<CompletedSeal>> {
  const { signer } = ended;
  const { environment, keep, onWaiting, progress, signal } = request;
  // Of a project that can't be held, nothing is collected.
  let sealing = describeRun(ended, ok(nothingMade(request)), request);
  const collectAndSeal = async (
    pack: PackFiles,
    placeOf: () => SealPlace,
  ): Promise<Result<CompletedSeal, SealFault>> => {
    const made = await collectOutputs(root, sought, pack);
    progress?.end();
    sealing = describeRun(ended, made, request);
    return await completeSeal({ ...project, ...sealing.contents, signer, place: placeOf() });
  };
  const hold = { ...project, environment, onWaiting, signal };
  const completed = keep
    ? await whileHeld(hold, async (held) => {
        let packing: BegunPacking;
        const pack: PackFiles = async (files) => {
          packing = await OutputPacking.begin(project.home, files, {
            fs,
            memory: ObjectMemory.of(environment, project.home),
            progress,
            signal,
            source: root,
          });
          return packing.ok ? packing.value.board : undefined;
        };
        try {
          return await collectAndSeal(pack, () => ({ kind: "held", held, packing }));
        } finally {
          if (packing?.ok === true) packing.value.discard();
        }
      })
    : await collectAndSeal(
        async () => undefined,
        () => ({ kind: "project" }),
      );
  const { facts, failure } = sealing;
  return completed.ok ? { ok: true, bundle: completed.value, failure, ...facts } : unsealed(completed, facts);
}

/** What a run's bundle says, and what is reported of the run. */
interface DescribedRun {
  readonly contents: Omit<CompleteSealRequest, "given" | "place" | "signer" | keyof ProjectHome>;
  readonly failure: SealedRun["failure"];
  readonly facts: RunFacts;
}

function describeRun(
  ended: EndedRun,
  made: Result<MadeOutputs, OperationFault>,
  request: UnsignedRunRequest,
): DescribedRun {
  const { command, guard, isKeyInReach, record, taskSpec } = ended;
  const { environment, onWaiting, progress, runId, signal } = request;
  const sealedAt = formatUtcSecond(request.clock());
  const { proof, end: scratch } = proveScratch(ended.before, ended.after, { runId, timestamp: sealedAt });
  const failure = findFailure({ command, made, scratch });
  const { outputs, missing, ignored, leftOut, tree } = made.ok ? made.value : nothingMade(request);
  return {
    contents: {
      runId,
      environment,
      onWaiting,
      progress,
      signal,
      record,
      sealedAt,
      outcome: outcomeOf(failure, scratch),
      outputs,
      tree,
      proof,
      taskSpec,
      guard: guard?.bound,
    },
    failure,
    facts: { command, scratch, missing, ignored, leftOut, isKeyInReach, guarded: guard?.facts },
  };
}

/** What a run seals of outputs that can't be sealed. */
function nothingMade(request: UnsignedRunRequest): MadeOutputs {
  const outputs = noOutputs();
  return { outputs, tree: treeOfNothing(request, outputs), missing: [], ...NOTHING_LEFT_OUT };
}
