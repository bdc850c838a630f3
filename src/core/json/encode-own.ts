import { encodeCanonical } from "./canonical-json.ts";
import type { JsonValue } from "./json-value.ts";

/**
 * Encodes JSON that runseal built itself, in the canonical form of 4.2. Such a value has only texts and integers,
 * which always have a canonical form. Throws a TypeError for any other number, which is a bug.
 * `expectedBytes` sizes the first buffer.
 */
export function encodeOwn(value: JsonValue, expectedBytes?: number): Uint8Array {
  const encoded = encodeCanonical(value, expectedBytes);
  if (!encoded.ok) throw new TypeError("texts and integers always have a canonical form");
  return encoded.value;
}
