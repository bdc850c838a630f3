/**
 * Canonical JSON: a value to the one byte string that is hashed or signed (PROTOCOL 4.2 to 4.4).
 *
 * No white space; keys in the order of their UTF-8 bytes; strings escape only what they must. For
 * documents without numbers beyond integers, jq writes the same bytes: `jq -cSj . file`.
 *
 * @module
 */

import type { Crypto, RunningSha256 } from "../bytes/crypto.ts";
import { type Fault, ok, type Result } from "../bytes/result.ts";
import { encodeUtf8, sortUtf8, writeUtf8 } from "../bytes/utf8.ts";
import { withRoom } from "../bytes/with-room.ts";
import { ASCII_FORM, CanonicalWriter, type Form, PIECE, type Sink, UTF8_FORM } from "./canonical-writer.ts";
import type { JsonValue } from "./json-value.ts";

/** No unit of UTF-16 has more than three bytes in UTF-8. */
const BYTES_A_UNIT = 3;

/** Most bytes of a piece that is not one long text. */
const LARGEST_PIECE: number = PIECE * BYTES_A_UNIT;

/** Bytes that are written now. Most documents fit: platforms hash one array faster than the same bytes in three pieces. */
const scratch: Uint8Array = new Uint8Array(LARGEST_PIECE);

/** A number has no form that all honest verifiers agree on (4.3). */
export type SerializationFault = Fault<"SERIALIZATION_INVALID">;

/** A number of a proof overflows a double (4.4). */
export interface NumberOverflowFault extends Fault<"ARTIFACT_MALFORMED"> {
  readonly reason: "number-overflow";
}

/**
 * Encodes a value in the canonical form of 4.2, UTF-8 bytes. Fails with SERIALIZATION_INVALID where a
 * number has no agreed form (4.3): two honest verifiers must never derive two roots from one bundle.
 *
 * @param expectedBytes how long the result will be, where a caller knows: then a long one is not copied.
 */
export function encodeCanonical(value: JsonValue, expectedBytes = 0): Result<Uint8Array, SerializationFault> {
  const bytes = encode(value, UTF8_FORM, expectedBytes);
  return bytes === undefined ? { ok: false, code: "SERIALIZATION_INVALID" } : ok(bytes);
}

/**
 * Encodes JSON that runseal built itself, in the canonical form of 4.2. Such a value has only texts and integers,
 * which always have a canonical form. Throws a TypeError for any other number, which is a bug.
 */
export function encodeOwn(value: JsonValue, expectedBytes?: number): Uint8Array {
  const encoded = encodeCanonical(value, expectedBytes);
  if (!encoded.ok) throw new TypeError("texts and integers always have a canonical form");
  return encoded.value;
}

/** A document with lists that are never held as arrays: such a list is a function, and its items are made one by one. */
export type LongJson = JsonValue | (() => Iterable<JsonValue>) | ReadonlyMap<string, LongJson>;

/** Encodes what may be too long for one text, as `encodeOwn` does, piece by piece. */
export function* encodeInPieces(document: LongJson): Generator<Uint8Array, void, undefined> {
  let text = "";
  for (const part of partsOf(document, textWriter())) {
    text += part;
    if (text.length < PIECE) continue;
    yield encodeUtf8(text);
    text = "";
  }
  if (text !== "") yield encodeUtf8(text);
}

function* partsOf(value: LongJson, textOf: (value: JsonValue) => string): Generator<string, void, undefined> {
  if (typeof value === "function") {
    let before = "[";
    for (const item of value()) {
      yield before + textOf(item);
      before = ",";
    }
    yield before === "[" ? "[]" : "]";
  } else if (isLongObject(value)) {
    let before = "{";
    for (const key of sortUtf8([...value.keys()])) {
      yield `${before}${textOf(key)}:`;
      yield* partsOf(value.get(key) ?? null, textOf);
      before = ",";
    }
    yield before === "{" ? "{}" : "}";
  } else yield textOf(value);
}

function isLongObject(value: LongJson): value is ReadonlyMap<string, LongJson> {
  return value instanceof Map;
}

/** Gives the text of one value after another, all by one writer: a list may have millions of short items. */
function textWriter(): (value: JsonValue) => string {
  let text = "";
  const writer = new CanonicalWriter(UTF8_FORM, (piece) => {
    text += String(piece);
  });
  return (value) => {
    text = "";
    if (!writer.value(value)) throw new TypeError("texts and integers always have a canonical form");
    writer.flush();
    return text;
  };
}

/**
 * Gives the SHA-256 of what `encodeCanonical` gives, 32 raw bytes, without ever holding all of it: a manifest of a million
 * files takes a hundred megabytes. Fails as `encodeCanonical` does.
 */
export function hashCanonical(value: JsonValue, crypto: Crypto): Result<Uint8Array, SerializationFault> {
  let running: RunningSha256 | undefined;
  const end = { bytes: scratch, length: 0 };
  const isWritten = gather(value, UTF8_FORM, end, (most) => {
    running ??= crypto.beginSha256();
    running.add(end.bytes.subarray(0, end.length));
    end.length = 0;
    end.bytes = withRoom(end.bytes, most);
  });
  if (!isWritten) return { ok: false, code: "SERIALIZATION_INVALID" };
  const rest = end.bytes.subarray(0, end.length);
  if (running === undefined) return ok(crypto.sha256(rest));
  running.add(rest);
  return ok(running.end());
}

/**
 * Encodes a value in the ASCII form of 4.4, over which `proof_hash` is computed. Fails with
 * ARTIFACT_MALFORMED where a number overflows a double.
 */
export function encodeAsciiCanonical(value: JsonValue): Result<Uint8Array, NumberOverflowFault> {
  const bytes = encode(value, ASCII_FORM, 0);
  if (bytes === undefined) return { ok: false, code: "ARTIFACT_MALFORMED", reason: "number-overflow" };
  return ok(bytes);
}

/** Writes a value and gives its bytes, or `undefined` where a number in it has no form. */
function encode(value: JsonValue, form: Form, expectedBytes: number): Uint8Array | undefined {
  const end = {
    bytes: expectedBytes === 0 ? scratch : new Uint8Array(expectedBytes + 2 * LARGEST_PIECE),
    length: 0,
  };
  const isWritten = gather(value, form, end, (most) => {
    end.bytes = withRoom(end.bytes, end.length + most);
  });
  if (!isWritten) return undefined;
  // A short document, of which many may be kept, does not keep the room that it did not need.
  const isCopied = end.length < PIECE || end.bytes.length === LARGEST_PIECE;
  return isCopied ? end.bytes.slice(0, end.length) : end.bytes.subarray(0, end.length);
}

/** Bytes that are gathered. */
interface Gathered {
  bytes: Uint8Array;
  length: number;
}

/**
 * Writes a value behind what is gathered; where that has no room for the next bytes, `makeRoom` sees to it. `false` if a number in it
 * has no canonical form; the bytes are then invalid.
 */
function gather(value: JsonValue, form: Form, end: Gathered, makeRoom: (most: number) => void): boolean {
  return write(value, form, (piece) => {
    const most = typeof piece === "string" ? piece.length * BYTES_A_UNIT : piece.length;
    if (end.length + most > end.bytes.length) makeRoom(most);
    const place = end.bytes.subarray(end.length);
    if (typeof piece === "string") end.length += writeUtf8(piece, place);
    else {
      place.set(piece);
      end.length += piece.length;
    }
  });
}

/** Writes a value; `false` if a number in it has no canonical form; the sink's content is then invalid. */
function write(value: JsonValue, form: Form, sink: Sink): boolean {
  const writer = new CanonicalWriter(form, sink);
  if (!writer.value(value)) return false;
  writer.flush();
  return true;
}
