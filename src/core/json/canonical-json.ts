/**
 * Canonical JSON: a value to the one byte string that is hashed or signed (PROTOCOL 4.2 to 4.4).
 *
 * No white space; keys in the order of their UTF-8 bytes; strings escape only what they must. For
 * documents without numbers beyond integers, jq writes the same bytes: `jq -cSj . file`.
 *
 * @module
 */

import type { Crypto } from "../bytes/crypto.ts";
import { ok, type Result } from "../bytes/result.ts";
import { ASCII_FORM, CanonicalWriter, type Form, type Piece, UTF8_FORM } from "./canonical-writer.ts";
import type { JsonValue } from "./json-value.ts";

/** A number has no form that all honest verifiers agree on (4.3). */
export interface SerializationFault {
  readonly ok: false;
  readonly code: "SERIALIZATION_INVALID";
}

/** A number of a proof overflows a double (4.4). */
export interface NumberOverflowFault {
  readonly ok: false;
  readonly code: "ARTIFACT_MALFORMED";
  readonly reason: "number-overflow";
}

/**
 * Encodes a value in the canonical form of 4.2, UTF-8 bytes. Fails with SERIALIZATION_INVALID where a
 * number has no agreed form (4.3): two honest verifiers must never derive two roots from one bundle.
 */
export function encodeCanonical(value: JsonValue): Result<Uint8Array, SerializationFault> {
  const bytes = collect(value, UTF8_FORM);
  return bytes === undefined ? { ok: false, code: "SERIALIZATION_INVALID" } : ok(bytes);
}

/**
 * Gives the SHA-256 of what `encodeCanonical` gives, 32 raw bytes, without ever holding all of it: a manifest of a million
 * files takes a hundred megabytes. Fails as `encodeCanonical` does.
 */
export function hashCanonical(value: JsonValue, crypto: Crypto): Result<Uint8Array, SerializationFault> {
  const running = crypto.beginSha256();
  const sink = (piece: Piece): void => running.add(piece instanceof Uint8Array ? piece : piece.bytes);
  const written = write(new CanonicalWriter(UTF8_FORM, sink, true), value);
  return written ? ok(running.end()) : { ok: false, code: "SERIALIZATION_INVALID" };
}

/**
 * Encodes a value in the ASCII form of 4.4, over which `proof_hash` is computed. Fails with
 * ARTIFACT_MALFORMED where a number overflows a double.
 */
export function encodeAsciiCanonical(value: JsonValue): Result<Uint8Array, NumberOverflowFault> {
  const bytes = collect(value, ASCII_FORM);
  if (bytes === undefined) return { ok: false, code: "ARTIFACT_MALFORMED", reason: "number-overflow" };
  return ok(bytes);
}

/** Writes a value and gives its bytes, or `undefined` where a number in it has no form. */
function collect(value: JsonValue, form: Form): Uint8Array | undefined {
  const pieces: Piece[] = [];
  const writer = new CanonicalWriter(form, (piece) => pieces.push(piece), false);
  if (!write(writer, value)) return undefined;
  const [only] = pieces;
  return only instanceof Uint8Array && pieces.length === 1 ? only : concatPieces(pieces);
}

/** The pieces as one. What is still to be written is written there: of a long manifest there is no second copy. */
function concatPieces(pieces: readonly Piece[]): Uint8Array {
  const whole = new Uint8Array(pieces.reduce((sum, piece) => sum + piece.length, 0));
  let offset = 0;
  for (const piece of pieces) {
    if (piece instanceof Uint8Array) whole.set(piece, offset);
    else piece.writeInto(whole.subarray(offset, offset + piece.length));
    offset += piece.length;
  }
  return whole;
}

/** Writes a value; `false` where a number in it has no form, and what was written is of no use. */
function write(writer: CanonicalWriter, value: JsonValue): boolean {
  if (!writer.value(value)) return false;
  writer.flush();
  return true;
}
