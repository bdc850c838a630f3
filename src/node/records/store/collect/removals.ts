/**
 * What a collection is asked for, and what it did.
 *
 * @module
 */

import type { FileSystem } from "../../../system/files/file-system.ts";
import type { DigestTable } from "../../../system/packs/digest-table.ts";
import type { PackProblem } from "../../../system/packs/pack-file.ts";
import type { OperationFault } from "../../../system/runtime/operation-fault.ts";
import type { WorkOptions } from "../../../system/runtime/progress.ts";
import type { Environment } from "../../../system/runtime/user-home.ts";

/** What to collect. */
export interface CollectRequest extends WorkOptions {
  /** The project root. */
  readonly root: string;
  /** Says which head this machine remembers, whose run must be there, too. */
  readonly environment?: Environment | undefined;
  /** Say what would be removed, and remove nothing. */
  readonly dryRun?: boolean | undefined;
  /** Ids of runs of the history whose objects are not needed, though their bundles are there. Of a pulled run of that id they are. */
  readonly without?: ReadonlySet<string> | undefined;
}

/** A file of the store that stays, because something in it is wrong, and no pack has a good copy. */
export interface DamagedFile {
  /** Below the project root. */
  readonly path: string;
  /** `content`: the bytes of an object do not have its digest. */
  readonly problem: PackProblem | "content";
}

/** What was removed, or after a dry run would be. */
export interface Removals {
  /** Objects that no bundle names: files of their own, and records of packs. */
  readonly removed: number;
  /** Bytes of the objects that were removed. */
  readonly bytes: number;
  /** Objects that bundles name, and that the store has. */
  readonly kept: number;
  /** Packs that were removed, and packs that were written in their place. */
  readonly packsRemoved: number;
  readonly packsWritten: number;
  /** Bytes of objects that no bundle names and that stay in packs: a pack is rewritten only where that pays. */
  readonly waste: number;
  /** Folders of partial objects and partial packs that killed seals left, and that were removed. */
  readonly partial: number;
  /** What runseal did not make, by its path below the project root; it stays. */
  readonly strays: readonly string[];
  /** Damaged files; they stay. */
  readonly damaged: readonly DamagedFile[];
  /** Packs that this user can't read; they stay. */
  readonly unreadable: readonly string[];
}

/** The same while it is counted. */
export type Tally = { -readonly [Name in keyof Removals]: Removals[Name] } & {
  readonly strays: string[];
  readonly damaged: DamagedFile[];
  readonly unreadable: string[];
};

/** What was removed, and whether the lock was released. */
export interface Collected extends Removals {
  /** PROJECT_LOCK_NOT_RELEASED where the project's lock could not be removed afterwards. */
  readonly unreleased: OperationFault | undefined;
}

/** A collection that failed. */
export type CollectFault = OperationFault & {
  /** What was removed before it failed; absent if it had not begun to remove. */
  readonly removals?: Removals;
};

/** Nothing yet. */
export function nothingRemoved(): Tally {
  return {
    removed: 0,
    bytes: 0,
    kept: 0,
    packsRemoved: 0,
    packsWritten: 0,
    waste: 0,
    partial: 0,
    strays: [],
    damaged: [],
    unreadable: [],
  };
}

/** The digests that bundles name. Those that the store has are marked, whatever the bytes are. */
export type NamedObjects = DigestTable;

/** What the parts of a collection share. */
export interface CollectSetting {
  readonly named: NamedObjects;
  readonly tally: Tally;
  readonly dryRun: boolean;
  readonly signal: AbortSignal | undefined;
  readonly fs: FileSystem;
  /** Called with each object that was looked at. */
  readonly count: () => void;
}
