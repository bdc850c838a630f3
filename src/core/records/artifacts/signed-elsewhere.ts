/**
 * A bundle that was signed away from the process that sealed it: the members `signed_elsewhere` and `signed_at` of a binding
 * (PROTOCOL 11.1). The signer hashed the outputs, and did not witness the command.
 *
 * @module
 */

import { type Ok, ok } from "../../system/bytes/result.ts";
import { isUtcSecond, utcSeconds } from "../../system/bytes/utc-time.ts";
import type { JsonObject } from "../../system/json/json-value.ts";

/** The name of a member. */
export type SignedElsewhereField = "signed_elsewhere" | "signed_at" | "sealed_at";

/** The moments that a binding names, RFC 3339, UTC, whole seconds. */
interface BoundTimes {
  readonly sealedAt: string;
  /** Undefined where the process that sealed also signed. */
  readonly signedAt?: string | undefined;
}

/** Makes the members of a binding. */
export function signedElsewhereMembers(signedAt: string): {
  readonly signed_elsewhere: true;
  readonly signed_at: string;
} {
  return { signed_elsewhere: true, signed_at: signedAt };
}

/**
 * Reads the members of a binding that was sealed at `sealedAt`: when it was signed, `undefined` where it has neither. Fails with the
 * name of the first member that is malformed: one without the other, anything but `true`, a time of another form, or a `sealed_at` after it.
 */
export function readSignedElsewhere(
  binding: JsonObject,
  sealedAt: string,
): Ok<string | undefined> | { readonly ok: false; readonly field: SignedElsewhereField } {
  const declared = binding.get("signed_elsewhere");
  const signedAt = binding.get("signed_at");
  if (declared === undefined && signedAt === undefined) return ok(undefined);
  if (declared !== true) return { ok: false, field: "signed_elsewhere" };
  if (typeof signedAt !== "string" || !isUtcSecond(signedAt)) return { ok: false, field: "signed_at" };
  return isAfter(sealedAt, signedAt) ? { ok: false, field: "sealed_at" } : ok(signedAt);
}

/** The signer's own time: when a bundle was signed, which is when it was sealed unless it was signed elsewhere. */
export function signerTime({ sealedAt, signedAt }: BoundTimes): string {
  return signedAt ?? sealedAt;
}

/** Whether a moment is after another. */
export function isAfter(moment: string, other: string): boolean {
  const [left, right] = [utcSeconds(moment), utcSeconds(other)];
  return left === undefined || right === undefined || left > right;
}
