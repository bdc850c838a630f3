/**
 * The input of the last step of a seal, and the facts that it reports.
 *
 * @module
 */

import type { FailedRun, HexDigest, Result, SignerIdentity } from "../../../core/internal.ts";
import type { Signer } from "../../keys/signer.ts";
import type { RecoveredSeal } from "../../records/project/finish-pending.ts";
import type { HeldProject, HoldRequest } from "../../records/project/held-project.ts";
import type { HeadMemory } from "../../records/project/remembered-head.ts";
import type { GivenEnd } from "../../records/project/unsigned-folder.ts";
import type { OutputPacking } from "../../records/store/pack-outputs.ts";
import { Interruption } from "../../system/runtime/interruption.ts";
import type { OperationFault } from "../../system/runtime/operation-fault.ts";
import type { WorkOptions } from "../../system/runtime/progress.ts";
import type { BundleContents, TreeCounts } from "./bundle-contents.ts";
import type { OutputsRoot } from "./outputs-statement.ts";

/** Where a bundle goes. */
export type SealPlace =
  /** Into the project, without keeping the outputs: it is linked to the run before, and becomes the head unless the run failed. */
  | { readonly kind: "project" }
  /** The same into a project that is held, whose outputs were packed while they were hashed. */
  | { readonly kind: "held"; readonly held: HeldProject; readonly packing: BegunPacking }
  /** Into a folder outside of it: no links, no head, nothing kept. */
  | { readonly kind: "folder"; readonly path: string };

/** The packing of the outputs, or why it could not begin; undefined where nothing is to be kept. */
export type BegunPacking = Result<OutputPacking, OperationFault> | undefined;

/** Everything that is needed to sign. */
export interface CompleteSealRequest
  extends HoldRequest,
    WorkOptions,
    Omit<BundleContents, "previous" | "failedRuns" | "version"> {
  readonly place: SealPlace;
  /** The name of the run's record in the project; undefined for a seal that is not of a run. */
  readonly record?: string | undefined;
  /** The Merkle root of the outputs, if another thread computes it. */
  readonly outputsRoot?: OutputsRoot | undefined;
  readonly signer: Signer;
}

/** A seal that failed. */
export type SealFault = OperationFault & {
  /** What was finished of killed ones all the same; absent where the project was never held. */
  readonly recovered?: readonly RecoveredSeal[];
};

/** A bundle in its place. */
export interface CompletedSeal {
  /** Path of the run directory. */
  readonly bundle: string;
  readonly runId: string;
  readonly bundleRoot: HexDigest;
  readonly proofHash: HexDigest;
  /** The root of the run before it; undefined on the first run of a history, and outside of projects. */
  readonly previousBundleRoot: HexDigest | undefined;
  readonly signer: SignerIdentity;
  /** The runs that it lists as failed or killed since the run before it, in order of time. */
  readonly failedRuns: readonly FailedRun[];
  readonly files: number;
  readonly bytes: number;
  /** What its tree holds; undefined for a plain bundle. */
  readonly tree: TreeCounts | undefined;
  /** Objects that were added to the project's store; undefined where nothing was to be kept. */
  readonly kept: number | undefined;
  /** Their bytes. */
  readonly keptBytes: number | undefined;
  /** Why the outputs of a failed run are not kept though they were to be; undefined where they are. */
  readonly unkept: OperationFault | undefined;
  /** Objects of the store whose wrong bytes were replaced by the right ones; undefined where nothing was to be kept. */
  readonly replaced: number | undefined;
  /** What became of remembering the new head; undefined where there is none, or no place for it. */
  readonly memory: HeadMemory | undefined;
  /** What became of the unsigned bundle that was signed; absent where none was given. */
  readonly given?: GivenEnd | undefined;
  /** Seals that had been killed in the project, and what became of them. */
  readonly recovered: readonly RecoveredSeal[];
  /** PROJECT_LOCK_NOT_RELEASED where the project's lock could not be removed afterwards. */
  readonly unreleased: OperationFault | undefined;
}

/** A seal that was interrupted after it had finished what killed seals left. It was undone; the recoveries remain. */
export class InterruptedSeal extends Interruption {
  /** Killed seals in the project, and how they ended. */
  readonly recovered: readonly RecoveredSeal[];

  constructor(recovered: readonly RecoveredSeal[], cause: Interruption) {
    super(cause.message, { cause });
    this.recovered = recovered;
  }
}
