/**
 * Small JSON objects from a table: each member has a kind, which reads it strictly and writes it. An object has exactly the members
 * of its table.
 *
 *     const HEAD = recordFile<Head>(1, { bundleRoot: DIGEST, runId: text(isRunId) });
 *     {"bundle_root":"…","run_id":"…","version":1}
 *
 * @module
 */

import { concatBytes, isSameBytes } from "../bytes/bytes.ts";
import { type HexDigest, isHexDigest, parseHex, toHex } from "../bytes/hex.ts";
import { isUtcSecond } from "../bytes/utc-time.ts";
import { encodeUtf8 } from "../bytes/utf8.ts";
import { encodeOwn } from "./canonical-json.ts";
import { asCount, integerOf, isJsonObject, type JsonObject, type JsonValue } from "./json-value.ts";
import { parseObject } from "./strict-json.ts";

/** What `read` gives for a value that is not of its kind. */
export const MALFORMED: unique symbol = Symbol("malformed");

/** How a member is read and written; `undefined` is a member that is absent. */
export interface Kind<T> {
  read(json: JsonValue | undefined): T | typeof MALFORMED;
  write(value: T): JsonValue | undefined;
  /** The name in JSON, where it is not the field's in snake case. */
  readonly member?: string;
}

/** The kind of an object. */
export interface ObjectKind<T> extends Kind<T> {
  /** The name of the first member, in the order of the fields, that is not of its kind. */
  breach(json: JsonObject): string | undefined;
  write(value: T): JsonObject;
}

/** A kind for each field of an object. */
export type Fields<T> = { readonly [K in keyof T]: Kind<T[K]> };

/** Reads a value; `undefined` where it is not of the kind. */
export function readAs<T>(kind: Kind<T>, json: JsonValue | undefined): T | undefined {
  const value = kind.read(json);
  return value === MALFORMED ? undefined : value;
}

/** What is in JSON as it is here. */
export function checked<T extends JsonValue>(isOfKind: (json: JsonValue | undefined) => json is T): Kind<T> {
  return { read: (json) => (isOfKind(json) ? json : MALFORMED), write: (value) => value };
}

/** A text for which `isLawful` holds; default: any. */
export function text(isLawful: (text: string) => boolean = () => true): Kind<string> {
  return checked((json): json is string => typeof json === "string" && isLawful(json));
}

/** One of some texts. */
export function oneOf<T extends string>(texts: readonly T[]): Kind<T> {
  return checked((json): json is T => texts.some((known) => known === json));
}

/** 64 lowercase hex. */
export const DIGEST: Kind<HexDigest> = checked((json): json is HexDigest => isHexDigest(json));

/** RFC 3339, UTC, whole seconds. */
export const MOMENT: Kind<string> = text(isUtcSecond);

/** `true` or `false`. */
export const FLAG: Kind<boolean> = checked((json): json is boolean => typeof json === "boolean");

/** An integer from 0 to `most`; default: any that a double can hold. */
export function count(most: number = Number.MAX_SAFE_INTEGER): Kind<number> {
  const read: Kind<number>["read"] = (json) => {
    const value = asCount(json);
    return value !== undefined && value <= most ? value : MALFORMED;
  };
  return { read, write: integerOf };
}

/** Raw bytes of a fixed length, in lowercase hex. */
export function hexBytes(length: number): Kind<Uint8Array> {
  return mapped(text(), (hex) => parseHex(hex, length), toHex);
}

/** A kind whose value stands for another one. `parse` gives `undefined` for a value that stands for none. */
export function mapped<Raw, T>(
  raw: Kind<Raw>,
  parse: (raw: Raw) => T | undefined,
  format: (value: T) => Raw,
): Kind<T> {
  const read: Kind<T>["read"] = (json) => {
    const value = raw.read(json);
    return value === MALFORMED ? MALFORMED : (parse(value) ?? MALFORMED);
  };
  return { read, write: (value) => raw.write(format(value)) };
}

/** A kind of which only some values are lawful. */
export function where<T>(kind: Kind<T>, isLawful: (value: T) => boolean): Kind<T> {
  return mapped(
    kind,
    (value) => (isLawful(value) ? value : undefined),
    (value) => value,
  );
}

/** A list of at most so many items. */
export function list<T>(item: Kind<T>, most: number = Number.POSITIVE_INFINITY): Kind<readonly T[]> {
  const read: Kind<readonly T[]>["read"] = (json) => {
    if (!Array.isArray(json) || json.length > most) return MALFORMED;
    const items: T[] = [];
    for (const each of json) {
      const value = item.read(each);
      if (value === MALFORMED) return MALFORMED;
      items.push(value);
    }
    return items;
  };
  return { read, write: (items) => items.map((each) => item.write(each) ?? null) };
}

/** A value, or null where there is none. */
export function orNull<T>(kind: Kind<T>): Kind<T | undefined> {
  return {
    ...kind,
    read: (json) => (json === null ? undefined : kind.read(json)),
    write: (value) => (value === undefined ? null : kind.write(value)),
  };
}

/** A member that may be absent. */
export function optional<T>(kind: Kind<T>): Kind<T | undefined> {
  return {
    ...kind,
    read: (json) => (json === undefined ? undefined : kind.read(json)),
    write: (value) => (value === undefined ? undefined : kind.write(value)),
  };
}

/** A member that has another name in JSON than the field. */
export function named<T>(member: string, kind: Kind<T>): Kind<T> {
  return { ...kind, member };
}

/** An object of these fields, and of `fixed` members, which have one value. */
export function object<T extends object>(
  fields: Fields<T>,
  fixed: Readonly<Record<string, string | number>> = {},
): ObjectKind<T> {
  const members = Object.entries<Kind<T[keyof T]>>(fields).map(([key, kind]) => ({
    field: key as keyof T,
    kind,
    name: kind.member ?? key.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`),
  }));
  const always = Object.entries(fixed);
  const read: ObjectKind<T>["read"] = (json) => {
    if (!isJsonObject(json)) return MALFORMED;
    const isFixed = always.every(([name, value]) => (asCount(json.get(name)) ?? json.get(name)) === value);
    if (!isFixed) return MALFORMED;
    const value: Partial<T> = {};
    let known = always.length;
    for (const { field, kind, name } of members) {
      const member = kind.read(json.get(name));
      if (member === MALFORMED) return MALFORMED;
      value[field] = member;
      if (json.has(name)) known++;
    }
    // Each field was read by its own kind.
    return known === json.size ? (value as T) : MALFORMED;
  };
  const write: ObjectKind<T>["write"] = (value) => {
    const json = new Map<string, JsonValue>();
    for (const { field, kind, name } of members) {
      const member = kind.write(value[field]);
      if (member !== undefined) json.set(name, member);
    }
    for (const [name, known] of always) json.set(name, typeof known === "number" ? integerOf(known) : known);
    return json;
  };
  const breach: ObjectKind<T>["breach"] = (json) =>
    members.find(({ kind, name }) => kind.read(json.get(name)) === MALFORMED)?.name;
  return { read, write, breach };
}

/** A file with one object. */
export interface RecordFile<T> {
  /** Encodes canonical JSON and a line feed. */
  encode(value: T): Uint8Array;
  /** Parses what `encode` gives; `undefined` for anything else, even if one byte differs. */
  parse(bytes: Uint8Array): T | undefined;
}

/** The codec of a file whose object has a version. */
export function recordFile<T extends object>(version: number, fields: Fields<T>): RecordFile<T> {
  const kind = object(fields, { version });
  const encode = (value: T): Uint8Array => concatBytes([encodeOwn(kind.write(value)), encodeUtf8("\n")]);
  const parse = (bytes: Uint8Array): T | undefined => {
    const value = readAs(kind, parseObject(bytes));
    return value !== undefined && isSameBytes(encode(value), bytes) ? value : undefined;
  };
  return { encode, parse };
}
