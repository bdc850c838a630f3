/** The outputs of a manifest stand in columns, of whatever size it is: they must answer as a map of the members would. */

import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { describe, expect, it } from "vitest";
import { type FileColumns, OutputTable } from "../../../../src/core/records/artifacts/output-table.ts";
import { compareUtf8, sortUtf8 } from "../../../../src/core/system/bytes/utf8.ts";
import {
  encodeAsciiCanonical,
  encodeCanonical,
  hashCanonical,
} from "../../../../src/core/system/json/canonical-json.ts";
import {
  isJsonObject,
  type JsonObject,
  type JsonValue,
  jsonObject,
} from "../../../../src/core/system/json/json-value.ts";
import { parseStrictJson } from "../../../../src/core/system/json/strict-json.ts";
import { nodeCrypto } from "../../../../src/node/system/runtime/node-crypto.ts";
import { sha256 } from "../../../support/bundles/bundle.ts";
import { tableOf } from "../../../support/bundles/claims.ts";
import { fc, runs } from "../../../support/rings/properties.ts";

const MEMBERS = 600;

const declared = (index: number): string => `sha256:${index.toString(16).padStart(64, "0")}`;
const nameOf = (index: number): string =>
  `out/d${String(Math.floor(index / 100)).padStart(2, "0")}/${String(index).padStart(5, "0")}`;

type Members = readonly (readonly [string, JsonValue])[];

/** The members of a manifest that this program would have sealed. */
function members(count = MEMBERS): [string, JsonValue][] {
  return Array.from({ length: count }, (_none, index) => [nameOf(index), declared(index)]);
}

function textOf(list: Members, space = ""): string {
  const member = ([key, value]: readonly [string, JsonValue]): string =>
    `${JSON.stringify(key)}${space}:${space}${JSON.stringify(value)}`;
  return `{${space}${list.map(member).join(`${space},${space}`)}${space}}`;
}

/** Reads a manifest with and without a table for its hashes. */
function read(hashes: string): {
  readonly table: ReturnType<typeof parse>;
  readonly map: ReturnType<typeof parse>;
} {
  const text = `{"generated_at":"now","hashes":${hashes},"z":{"hashes":{}}}`;
  return { table: parse(text, true), map: parse(text, false) };
}

function parse(text: string, hasTable: boolean): JsonObject | string {
  const table = { name: "hashes", makeObject: () => new OutputTable() };
  const parsed = parseStrictJson(Buffer.from(text), hasTable ? table : undefined);
  if (!parsed.ok) return parsed.reason;
  const hashes = isJsonObject(parsed.value) ? parsed.value.get("hashes") : undefined;
  if (!isJsonObject(hashes)) throw new TypeError("the hashes are an object");
  return hashes;
}

function readTable(hashes: string): OutputTable {
  const { table } = read(hashes);
  if (!(table instanceof OutputTable)) throw new TypeError("the hashes are a table");
  return table;
}

function written(encoded: ReturnType<typeof encodeCanonical | typeof encodeAsciiCanonical>): string {
  return encoded.ok ? Buffer.from(encoded.value).toString("latin1") : encoded.code;
}

/** Whatever is asked of an object. */
function answersOf(object: JsonObject, keys: readonly string[]): unknown {
  const visited: unknown[] = [];
  object.forEach((value, key) => void visited.push([key, value]));
  const hash = hashCanonical(object, nodeCrypto);
  return {
    size: object.size,
    entries: [...object],
    keys: [...object.keys()],
    values: [...object.values()],
    visited,
    found: keys.map((key) => [object.has(key), object.get(key)]),
    canonical: written(encodeCanonical(object)),
    longer: written(encodeCanonical(jsonObject({ a: "x", object, z: "y" }), 100)),
    hash: hash.ok ? Buffer.from(hash.value).toString("hex") : hash.code,
    ascii: written(encodeAsciiCanonical(object)),
  };
}

describe("a table of outputs", () => {
  const anyKey = fc.oneof(
    fc.string({ unit: "binary" }),
    fc.string({ unit: "grapheme" }),
    fc.constantFrom("__proto__", "", '"', "\\", "\u0000", "\u{1F600}", "\uffee", "out/d03/00300", "a/b", "a"),
  );
  const anyValue: fc.Arbitrary<JsonValue> = fc.oneof(
    fc.nat().map(declared),
    fc.constantFrom("", "sha256:", declared(10).toUpperCase(), `${declared(1)} `, null, true, [], ["x"]),
  );
  const fewMembers = fc.array(fc.tuple(anyKey, anyValue), { maxLength: 6 });

  it.each([
    ["in order", true],
    ["in any order", false],
  ])("answers as a map of the same members does, %s", (_how, isSorted) => {
    fc.assert(
      fc.property(
        fewMembers,
        fc.constantFrom(0, 1, MEMBERS),
        fc.constantFrom("", " ", "\n\t"),
        (some, count, space) => {
          const list = [...new Map([...some, ...members(count)])];
          if (isSorted) list.sort(([left], [right]) => compareUtf8(left, right));
          const table = readTable(textOf(list, space));
          const keys = [...list.map(([key]) => key), "", "out", "out/d00/00000x", "zzz"];
          expect(answersOf(table, keys)).toEqual(answersOf(new Map(list), keys));
          expect(table.isSorted).toBe(isSorted || table.isSorted);
        },
      ),
      { numRuns: runs(60) },
    );
  });

  it("is refused for the reason for which a map is", () => {
    const changes = fc.constantFrom<readonly [string, string]>(
      ["out/d03/00301", "out/d03/00300"],
      ["{", '{"zzz":"","zzz":"",'],
      ["{", '{"zzz":"","\\u007azz":{"a":1,"a":2},'],
      ["}", ",}"],
      ["}", ""],
      ["}", '},"hashes":{"a":"b"}'],
      ["}", '},"hashes":{"a":"b","a":"b"}'],
      ["}", "}}"],
      ["out/d03/00300", "out/d03/\u0001"],
      ["out/d03/00300", "\\ud800"],
      ["out/d03/00300", "\\x"],
    );
    fc.assert(
      fc.property(changes, fc.boolean(), ([from, to], isReversed) => {
        const list = isReversed ? members().toReversed() : members();
        const { map, table } = read(textOf(list).replace(from, to));
        expect(typeof table).toBe("string");
        expect(table).toBe(map);
      }),
    );
  });

  it("reads a row as a map does whichever of its bytes is another", () => {
    const text = textOf(members(3));
    const row = text.indexOf(",") + 1;
    const end = text.indexOf(",", row);
    for (let at = row - 1; at <= end; at++) {
      for (const other of ['"', "\\", ",", ":", "}", "{", " ", "\u007f", "\n", "é", "0", "g", "A", "~", ""]) {
        const { map, table } = read(`${text.slice(0, at)}${other}${text.slice(at + 1)}`);
        if (typeof table === "string" || typeof map === "string") expect(table).toBe(map);
        else expect([...table]).toEqual([...map]);
      }
    }
  });

  it("reads rows in any order, and refuses one that is there twice", () => {
    const list = members(5);
    const [first, second, third] = list;
    for (const rows of [
      list.toReversed(),
      [third, first, second],
      [second, second],
      [second, first, second],
    ]) {
      const { map, table } = read(textOf(rows.flatMap((row) => (row === undefined ? [] : [row]))));
      if (typeof table === "string" || typeof map === "string")
        expect([table, map]).toEqual(["duplicate-key", "duplicate-key"]);
      else expect([...table]).toEqual([...map]);
    }
  });

  it("is read for the member of the document's own object alone", () => {
    const text = `{"a":{"hashes":{"b":"c"}},"hashes":[{"hashes":{}}]}`;
    const table = { name: "hashes", makeObject: () => new OutputTable() };
    expect(parseStrictJson(Buffer.from(text), table)).toEqual(parseStrictJson(Buffer.from(text)));
  });

  it("is written in pieces that end within no character", () => {
    const list: Members = members().map(([key], index) => [
      `\u{1F600}${key}`,
      "\u{1F601}".repeat(90 + index),
    ]);
    expect(written(encodeCanonical(readTable(textOf(list))))).toBe(
      Buffer.from(textOf(list)).toString("latin1"),
    );
  });

  it("gives the columns that it was made of", () => {
    const columns = columnsOf(["a-b", "a/b", "é"]);
    expect(new OutputTable(columns).columns).toEqual(columns);
    expect(tableOf(new OutputTable(columns)).columns).toEqual(columns);
  });
});

/** The columns of files whose contents are their paths. */
function columnsOf(paths: readonly string[]): FileColumns {
  const bytes = paths.map((path) => Buffer.from(path));
  const pathStarts = new Uint32Array(paths.length + 1);
  for (const [index, { length }] of bytes.entries())
    pathStarts[index + 1] = (pathStarts[index] ?? 0) + length;
  return {
    length: paths.length,
    pathBytes: new Uint8Array(Buffer.concat(bytes)),
    pathStarts,
    digests: new Uint8Array(Buffer.from(paths.map((path) => sha256(path)).join(""), "hex")),
  };
}

describe("a document beside its table", () => {
  const makeDocument = (): Uint8Array => {
    const rows = Array.from({ length: 100_000 }, (_none, row): [string, JsonValue] => [
      `out/${100_000 + row}`,
      declared(row),
    ]);
    const [open, close] = [
      '{"generated_at":"2026-11-25T01:02:03Z","hashes":',
      ',"made_by":"run\\u0073eal 0.11.0 of today"}',
    ];
    return Buffer.from(`${open}${textOf(rows)}${close}`);
  };

  it("does not keep the text that it was read from", () => {
    const bytes = makeDocument();
    const before = heapAfterCollection();
    const document = parseStrictJson(bytes, { name: "hashes", makeObject: () => new OutputTable() });
    const kept = heapAfterCollection() - before;
    const object = document.ok && isJsonObject(document.value) ? document.value : jsonObject({});
    expect(object.get("made_by")).toBe("runseal 0.11.0 of today");
    expect(object.get("hashes")).toMatchObject({ size: 100_000 });
    expect(kept).toBeLessThan(bytes.length / 4);
  });
});

/** The bytes of the heap, where strings are. The columns of a table are outside of it. */
function heapAfterCollection(): number {
  setFlagsFromString("--expose-gc");
  const collect: () => void = runInNewContext("gc");
  collect();
  return process.memoryUsage().heapUsed;
}

describe("the hashes that a sealer declares (PROTOCOL 2, 4.2)", () => {
  const unit = fc.constantFrom("a", "/", '"', "\\", "\n", "\u007f", "é", "\uffee", "😀", " ");
  const path = fc.array(unit, { minLength: 1, maxLength: 6 }).map((units) => units.join(""));

  it("are written as a map of the same members, and read again as they were", () => {
    fc.assert(
      fc.property(fc.uniqueArray(path, { maxLength: 8 }), (some) => {
        const sorted = sortUtf8([...some]);
        const table = new OutputTable(columnsOf(sorted));
        const map = new Map(sorted.map((text) => [text, `sha256:${sha256(text)}`]));
        expect(answersOf(table, [...sorted, "x"])).toEqual(answersOf(map, [...sorted, "x"]));
        const again = readTable(Buffer.from(written(encodeCanonical(table)), "latin1").toString());
        expect([...again]).toEqual([...map]);
      }),
    );
  });
});
