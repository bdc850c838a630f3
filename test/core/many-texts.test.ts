/** Long manifests are held in columns. Whatever is asked of them, they must answer as objects would. */

import { describe, expect, it } from "vitest";
import { ManyClaims } from "../../src/core/artifacts/many-claims.ts";
import type { OutputClaim, OutputClaims } from "../../src/core/artifacts/output-claims.ts";
import { areAllLawful, readClaims } from "../../src/core/artifacts/read-claims.ts";
import { FINDING_KINDS, ManyFindings } from "../../src/core/bundle/phases/finding-columns.ts";
import { bytesOf, outputFailures } from "../../src/core/bundle/phases/outputs.ts";
import { verifiedOutputs } from "../../src/core/bundle/verified-outputs.ts";
import { compareUtf8 } from "../../src/core/bytes/utf8.ts";
import { encodeAsciiCanonical, encodeCanonical } from "../../src/core/json/canonical-json.ts";
import { isJsonObject, type JsonObject, type JsonValue } from "../../src/core/json/json-value.ts";
import { parseStrictJson } from "../../src/core/json/strict-json.ts";
import { TextObject, TextObjectScanner } from "../../src/core/json/text-object.ts";
import { nodeCrypto } from "../../src/node/runtime/node-crypto.ts";
import { fc } from "../support/properties.ts";
import { longIt } from "../support/ring.ts";

const POSIX = { refuseColon: false };
const MEMBERS = 1500;

const digestOf = (index: number): string => index.toString(16).padStart(64, "0");
const declared = (index: number): string => `sha256:${digestOf(index)}`;
const nameOf = (index: number): string =>
  `out/d${String(Math.floor(index / 100)).padStart(2, "0")}/${String(index).padStart(5, "0")}`;

/** The members of a manifest that this program would have sealed. */
function members(): [string, string][] {
  return Array.from({ length: MEMBERS }, (_none, index) => [nameOf(index), declared(index)]);
}

/** The same with some of them replaced, in the order of their keys. */
function membersWith(changed: readonly (readonly [number, string, string])[]): [string, string][] {
  const list = members();
  for (const [index, key, value] of changed) list[index] = [key, value];
  return [...new Map(list)].sort(([left], [right]) => compareUtf8(left, right));
}

function textOf(list: readonly (readonly [string, string])[], space = ""): string {
  const member = ([key, value]: readonly [string, string]): string =>
    `${JSON.stringify(key)}${space}:${space}${JSON.stringify(value)}`;
  return `{${space}${list.map(member).join(`${space},${space}`)}${space}}`;
}

function parse(text: string): JsonValue {
  const parsed = parseStrictJson(Buffer.from(text));
  if (!parsed.ok) throw new Error(parsed.reason);
  return parsed.value;
}

function parseObject(text: string): JsonObject {
  const value = parse(text);
  if (!isJsonObject(value)) throw new Error("no object");
  return value;
}

function written(encoded: ReturnType<typeof encodeCanonical | typeof encodeAsciiCanonical>): string {
  if (!encoded.ok) throw new Error(encoded.code);
  return Buffer.from(encoded.value).toString("latin1");
}

describe("a long object of texts", () => {
  it("is left in its document, and answers as a map does", () => {
    const object = parseObject(textOf(members()));
    const map = new Map(members());
    expect(object).toBeInstanceOf(TextObject);
    expect([...object]).toEqual([...map]);
    expect([...object.keys()]).toEqual([...map.keys()]);
    expect([...object.values()]).toEqual([...map.values()]);
    const visited: unknown[] = [];
    object.forEach((value, key) => void visited.push([key, value]));
    expect(visited).toEqual([...map]);
    for (const [key, value] of map) expect(object.get(key)).toBe(value);
    for (const key of ["", "out", "out/d00/00000x", "zzz"]) {
      expect([object.has(key), object.get(key)]).toEqual([false, undefined]);
    }
  });

  const anyKey = fc.oneof(
    fc.string({ unit: "binary" }),
    fc.string({ unit: "grapheme" }),
    fc.constantFrom("__proto__", "", '"', "\\", "\u0000", "\u{1F600}", "\uffee", "out/d03/00300", "a/b", "a"),
  );

  it("has the entries and the canonical bytes of any other, whatever stands in it", () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.nat(MEMBERS - 1), anyKey, anyKey), { maxLength: 5 }),
        fc.constantFrom("", " ", "\n\t"),
        (changed, space) => {
          const list = membersWith(changed);
          const object = parseObject(textOf(list, space));
          const map = new Map(list);
          expect(JSON.stringify([...object])).toBe(JSON.stringify(list));
          expect(written(encodeCanonical(object))).toBe(written(encodeCanonical(map)));
          expect(written(encodeAsciiCanonical(object))).toBe(written(encodeAsciiCanonical(map)));
        },
      ),
      { numRuns: 60 },
    );
  });

  longIt("is written in pieces that end within no character", () => {
    const list = membersWith(
      Array.from({ length: MEMBERS }, (_none, index) => [
        index,
        `\u{1F600}${nameOf(index)}`,
        "\u{1F601}".repeat(90),
      ]),
    );
    const text = textOf(list);
    expect(parseObject(text)).toBeInstanceOf(TextObject);
    expect(encodeCanonical(parseObject(text))).toEqual({
      ok: true,
      value: new Uint8Array(Buffer.from(text)),
    });
  });

  it.each([
    ["in another order", textOf(members().toReversed())],
    ["with a value that is no text", textOf(members()).replace(/"sha256:0{64}"/, "null")],
    ["with an escape", textOf(members()).replace("out/d03/00300", "out\\/d03\\/00300")],
    ["of few members", textOf([["a", "b".repeat(100_000)]])],
  ])("is read as any other %s", (_how, text) => {
    const object = parseObject(text);
    expect(object).toBeInstanceOf(Map);
    expect(Object.fromEntries(object)).toEqual(JSON.parse(text));
  });

  it.each([
    ["a key twice", (text: string) => text.replace("out/d03/00301", "out/d03/00300"), "duplicate-key"],
    [
      "a key twice, not in order",
      (text: string) => text.replace("{", '{"zzz":"","zzz":"",'),
      "duplicate-key",
    ],
    ["a comma too many", (text: string) => text.replace("}", ",}"), "not-json"],
    ["no end", (text: string) => text.slice(0, -1), "not-json"],
    ["something behind its end", (text: string) => `${text}{`, "trailing-bytes"],
    ["a control character", (text: string) => text.replace("out/d03/00300", "out/d03/\u0001"), "not-json"],
    ["a lone surrogate", (text: string) => text.replace("out/d03/00300", "\\ud800"), "lone-surrogate"],
  ])("is refused with %s, for that very reason", (_what, change, reason) => {
    expect(parseStrictJson(Buffer.from(change(textOf(members()))))).toMatchObject({ ok: false, reason });
  });

  it("is looked for at each bracket, and never again elsewhere: this would take days", () => {
    const text = `${" ".repeat(20_000_000)}{"a":[${Array(200_000).fill("{}").join()}]}`;
    expect(parseObject(text).get("a")).toHaveLength(200_000);
  });

  it("is left to the counting reader once it exceeds the limit of members", () => {
    const scanner = new TextObjectScanner(textOf(members()));
    expect(scanner.read(0, MEMBERS)?.object.size).toBe(MEMBERS);
    expect(scanner.read(0, MEMBERS - 1)).toBeUndefined();
  });

  it("may stand within others, and beside others", () => {
    const text = `{"a":[${textOf(members())},{"b":${textOf(members(), " ")}}],"c":1}`;
    const canonical = text.replaceAll(/[ \n]/g, "");
    expect(written(encodeCanonical(parse(text)))).toBe(canonical);
  });
});

describe("many claims", () => {
  const anyPath = fc.constantFrom("..", "a//b", "/a", "out/d01", "out/d01/00100/x", "\u{1F600}", "b/c");
  const anyDeclared = fc.oneof(
    fc.constantFrom("", "sha256:", declared(1).toUpperCase(), `${declared(1)} `, `SHA256:${digestOf(1)}`),
    fc.nat().map(declared),
  );

  const anyChanges = fc.array(fc.tuple(fc.nat(MEMBERS - 1), anyPath, anyDeclared), { maxLength: 4 });

  /** Both readings of one manifest. */
  function readBoth(changed: readonly (readonly [number, string, string])[]): {
    readonly many: OutputClaims;
    readonly few: OutputClaims;
  } {
    const list = membersWith(changed);
    return { many: readClaims(parseObject(textOf(list)), POSIX), few: readClaims(new Map(list), POSIX) };
  }

  it("are those that would be read one by one", () => {
    fc.assert(
      fc.property(anyChanges, (changed) => {
        const { few, many } = readBoth(changed);
        expect(many).toBeInstanceOf(ManyClaims);
        expect([...many]).toEqual([...few]);
        expect(Array.from(few, (_claim, index) => many.at(index))).toEqual([...few]);
        for (const none of [many.length, -1, 2.5, Number.NaN]) expect(many.at(none)).toBeUndefined();
        expect(areAllLawful(many)).toBe(areAllLawful(few));
      }),
      { numRuns: 40 },
    );
  });

  it("are compared with findings as they would be one by one", () => {
    const anyKind = fc.constantFrom(...Object.values(FINDING_KINDS));
    const anyChange = fc.tuple(fc.nat(MEMBERS - 1), anyKind, fc.boolean());
    fc.assert(
      fc.property(anyChanges, fc.array(anyChange, { maxLength: 3 }), (changed, changes) => {
        const { few, many } = readBoth(changed);
        const found = findingsOf(few, changes);
        const objects = [...found];
        expect(bytesOf(found)).toBe(bytesOf(objects));
        const failures = [...outputFailures(few, objects, nodeCrypto)];
        expect([...outputFailures(many, found, nodeCrypto)]).toEqual(failures);
        if (failures.length > 0) return;
        expect([...verifiedOutputs(many, found)]).toEqual([...verifiedOutputs(few, objects)]);
      }),
      { numRuns: 60 },
    );
  });

  it("are missing where the findings end before them", () => {
    const claims = readClaims(parseObject(textOf(members())), POSIX);
    const columns = { kinds: new Uint8Array(0), digests: new Uint8Array(0), sizes: new Float64Array(0) };
    const [first] = outputFailures(claims, new ManyFindings(columns), nodeCrypto);
    expect(first).toMatchObject({ code: "OUTPUT_MISSING", details: { path: nameOf(0) } });
  });

  it("are found as they were where the findings are part of longer ones", () => {
    const claims = readClaims(parseObject(textOf(members())), POSIX);
    const all = findingsOf(claims, [[700, FINDING_KINDS.missing, true]]);
    for (const [start, end] of [
      [0, MEMBERS],
      [699, 702],
      [300, 300],
      [1400, MEMBERS + 9],
    ] as const) {
      const part = all.slice(start, end);
      expect([...part]).toEqual([...all].slice(start, end));
      expect(part.bytes).toBe(bytesOf([...all].slice(start, end)));
    }
  });

  it("are not listed as verified where one was not found", () => {
    const claims = readClaims(parseObject(textOf(members())), POSIX);
    const found = findingsOf(claims, [[MEMBERS - 1, FINDING_KINDS.missing, false]]);
    expect(() => verifiedOutputs(claims, found)).toThrow(TypeError);
  });

  it("are verified for good: what was found can't be changed any more", () => {
    const claims = readClaims(parseObject(textOf(members())), POSIX);
    const sizes = new Float64Array(MEMBERS).fill(3);
    const kinds = new Uint8Array(MEMBERS).fill(FINDING_KINDS.file);
    const outputs = verifiedOutputs(claims, new ManyFindings({ kinds, digests: new Uint8Array(0), sizes }));
    sizes.fill(4);
    expect(outputs.at(7)).toEqual({ path: nameOf(7), digest: digestOf(7), bytes: 3 });
  });
});

/** What would be found of claims: their files, but for some changes, of which each may bring another digest. */
function findingsOf(
  claims: Iterable<OutputClaim>,
  changes: readonly (readonly [number, number, boolean])[],
): ManyFindings {
  const list = [...claims];
  const kinds = Uint8Array.from(list, ({ lawful }) => (lawful ? FINDING_KINDS.file : FINDING_KINDS.none));
  const digests = new Uint8Array(list.length * 32);
  for (const [index, claim] of list.entries()) {
    if (claim.lawful) digests.set(Buffer.from(claim.digest ?? digestOf(0), "hex"), index * 32);
  }
  for (const [index, kind, isOther] of changes) {
    if (kinds[index] === FINDING_KINDS.file) kinds[index] = kind;
    if (isOther) digests[index * 32] = 0xff;
  }
  return new ManyFindings({ kinds, digests, sizes: Float64Array.from(list, (_claim, index) => index) });
}
