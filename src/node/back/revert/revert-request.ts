/**
 * What a revert is asked for, and what comes of it.
 *
 * @module
 */

import type { HexDigest, RestoreFault, RevertChoice, RevertPlan } from "../../../core/internal.ts";
import type { SignerChoice, SignerSurroundings } from "../../keys/open-signer.ts";
import type { Trust } from "../../keys/trust/whom-to-trust.ts";
import type { RecoveredSeal } from "../../records/project/finish-pending.ts";
import type { HoldRequest } from "../../records/project/held-project.ts";
import type { Protection } from "../../system/files/shared-above.ts";
import type { OperationFault } from "../../system/runtime/operation-fault.ts";
import type { WorkOptions } from "../../system/runtime/progress.ts";
import type { Recovery, RestoreFailure } from "../transaction/restore-failure.ts";
import type { RevertTarget } from "./find-reverted.ts";
import type { GuardedPlace } from "./open-guarded.ts";
import type { BundleRefusal } from "./read-snapshot.ts";

/** What to revert, and how. */
export interface RevertFolderRequest extends GuardedPlace, WorkOptions, Pick<HoldRequest, "onWaiting"> {
  readonly target: RevertTarget;
  readonly choice: RevertChoice;
  /** Revert files that a process writes to. */
  readonly evenIfOpen: boolean;
  /** Bytes that the snapshot of now may add; default 10 GiB. */
  readonly budget?: number | undefined;
  /** Only plan, and change nothing in the folder. */
  readonly dryRun: boolean;
  /** Whom to believe beside the guard's own key. */
  readonly trust: Trust;
  /** Who signs the snapshots before and after the revert. */
  readonly signer: SignerChoice;
  readonly surroundings: SignerSurroundings;
  /** The id of the revert; one is made from what is reverted if it is undefined. */
  readonly revertId?: string | undefined;
  /** Seconds since 1970. */
  readonly now: number;
  readonly jobs?: number | undefined;
}

/** The folder is as planned; or it would be, after a dry run. */
export interface RevertSuccess {
  readonly ok: true;
  /** The run, snapshot or revert that was reverted. */
  readonly runId: string;
  /** Of a redo: the run that is done again. */
  readonly redone: string | undefined;
  readonly plan: RevertPlan;
  /** How many paths were as they are to be. */
  readonly already: number;
  readonly skipped: readonly string[];
  readonly foldersLeft: readonly string[];
  /** The snapshots before and after the revert; undefined after a dry run, and where nothing was to be done. */
  readonly sealed: SealedRevert | undefined;
  /** What kept other processes from leading it elsewhere. */
  readonly protection: Protection;
  /** Whether the staging folder is removed too. */
  readonly isClean: boolean;
  /** Whether the folder is another one than the one that was guarded. */
  readonly isOtherFolder: boolean;
  /** Earlier reverts and restores in the folder that were killed, and recovered first. */
  readonly recovered: readonly Recovery[];
  /** Killed seals of the guard that were finished first. */
  readonly finished: readonly RecoveredSeal[];
  /** A lock that could not be removed afterwards, or the reason why the new state could not be sealed. */
  readonly late: OperationFault | undefined;
}

/** The snapshots of a revert. */
export interface SealedRevert {
  readonly revertId: string;
  /** The snapshot before the revert: its id and root. It may be an earlier snapshot that is equal. */
  readonly beforeId: string;
  readonly before: HexDigest;
  /** The root of the snapshot after the revert; undefined if it could not be sealed. */
  readonly after: HexDigest | undefined;
}

/** A revert that was refused, or failed. */
export type RevertFailure = RestoreFailure | BundleRefusal | OperationFault;

/** A fault before anything was changed, of any kind. */
export type RevertRefusal = RestoreFault | BundleRefusal | OperationFault;
