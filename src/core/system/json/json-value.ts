/**
 * JSON values as the protocol needs them: numbers keep their lexeme, and objects are maps, so that
 * `__proto__` is an ordinary key and members keep the order of the document.
 *
 * @module
 */

/** A number as it stood in the document, never turned into a double: `1.0` and `1` are different texts. */
export class JsonNumber {
  readonly lexeme: string;

  /** @param lexeme a number by the grammar of RFC 8259, section 6. */
  constructor(lexeme: string) {
    this.lexeme = lexeme;
  }
}

/** An object's members, in the order of the document. Every `Map` of JSON values is one. */
export interface JsonObject extends ReadonlyMap<string, JsonValue> {
  /** Whether the keys are known to be in the order of their UTF-8 bytes. */
  readonly isSorted?: boolean;
  /**
   * The object in the canonical form of PROTOCOL 4.2, where it is known without writing member by member. The memory of a
   * piece may be used again for the next one.
   */
  readonly canonicalPieces?: () => Iterable<Uint8Array> | undefined;
}

/** Any JSON value. */
export type JsonValue = null | boolean | string | JsonNumber | readonly JsonValue[] | JsonObject;

/** Whether a value is an object. */
export function isJsonObject(value: JsonValue | undefined): value is JsonObject {
  if (typeof value !== "object" || value === null) return false;
  return !Array.isArray(value) && !(value instanceof JsonNumber);
}

/** What `jsonObject` takes for a member: a value, an integer, or `undefined`, which is left out. */
export type JsonMember = JsonValue | number | undefined;

/**
 * Builds an object from a literal. For runseal's own field names only: a literal reorders keys like `1`. Throws a
 * RangeError on a fraction or an unsafe integer: a bug.
 */
export function jsonObject(members: Readonly<Record<string, JsonMember>>): JsonObject {
  const object = new Map<string, JsonValue>();
  for (const [key, value] of Object.entries(members)) {
    if (value !== undefined) object.set(key, typeof value === "number" ? integerOf(value) : value);
  }
  return object;
}

/** The members of a described object, as `jsonObject` takes them: what is an object is one of JSON. */
type Encoded<T> = {
  readonly [K in keyof T]: T[K] extends string | number | boolean | readonly string[] | undefined
    ? T[K]
    : JsonObject | Extract<T[K], undefined>;
};

/** `jsonObject` with the members of a type that describes them. Throws as that does. */
export function jsonObjectOf<T extends object>(members: Encoded<T>): JsonObject {
  return jsonObject({ ...members });
}

/** An integer as JSON. Throws a RangeError on a fraction or an unsafe integer: a bug. */
export function integerOf(value: number): JsonNumber {
  if (!Number.isSafeInteger(value)) throw new RangeError("runseal writes exact integers only");
  return new JsonNumber(String(value));
}

/** Whether an object has just these members: each of `required`, others only of `optional`. */
export function hasExactly(
  object: JsonObject,
  required: readonly string[],
  optional: readonly string[] = [],
): boolean {
  const allowed = required.length + optional.filter((field) => object.has(field)).length;
  return object.size === allowed && required.every((field) => object.has(field));
}

/** The first member of an object that is not allowed, or else the first that is missing. */
export function oddMember(
  object: JsonObject,
  required: readonly string[],
  optional: readonly string[] = [],
): string | undefined {
  const extra = [...object.keys()].find((key) => !required.includes(key) && !optional.includes(key));
  return extra ?? required.find((key) => !object.has(key));
}

/** The member that a path of names leads to; `undefined` where there is none, or no object on the way. */
export function memberIn(value: JsonValue | undefined, ...names: readonly string[]): JsonValue | undefined {
  return names.reduce((inner, name) => (isJsonObject(inner) ? inner.get(name) : undefined), value);
}

/** A copy of an object without one member. */
export function withoutMember(object: JsonObject, key: string): JsonObject {
  const copy = new Map(object);
  copy.delete(key);
  return copy;
}

/** The exact value of a non-negative integer lexeme that a double can hold, else `undefined`. */
export function asCount(value: JsonValue | undefined): number | undefined {
  if (!(value instanceof JsonNumber) || !/^(?:0|[1-9][0-9]*)$/.test(value.lexeme)) return undefined;
  const count = Number(value.lexeme);
  return Number.isSafeInteger(count) ? count : undefined;
}
