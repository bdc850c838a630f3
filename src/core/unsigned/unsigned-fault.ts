/**
 * Why an unsigned bundle is not signed.
 *
 * @module
 */

import type { Fault } from "../bytes/result.ts";

/** The codes. */
export type UnsignedCode =
  | "UNSIGNED_ARTIFACT_MISSING"
  | "UNSIGNED_ARTIFACT_EXTRA"
  /** Not a regular file, beyond a limit, not strict JSON, not canonical, or not the members that a sealer writes. */
  | "UNSIGNED_ARTIFACT_MALFORMED"
  /** Two artifacts contradict each other. */
  | "UNSIGNED_MISMATCH"
  | "UNSIGNED_RUN_FAILED";

/** A fault, and what it is about. Names come from the folder: quote them before showing them. */
export interface UnsignedFault extends Fault<UnsignedCode> {
  readonly artifact: string;
  /** The member that is wrong; undefined where the whole artifact is. */
  readonly field: string | undefined;
}

/** Makes a fault. */
export function unsignedFault(code: UnsignedCode, artifact: string, field?: string): UnsignedFault {
  return { ok: false, code, artifact, field };
}
