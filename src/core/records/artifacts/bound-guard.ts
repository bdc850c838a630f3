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
import { type Ok, ok } from "../../system/bytes/result.ts";
import type { JsonMember, JsonObject } from "../../system/json/json-value.ts";
import { DIGEST, MALFORMED, object, optional, orNull } from "../../system/json/record.ts";

/** What a binding names of the guarded folder. */
export interface BoundGuard {
  /** SHA-256 of the guarded folder's real path: it names the folder, and does not publish its place. */
  readonly folder: HexDigest;
  /** The root of the snapshot from before the command. */
  readonly before: HexDigest;
  /** The root of the snapshot from after it; undefined if the folder could not be looked at then. */
  readonly after: HexDigest | undefined;
}

const GUARD = optional(object<BoundGuard>({ after: orNull(DIGEST), before: DIGEST, folder: DIGEST }));

/** Makes the member of a binding; undefined for a run that was not guarded. */
export function guardMember(guard: BoundGuard | undefined): JsonMember {
  return GUARD.write(guard);
}

/** Reads the member of a binding; `undefined` if it has none. Fails if it is malformed. */
export function readBoundGuard(binding: JsonObject): Ok<BoundGuard | undefined> | { readonly ok: false } {
  const guard = GUARD.read(binding.get("guard"));
  return guard === MALFORMED ? { ok: false } : ok(guard);
}
