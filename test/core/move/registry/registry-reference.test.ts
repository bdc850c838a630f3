import { describe, expect, it } from "vitest";
import {
  fallbackTag,
  isFallbackTag,
  isRepositoryName,
  looksLikeReference,
  parseReference,
  pinsDigest,
  referenceText,
} from "../../../../src/core/move/registry/reference.ts";
import { isHexDigest } from "../../../../src/core/system/bytes/hex.ts";
import { fc, runs } from "../../../support/rings/properties.ts";

const HEX = "0123456789abcdef".repeat(4);
const DIGEST = `sha256:${HEX}`;

/** The parts that were read, or the part that is not lawful. */
function read(text: string): unknown {
  const parsed = parseReference(text);
  if (!parsed.ok) return parsed.part;
  const { kind: _kind, ...parts } = parsed.value;
  return Object.fromEntries(Object.entries(parts).filter(([, part]) => part !== undefined));
}

describe("a reference", () => {
  const LAWFUL: readonly (readonly [string, object])[] = [
    ["registry.example/runs", { host: "registry.example", repository: "runs" }],
    ["registry.example/team/runs:v1", { host: "registry.example", repository: "team/runs", tag: "v1" }],
    ["localhost:5000/runs:5000", { host: "localhost:5000", repository: "runs", tag: "5000" }],
    ["[::1]:5000/a/b/c", { host: "[::1]:5000", repository: "a/b/c" }],
    ["[2001:db8::1]/a", { host: "[2001:db8::1]", repository: "a" }],
    [`r.example/a@${DIGEST}`, { host: "r.example", repository: "a", digest: HEX }],
    [`r.example/a:v1@${DIGEST}`, { host: "r.example", repository: "a", tag: "v1", digest: HEX }],
    ["r.example/a.b_c__d-e--f", { host: "r.example", repository: "a.b_c__d-e--f" }],
    [`r.example/a:_${"x".repeat(127)}`, { host: "r.example", repository: "a", tag: `_${"x".repeat(127)}` }],
    ["oci-layout:runs", { path: "runs" }],
    ["oci-layout:/a/b:v1", { path: "/a/b", tag: "v1" }],
    ["oci-layout:../a:b/c", { path: "../a:b/c" }],
    [`oci-layout:a@b:v1@${DIGEST}`, { path: "a@b", tag: "v1", digest: HEX }],
    ["oci-layout:a@b", { path: "a@b" }],
  ];
  it.each(LAWFUL)("%s is read", (text, parts) => {
    expect(read(text)).toEqual(parts);
  });

  const REFUSED: readonly (readonly [string, string])[] = [
    ["", "repository"],
    ["runs", "repository"],
    ["/a", "host"],
    ["team/runs", "host"],
    ["user@registry.example/a", "digest"],
    ["https://registry.example/a", "scheme"],
    ["HTTP://127.0.0.1:5000/a:v1", "scheme"],
    ["registry.example:0/a", "port"],
    ["registry.example:65536/a", "port"],
    ["registry..example/a", "host"],
    ["registry.example./a", "host"],
    [`${"a.".repeat(127)}aa/a`, "host"],
    [`${"a".repeat(64)}.example/a`, "host"],
    ["[fe80::1%25eth0]/a", "host"],
    ["ünicode.example/a", "host"],
    ["r.example/A", "repository"],
    ["r.example/a//b", "repository"],
    ["r.example/../a", "repository"],
    ["r.example/a___b", "repository"],
    ["r.example/a%2fb", "repository"],
    [`r.example/${"a".repeat(256)}`, "repository"],
    ["r.example/a:.v1", "tag"],
    [`r.example/a:${"x".repeat(129)}`, "tag"],
    [`r.example/a@sha512:${HEX}${HEX}`, "digest"],
    [`r.example/a@${DIGEST.toUpperCase()}`, "digest"],
    [`r.example/a@${DIGEST}@${DIGEST}`, "digest"],
    ["r.example/a\n", "repository"],
    ["oci-layout:", "path"],
    ["oci-layout::v1", "path"],
    ["oci-layout:a\0b", "path"],
    [`r.example/${"a/".repeat(3000)}a`, "length"],
  ];
  it.each(REFUSED)("%j is refused for its %s", (text, part) => {
    expect(read(text)).toBe(part);
  });

  it("is looked for only where the first part can be a host", () => {
    for (const text of ["a.b/c", "localhost/c", "a:1/c", "oci-layout:x"])
      expect(looksLikeReference(text)).toBe(true);
    for (const text of ["a/c", "./a/c", "../a/c", "/a.b/c", "a.b", "file.runseal", "-", ""])
      expect(looksLikeReference(text)).toBe(false);
  });

  it("with a digest is never a path, unless it begins as one", () => {
    const pinned = [`r.example/a@${DIGEST}`, `oci-layout:a@${DIGEST}`, `a/b@${DIGEST}`, `a@${DIGEST}`];
    for (const text of [...pinned, `r.example/a@sha512:${HEX}`, "r.example/a@SHA256:1", "a\nb@sha256:"]) {
      expect(pinsDigest(text)).toBe(true);
      expect(looksLikeReference(text)).toBe(true);
    }
    for (const text of ["oci-layout:a@b", "r.example/a:v1", "a@b", `./a@${DIGEST}`, `/a@${DIGEST}`, DIGEST])
      expect(pinsDigest(text)).toBe(false);
  });

  it("of any lawful parts is read as they are", () => {
    const component = fc.stringMatching(/^[a-z0-9]{1,8}(?:(?:\.|_|__|-{1,3})[a-z0-9]{1,8}){0,2}$/);
    const host = fc.stringMatching(/^[a-z0-9]{1,5}\.[a-z]{2,3}(?::[1-9][0-9]{0,3})?$/);
    const tag = fc.stringMatching(/^[A-Za-z0-9_][A-Za-z0-9_.-]{0,20}$/);
    const digest = fc.stringMatching(/^[0-9a-f]{64}$/);
    const parts = fc.record({
      host,
      repository: fc.array(component, { minLength: 1, maxLength: 4 }).map((all) => all.join("/")),
      tag: fc.option(tag, { nil: undefined }),
      digest: fc.option(digest, { nil: undefined }),
    });
    fc.assert(
      fc.property(parts, ({ digest: hex, ...rest }) => {
        const given = { kind: "registry", ...rest, digest: isHexDigest(hex) ? hex : undefined } as const;
        expect(parseReference(referenceText(given))).toEqual({ ok: true, value: given });
      }),
      { numRuns: runs(400) },
    );
  });

  it("never makes the reader throw, and never becomes another address than its host's", () => {
    fc.assert(
      fc.property(fc.string({ unit: "grapheme" }), fc.string(), (host, rest) => {
        const parsed = parseReference(`${host}/${rest}`);
        if (!parsed.ok || parsed.value.kind !== "registry") return;
        expect(isRepositoryName(parsed.value.repository)).toBe(true);
        expect(new URL(`https://${parsed.value.host}/v2/`).pathname).toBe("/v2/");
      }),
      { numRuns: runs(400) },
    );
  });
});

describe("the fallback tag", () => {
  it("is of the digest of its subject, and is known again", () => {
    if (!isHexDigest(HEX)) throw new TypeError("it is one");
    expect(fallbackTag(HEX)).toBe(`sha256-${HEX}`);
    expect(isFallbackTag(`sha256-${HEX}`)).toBe(true);
    // cosign's tags are of the same kind.
    expect(isFallbackTag(`sha256-${HEX}.att`)).toBe(true);
    expect(isFallbackTag(`sha256-${HEX}0`)).toBe(false);
    expect(isFallbackTag("sha256-v1")).toBe(false);
  });
});
