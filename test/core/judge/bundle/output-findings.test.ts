/** Claims and findings stand in columns: whatever is asked of them, they must answer as objects would. */

import { describe, expect, it } from "vitest";
import { outputFacts } from "../../../../src/core/judge/bundle/bundle-facts.ts";
import {
  FINDING_KINDS,
  FindingTable,
  type OutputFinding,
} from "../../../../src/core/judge/bundle/phases/findings.ts";
import { outputFailures } from "../../../../src/core/judge/bundle/phases/outputs.ts";
import type { OutputClaim, OutputClaims } from "../../../../src/core/records/artifacts/output-claims.ts";
import { parseOutputPath } from "../../../../src/core/system/paths/output-path.ts";
import { nodeCrypto } from "../../../../src/node/system/runtime/node-crypto.ts";
import { claimsOf } from "../../../support/bundles/claims.ts";
import { fc, runs } from "../../../support/rings/properties.ts";

const MEMBERS = 2500;

const digestOf = (index: number): string => index.toString(16).padStart(64, "0");
const declared = (index: number): string => `sha256:${digestOf(index)}`;
const nameOf = (index: number): string => `out/d${Math.floor(index / 100)}/${index}`;

type Changed = readonly (readonly [number, string, string])[];

function members(changed: Changed): Map<string, string> {
  const list = Array.from({ length: MEMBERS }, (_none, index): [string, string] => [
    nameOf(index),
    declared(index),
  ]);
  for (const [index, key, value] of changed) list[index] = [key, value];
  return new Map(list);
}

const anyPath = fc.constantFrom("..", "a//b", "/a", "out/d1", "out/d1/100/x", "\u{1F600}", "b/c");
const anyDeclared = fc.oneof(
  fc.constantFrom("", "sha256:", declared(10).toUpperCase(), `${declared(1)} `, `SHA256:${digestOf(1)}`),
  fc.nat().map(declared),
);
const anyChanges = fc.array(fc.tuple(fc.nat(MEMBERS - 1), anyPath, anyDeclared), { maxLength: 4 });

/** What is claimed, member by member. */
function readEach(list: ReadonlyMap<string, string>): readonly OutputClaim[] {
  const lawful = new Set([...list.keys()].filter((path) => parseOutputPath(path, { refuseColon: false }).ok));
  const isBelow = (path: string): boolean =>
    [...path].some((unit, index) => unit === "/" && lawful.has(path.slice(0, index)));
  return Array.from(list, ([path, value]) => {
    const parsed = parseOutputPath(path, { refuseColon: false });
    if (!parsed.ok) return { lawful: false, path, breach: parsed.code };
    if (isBelow(path)) return { lawful: false, path, breach: "below-another-output" };
    const digest = /^sha256:[0-9a-f]{64}$/.test(value) ? value.slice("sha256:".length) : undefined;
    return { lawful: true, path, digest } as OutputClaim;
  });
}

describe("claims", () => {
  it("are those that would be read one by one", () => {
    fc.assert(
      fc.property(anyChanges, (changed) => {
        const list = members(changed);
        const claims = claimsOf(list);
        const each = readEach(list);
        expect([...claims]).toEqual(each);
        expect(Array.from(each, (_claim, index) => claims.at(index))).toEqual(each);
        for (const none of [claims.length, -1, 2.5, Number.NaN]) expect(claims.at(none)).toBeUndefined();
        expect(claims.areAllLawful).toBe(each.every(({ lawful }) => lawful));
        const lawful = [...claims.lawfulRanges()].flatMap(([from, to]) => each.slice(from, to));
        expect(lawful).toEqual(each.filter((claim) => claim.lawful));
      }),
      { numRuns: runs(40) },
    );
  });
});

describe("findings", () => {
  it("in columns give the same verdict as a list of findings", () => {
    const anyKind = fc.constantFrom(...Object.values(FINDING_KINDS));
    const anyChange = fc.tuple(fc.nat(MEMBERS - 1), anyKind, fc.boolean());
    fc.assert(
      fc.property(anyChanges, fc.array(anyChange, { maxLength: 3 }), (changed, changes) => {
        const claims = claimsOf(members(changed));
        const found = findingsOf(claims, changes);
        const objects = [...found];
        expect([...FindingTable.of(objects)]).toEqual(objects);
        expect(FindingTable.of(objects).bytes).toBe(found.bytes);
        const failures = [...outputFailures(claims, objects, nodeCrypto)];
        expect([...outputFailures(claims, found, nodeCrypto)]).toEqual(failures);
        expect(failures.map(({ details }) => details.path)).toEqual(failingPaths(claims, objects));
        if (failures.length > 0) return;
        const verified = Array.from(claims, (claim, index) => {
          if (!claim.lawful) throw new TypeError("nothing failed");
          return { path: claim.path, digest: claim.digest, bytes: index, row: index };
        });
        expect([...outputFacts(claims, found).outputs]).toEqual(verified);
      }),
      { numRuns: runs(60) },
    );
  });

  it("are the same where they are part of longer ones", () => {
    const all = findingsOf(claimsOf(members([])), [[700, FINDING_KINDS.missing, true]]);
    for (const [start, end] of [
      [0, MEMBERS],
      [699, 702],
      [300, 300],
      [1400, MEMBERS + 9],
    ] as const) {
      const part = all.slice(start, end);
      expect([...part]).toEqual([...all].slice(start, end));
      expect(part.bytes).toBe(FindingTable.of([...all].slice(start, end)).bytes);
    }
  });

  it("of lawful claims alone are spread over all of them", () => {
    const file = { kind: "file", digest: digestOf(5), bytes: 7 } as OutputFinding;
    const missing = { kind: "missing" } as const;
    const spread = FindingTable.of([file, missing]).spread(
      [
        [1, 2],
        [3, 5],
      ],
      6,
    );
    expect([...spread]).toEqual([undefined, file, undefined, missing, undefined, undefined]);
  });

  it("of files without a proper digest equal no claim, not even one without a digest", () => {
    const findings = [{ kind: "file", digest: "x", bytes: 1 } as unknown as OutputFinding];
    for (const value of ["x", "sha256:x", declared(0)]) {
      const [first] = outputFailures(claimsOf([["a", value]]), findings, nodeCrypto);
      expect(first).toMatchObject({ code: "OUTPUT_MISSING" });
    }
  });

  it("are not listed as verified where one was not a file", () => {
    const claims = claimsOf(members([]));
    const found = findingsOf(claims, [[MEMBERS - 1, FINDING_KINDS.missing, false]]);
    expect(() => outputFacts(claims, found).outputs).toThrow(TypeError);
  });

  it("that were verified can't be changed any more", () => {
    const claims = claimsOf(members([]));
    const sizes = new Float64Array(MEMBERS).fill(3);
    const kinds = new Uint8Array(MEMBERS).fill(FINDING_KINDS.file);
    const found = new FindingTable({ kinds, digests: new Uint8Array(0), sizes });
    const { outputs } = outputFacts(claims, found);
    sizes.fill(4);
    expect(outputs.at(7)).toEqual({ path: nameOf(7), digest: digestOf(7), bytes: 3, row: 7 });
  });
});

/** The paths whose findings are not as claimed. */
function failingPaths(
  claims: OutputClaims,
  findings: readonly (OutputFinding | undefined)[],
): readonly string[] {
  return [...claims].flatMap((claim, index) => {
    const finding = findings[index];
    const holds =
      claim.lawful &&
      claim.digest !== undefined &&
      finding?.kind === "file" &&
      finding.digest === claim.digest;
    return holds ? [] : [claim.path];
  });
}

/** What would be found of claims: their files, but for some changes, of which each may bring another digest. */
function findingsOf(
  claims: Iterable<OutputClaim>,
  changes: readonly (readonly [number, number, boolean])[],
): FindingTable {
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
  return new FindingTable({ kinds, digests, sizes: Float64Array.from(list, (_claim, index) => index) });
}
