/**
 * Why an unsigned bundle is not signed.
 *
 * @module
 */

import type { Fault } from "../../system/bytes/result.ts";

/** What is wrong with it. */
export type UnsignedFlaw =
  | "missing"
  | "extra"
  /** Not a regular file, beyond a limit, not strict JSON, not canonical, or not the members that a sealer writes. */
  | "malformed"
  /** Two artifacts contradict each other. */
  | "mismatch"
  | "run-failed";

/** A fault, and what it is about. Names come from the folder: quote them before showing them. */
export interface UnsignedFault extends Fault<"UNSIGNED_INVALID"> {
  readonly reason: UnsignedFlaw;
  readonly artifact: string;
  /** The member that is wrong; undefined where the whole artifact is. */
  readonly field: string | undefined;
}

/** Makes a fault. */
export function unsignedFault(reason: UnsignedFlaw, artifact: string, field?: string): UnsignedFault {
  return { ok: false, code: "UNSIGNED_INVALID", reason, artifact, field };
}
