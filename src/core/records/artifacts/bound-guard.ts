/**
 * The two snapshots of a guarded run: the member `guard` of its binding (PROTOCOL 11).
 *
 *     "guard": { "after": 64 hex or null, "before": 64 hex, "folder": 64 hex }
 *
 * Signed with the run, so that a revert of it can't be turned to other states of the folder. Phase 10 checks the form. Whether both
 * snapshots are in the history is for the history's judge (HISTORY_GUARD_MISSING).
 *
 * @module
 */

import type { HexDigest } from "../../system/bytes/hex.ts";
import { DIGEST, type Kind, object, optional, orNull } from "../../system/json/record.ts";

/** What a binding names of the guarded folder. */
export interface BoundGuard {
  /** SHA-256 of the guarded folder's real path: it names the folder, and does not publish its place. */
  readonly folder: HexDigest;
  /** The root of the snapshot from before the command. */
  readonly before: HexDigest;
  /** The root of the snapshot from after it; undefined if the folder could not be looked at then. */
  readonly after: HexDigest | undefined;
}

/** The member of a binding; undefined for a run that was not guarded. */
export const BOUND_GUARD: Kind<BoundGuard | undefined> = optional(
  object<BoundGuard>({ after: orNull(DIGEST), before: DIGEST, folder: DIGEST }),
);
