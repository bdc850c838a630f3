import { posix } from "node:path";
import { describe, expect, it } from "vitest";
import type { OutputClaim } from "../../../../src/core/records/artifacts/output-claims.ts";
import { findPathsBelowOthers, parseOutputPath } from "../../../../src/core/system/paths/output-path.ts";
import { claimsOf } from "../../../support/bundles/claims.ts";
import { fc, runs } from "../../../support/rings/properties.ts";

const POSIX = { refuseColon: false };
const WINDOWS = { refuseColon: true };

function breachOf(path: string, rules = POSIX): string | undefined {
  const parsed = parseOutputPath(path, rules);
  return parsed.ok ? undefined : parsed.code;
}

/** The law of 9.1 in other words: what Node's own normalization would leave alone, and a few bans. */
function isLawful(path: string): boolean {
  const isText = path !== "" && !/[\0\\\p{Surrogate}]/u.test(path);
  const staysBelow = posix.normalize(`/${path}`) === `/${path}` && !path.endsWith("/");
  const isShort = Buffer.byteLength(path) <= 4096;
  return isText && staysBelow && isShort && path.split("/").every((name) => Buffer.byteLength(name) <= 255);
}

const anyPath = fc.oneof(
  fc.string({
    unit: fc.constantFrom("a", ".", "/", "\\", "\0", ":", "é", "\u{1F600}", "\ud800"),
    maxLength: 9,
  }),
  fc.array(fc.constantFrom("a", "b", ".", "..", "", "..."), { maxLength: 5 }).map((names) => names.join("/")),
  fc.string({ unit: "binary" }),
);

describe("law of paths (PROTOCOL 9.1)", () => {
  it.each([
    ["", "empty"],
    ["/", "absolute"],
    ["/etc/passwd", "absolute"],
    ["a\\b", "backslash"],
    ["a//b", "empty-component"],
    [".", "dot-component"],
    ["./a", "dot-component"],
    ["..", "dot-component"],
    ["../a", "dot-component"],
    ["\ud800", "not-well-formed"],
    ["a\0b", "null-byte"],
  ])("refuses %j as %s", (path, breach) => {
    expect(breachOf(path)).toBe(breach);
  });

  it.each([
    ["../a\0", "dot-component"],
    ["/\0", "absolute"],
    ["\0/a//", "empty-component"],
    [`${"x".repeat(256)}\0`, "component-too-long"],
  ])("names NUL last: %j is refused as %s", (path, breach) => {
    expect(breachOf(path)).toBe(breach);
  });

  it.each(["C:\\x", "a:b", "C:"])("refuses %j on Windows", (path) => {
    expect(breachOf(path, WINDOWS)).toBeDefined();
  });

  it.each([
    ["ASCII", "x"],
    ["two-byte", "é"],
    ["three-byte", "走"],
    ["four-byte", "\u{1F600}"],
  ])("counts a component's %s characters in bytes of UTF-8, up to 255", (_kind, character) => {
    const most = Math.floor(255 / Buffer.byteLength(character));
    expect(breachOf(character.repeat(most))).toBeUndefined();
    expect(breachOf(character.repeat(most + 1))).toBe("component-too-long");
  });

  it("accepts a path of 4,096 bytes and refuses one of 4,097", () => {
    const longest = `${"a/".repeat(2047)}aa`;
    expect(longest).toHaveLength(4096);
    expect(breachOf(longest)).toBeUndefined();
    expect(breachOf(`${longest}a`)).toBe("path-too-long");
  });

  it("agrees with Node's own normalization on any text", () => {
    fc.assert(
      fc.property(anyPath, (path) => {
        expect(breachOf(path) === undefined).toBe(isLawful(path));
      }),
      { numRuns: runs(2000) },
    );
  });

  it("repairs nothing: what it accepts is what it was given", () => {
    fc.assert(
      fc.property(anyPath, (path) => {
        const parsed = parseOutputPath(path, POSIX);
        expect(parsed.ok ? parsed.value : path).toBe(path);
      }),
    );
  });
});

describe("paths below others (PROTOCOL 9.1)", () => {
  it("are those that begin with another and a slash", () => {
    const paths = fc.array(fc.constantFrom("a", "b", "a/b", "a/b/c", "b/c/d/e", "a/bc", "ab", "ab/c/d"));
    fc.assert(
      fc.property(paths, (list) => {
        const expected = list.filter((path) => list.some((other) => path.startsWith(`${other}/`)));
        expect(findPathsBelowOthers(list)).toEqual(new Set(expected));
      }),
    );
  });

  it("are found at the greatest depth that is lawful", () => {
    const deepest = `${"a/".repeat(2047)}aa`;
    expect([...findPathsBelowOthers([deepest, "a"])]).toEqual([deepest]);
  });

  it("are looked for in as little memory where no two of many deep paths share a folder", () => {
    const deep = Array.from({ length: 9000 }, (_, index) => `${index}/${"a/".repeat(2040)}b`);
    expect(findPathsBelowOthers([...deep, "7"])).toEqual(new Set([deep[7]]));
  });
});

describe("claims of OUTPUT_HASHES.json (PROTOCOL 8, phase 9)", () => {
  const digest = "ab".repeat(32);
  const claimsAt = (...paths: readonly string[]): readonly OutputClaim[] => [
    ...claimsOf(paths.map((path) => [path, `sha256:${digest}`])),
  ];

  it("are not lawful below another output, whichever comes first", () => {
    const breach = { lawful: false, breach: "below-another-output" };
    expect(claimsAt("a/b", "a")).toMatchObject([breach, { lawful: true }]);
    expect(claimsAt("a", "a/b")).toMatchObject([{ lawful: true }, breach]);
  });

  it("are not lawful below another output, whatever stands between the two", () => {
    const paths = fc.uniqueArray(
      fc.constantFrom("a", "a-b", "a/b", "a/b/c", "ab", "b", "b!", "b/c", "c/d", "c/de"),
    );
    fc.assert(
      fc.property(paths, fc.boolean(), (list, isSorted) => {
        if (isSorted) list.sort();
        const below = claimsAt(...list).flatMap((claim) => (claim.lawful ? [] : [claim.path]));
        expect(new Set(below)).toEqual(findPathsBelowOthers(list));
      }),
    );
  });

  it("keep their own breach below an unlawful path", () => {
    const breach = { lawful: false, breach: "dot-component" };
    expect(claimsAt("..", "../a")).toMatchObject([breach, breach]);
  });

  it("are judged without an exception at any depth: a bundle can name a path of a million folders", () => {
    expect(claimsAt("a/".repeat(1_000_000))).toMatchObject([{ lawful: false, breach: "path-too-long" }]);
  });

  it.each([digest, `SHA256:${digest}`, `sha256:${digest.toUpperCase()}`, `sha256:${digest} `, "sha256:", ""])(
    "have no digest where %j is declared",
    (declared) => {
      expect([...claimsOf([["a", declared]])]).toEqual([{ lawful: true, path: "a", digest: undefined }]);
    },
  );
});
