/**
 * What a planned revert does, and what stands against it.
 *
 * @module
 */

import type { HexDigest } from "../../system/bytes/hex.ts";
import type { BlockedPath, ChangedPath } from "../../system/codes/restore-fault.ts";
import type { RevertPlan } from "./revert-plan.ts";

/** A planned revert. Lists are in byte order of path. If anything is blocked, or changed and not to be taken, do not apply the plan. */
export interface RevertOutlook {
  readonly plan: RevertPlan;
  /** How many paths of the set are already what they are to be. */
  readonly already: number;
  /** What was changed after the run. Planned as well, unless it is skipped. */
  readonly changed: readonly ChangedPath[];
  /** What is not reverted: paths that were changed, and paths that can only be reverted with them. */
  readonly skipped: readonly string[];
  readonly blocked: readonly BlockedPath[];
  /** Folders that the run made and that stay, because something else is in them. */
  readonly foldersLeft: readonly string[];
}

/** What lstat says of a place. */
export interface PlaceFacts {
  /** Whether this process may change its mode and make hard links to it. */
  readonly isOurs: boolean;
  readonly isOtherFileSystem: boolean;
  /** Whether it is a FIFO, a socket or a device, and nothing is mounted there. */
  readonly isSpecial: boolean;
  /** How many hard links a file has. */
  readonly links: number;
  readonly bytes: number;
  /** Of a folder: whether this process may add and remove names in it. */
  readonly isWritable: boolean;
}

/** What a plan asks of the machine. Every answer is about the present. */
export interface RevertPlaces {
  /** What is at a path, no link followed; undefined if nothing is. An empty path is the guarded folder. */
  look(path: string): PlaceFacts | undefined;
  /** All names in a folder, what is not guarded too; undefined if it cannot be listed. */
  list(path: string): readonly string[] | undefined;
  /** The size of an object in bytes; undefined if the store does not have it. */
  sizeOf(digest: HexDigest): number | undefined;
}
