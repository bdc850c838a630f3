import { mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { type HexDigest, PROJECT_HEAD } from "../../../../src/core/internal.ts";
import { isSameHead, readHead, writeHeadFile } from "../../../../src/node/records/project/head-file.ts";
import { AnchoredDir } from "../../../../src/node/system/files/anchored-dir.ts";
import { makeFolder, removeTree } from "../../../support/files/tree.ts";
import { fc } from "../../../support/rings/properties.ts";

const HEAD = {
  runId: "one",
  bundleRoot: "ab".repeat(32) as HexDigest,
  proofHash: "cd".repeat(32) as HexDigest,
};

const TEXT = Buffer.from(PROJECT_HEAD.encode(HEAD)).toString();

class Arena implements Disposable {
  readonly path: string = makeFolder();
  readonly folder: AnchoredDir = AnchoredDir.open(this.path);

  [Symbol.dispose](): void {
    this.folder.close();
    removeTree(this.path);
  }
}

describe("HEAD (PROTOCOL 18)", () => {
  it("is one line of canonical JSON", () => {
    expect(TEXT).toBe(
      `{"bundle_root":"${HEAD.bundleRoot}","proof_hash":"${HEAD.proofHash}","run_id":"one","version":1}\n`,
    );
  });

  it("is read as it was written", () => {
    const digest = fc.stringMatching(/^[0-9a-f]{64}$/) as fc.Arbitrary<HexDigest>;
    const runId = fc.stringMatching(/^[A-Za-z0-9][A-Za-z0-9._-]{0,30}[A-Za-z0-9]$/);
    fc.assert(
      fc.property(digest, digest, runId, (bundleRoot, proofHash, name) => {
        const head = { runId: `r${name}`, bundleRoot, proofHash };
        expect(PROJECT_HEAD.parse(PROJECT_HEAD.encode(head))).toEqual(head);
      }),
    );
  });

  it("is invalid when any byte is missing or changed", () => {
    const bytes = PROJECT_HEAD.encode(HEAD);
    for (let at = 0; at < bytes.length; at++) {
      expect(PROJECT_HEAD.parse(bytes.subarray(0, at))).toBeUndefined();
      const mangled = Uint8Array.from(bytes);
      mangled[at] = (mangled[at] ?? 0) ^ 0x80;
      expect(PROJECT_HEAD.parse(mangled)).toBeUndefined();
    }
  });

  it.each([
    ["a further member", TEXT.replace("}", ',"x":1}')],
    ["white space", TEXT.replace(":", ": ")],
    ["another order", TEXT.replace(/^\{("bundle_root":"[^"]*"),("proof_hash":"[^"]*")/, "{$2,$1")],
    ["a duplicate key", TEXT.replace('"version":1', '"version":1,"version":1')],
    ["a digest in upper case", TEXT.replace("ab", "AB")],
    ["a run id that is a path", TEXT.replace('"one"', '"../one"')],
    ["another version", TEXT.replace('"version":1', '"version":2')],
    ["two lines", TEXT + TEXT],
  ])("is invalid with %s", (_what, text) => {
    expect(text).not.toBe(TEXT);
    expect(PROJECT_HEAD.parse(Buffer.from(text))).toBeUndefined();
  });

  it("is the same only as one of the same run, bundle and proof", () => {
    expect(isSameHead(HEAD, { ...HEAD })).toBe(true);
    expect(isSameHead(HEAD, { ...HEAD, runId: "two" })).toBe(false);
    expect(isSameHead(HEAD, { ...HEAD, proofHash: HEAD.bundleRoot })).toBe(false);
    expect(isSameHead(HEAD, undefined)).toBe(false);
    expect(isSameHead(undefined, undefined)).toBe(true);
  });

  it("replaces the one before, and leaves no other file", () => {
    using arena = new Arena();
    expect(readHead(arena.folder, "p")).toEqual({ ok: true, value: undefined });
    writeHeadFile(arena.folder, "HEAD", HEAD);
    const later = { ...HEAD, runId: "two" };
    writeHeadFile(arena.folder, "HEAD", later);
    expect(readHead(arena.folder, "p")).toEqual({ ok: true, value: later });
    expect(readdirSync(arena.path)).toEqual(["HEAD"]);
    expect(readFileSync(join(arena.path, "HEAD"))).toEqual(Buffer.from(PROJECT_HEAD.encode(later)));
  });

  it.each<[string, (path: string) => void]>([
    ["a folder", (path) => mkdirSync(path)],
    [
      "a link to a head",
      (path) => {
        writeFileSync(`${path}.real`, TEXT);
        symlinkSync("HEAD.real", path);
      },
    ],
    ["longer than any head", (path) => writeFileSync(path, TEXT.padEnd(5000))],
  ])("is malformed where %s has its name", (_what, make) => {
    using arena = new Arena();
    make(join(arena.path, "HEAD"));
    expect(readHead(arena.folder, "p")).toMatchObject({
      ok: false,
      code: "HEAD_MALFORMED",
      details: { path: "p/HEAD" },
    });
  });
});
