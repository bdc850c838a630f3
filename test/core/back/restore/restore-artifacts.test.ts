import { describe, expect, it } from "vitest";
import {
  encodeChainManifest,
  encodeRestoreManifest,
  encodeRestoreReport,
  type RestoredFile,
} from "../../../../src/core/back/restore/restore-artifacts.ts";
import { parseRestoreRecord } from "../../../../src/core/back/restore/restore-record.ts";
import type { HexDigest } from "../../../../src/core/system/bytes/hex.ts";
import { compareUtf8 } from "../../../../src/core/system/bytes/utf8.ts";
import { anyFiles } from "../../../support/bundles/arbitrary-tree.ts";
import { sha256 } from "../../../support/bundles/bundle.ts";
import { fc } from "../../../support/rings/properties.ts";
import { LONG_TEST_MS, longIt } from "../../../support/rings/ring.ts";

function encodedManifest(files: Iterable<RestoredFile>): Buffer {
  return Buffer.concat([...encodeRestoreManifest(files)]);
}

const ROOT = sha256("a bundle") as HexDigest;
const CHAIN_ROOT = sha256("a chain") as HexDigest;

const text = (bytes: Uint8Array): string => Buffer.from(bytes).toString("utf8");
const bytes = (content: string): Uint8Array => Buffer.from(content, "utf8");

function filesOf(outputs: Readonly<Record<string, string>>): readonly RestoredFile[] {
  return Object.entries(outputs)
    .map(([path, content]) => ({
      path,
      digest: sha256(content) as HexDigest,
      bytes: Buffer.byteLength(content),
    }))
    .sort((left, right) => compareUtf8(left.path, right.path));
}

/** The two artifacts as texts. */
function artifactsOf(files: readonly RestoredFile[], chainRoot?: HexDigest): [string, string] {
  const run = { bundleRoot: ROOT, files, bytes: files.reduce((sum, file) => sum + file.bytes, 0) };
  return [text(encodedManifest(files)), text(encodeRestoreReport(run, chainRoot))];
}

/** What is read back, with its files as a list. */
function parse(manifest: string, report: string) {
  const record = parseRestoreRecord(bytes(manifest), bytes(report));
  return record && { ...record, files: [...record.files] };
}

const FILES = filesOf({ "a.txt": "alpha\n", "d/b.txt": "beta\n" });
const [MANIFEST, REPORT] = artifactsOf(FILES);

describe("result artifacts (PROTOCOL 13.6, 13.8)", () => {
  it("are canonical JSON, to the letter", () => {
    const [alpha, beta] = [sha256("alpha\n"), sha256("beta\n")];
    expect(MANIFEST).toBe(
      `{"entries":[{"bytes":6,"relative_path":"a.txt","sha256":"sha256:${alpha}"},` +
        `{"bytes":5,"relative_path":"d/b.txt","sha256":"sha256:${beta}"}]}`,
    );
    const counts = '"ok":true,"restored_bytes":11,"restored_files_count":2}';
    expect(REPORT).toBe(`{"bundle_roots":["${ROOT}"],"chain_root":null,${counts}`);
    const [, inChain] = artifactsOf(FILES, CHAIN_ROOT);
    expect(inChain).toBe(`{"bundle_roots":["${ROOT}"],"chain_root":"${CHAIN_ROOT}",${counts}`);
    expect(text(encodeChainManifest(["b", "a"]))).toBe('{"run_ids":["b","a"]}');
  });
});

describe("a manifest that is encoded piece by piece", () => {
  it.each([0, 1, 255, 256, 257, 512, 700])("is the same one document, of %d files", (count) => {
    const files = filesOf(Object.fromEntries(Array.from({ length: count }, (_, n) => [`f"${n}`, `${n}`])));
    const entries = files.map(({ bytes, digest, path }) => ({
      bytes,
      relative_path: path,
      sha256: `sha256:${digest}`,
    }));
    expect(text(encodedManifest(files))).toBe(JSON.stringify({ entries }));
  });
});

describe("reading result artifacts back, for an undo", () => {
  it("gives what was restored, whatever it was", () => {
    const chainRoot = fc.constantFrom(undefined, CHAIN_ROOT);
    fc.assert(
      fc.property(anyFiles(1), chainRoot, (outputs, root) => {
        const files = filesOf(outputs);
        const record = parse(...artifactsOf(files, root));
        const total = files.reduce((sum, file) => sum + file.bytes, 0);
        expect(record).toEqual({ bundleRoot: ROOT, files, bytes: total, chainRoot: root });
      }),
    );
  });

  it.each([1, 255, 256, 257, 512, 700])("gives all of %d files", (count) => {
    const files = filesOf(Object.fromEntries(Array.from({ length: count }, (_, n) => [`f${n}`, `${n}`])));
    expect(parse(...artifactsOf(files))?.files).toEqual(files);
  });

  it("gives files whose names look like what stands between two entries", () => {
    const between = '"},{"bytes":0,"relative_path":"x","sha256":"sha256:';
    const names = [between, between.slice(1), `${between}"}`, '},{"bytes":', "}]}", ",{", '"', "},{"];
    const files = filesOf(Object.fromEntries(names.map((name) => [name, name])));
    expect(parse(...artifactsOf(files))?.files).toEqual(files);
  });

  longIt(
    "gives more files than one JSON text may have objects",
    () => {
      const digest = sha256("") as HexDigest;
      const files = Array.from({ length: 1_000_001 }, (_, n) => ({ path: `f${1e7 + n}`, digest, bytes: 0 }));
      const run = { bundleRoot: ROOT, files, bytes: 0 };
      const record = parseRestoreRecord(encodedManifest(files), encodeRestoreReport(run, undefined));
      expect(record?.files).toHaveLength(files.length);
    },
    LONG_TEST_MS,
  );

  it("gives nothing of a manifest cut short at any byte, nor of a report", () => {
    for (let end = 0; end < MANIFEST.length; end++) {
      expect(parse(MANIFEST.slice(0, end), REPORT)).toBeUndefined();
    }
    for (let end = 0; end < REPORT.length; end++) {
      expect(parse(MANIFEST, REPORT.slice(0, end))).toBeUndefined();
    }
  });

  it("gives nothing after any one byte was changed, or what the bytes now say to the letter", () => {
    let refused = 0;
    for (let index = 0; index < MANIFEST.length; index++) {
      for (const step of [1, 2, 16, 255]) {
        const mangled = bytes(MANIFEST);
        mangled[index] = ((mangled[index] ?? 0) + step) % 256;
        const record = parseRestoreRecord(mangled, bytes(REPORT));
        if (record === undefined) refused++;
        else {
          // Another path or another digest: only the file itself can tell.
          expect(text(encodedManifest(record.files))).toBe(text(mangled));
          expect([...record.files]).not.toEqual(FILES);
        }
      }
    }
    expect(refused).toBeGreaterThan(MANIFEST.length);
  });

  const entry = (path: string, content = "", more = ""): string =>
    `{"bytes":${content.length},${more}"relative_path":${JSON.stringify(path)},"sha256":"sha256:${sha256(content)}"}`;
  const manifestOf = (...entries: readonly string[]): string => `{"entries":[${entries.join(",")}]}`;
  const reportOf = (count: number, sum = 0): string =>
    `{"bundle_roots":["${ROOT}"],"chain_root":null,"ok":true,"restored_bytes":${sum},"restored_files_count":${count}}`;

  it("takes what these cases are made of, so that each is refused for its own sake", () => {
    expect(parse(manifestOf(entry("a"), entry("b", "x")), reportOf(2, 1))?.files).toHaveLength(2);
  });

  it.each([
    "../x",
    "/etc/passwd",
    "",
    "..",
    "a".repeat(256),
    ".spectrum06_lock",
    "RESTORE_MANIFEST.json",
    "RESTORE_REPORT.json",
  ])("gives nothing of a manifest that names '%s'", (path) => {
    expect(parse(manifestOf(entry(path)), reportOf(1))).toBeUndefined();
  });

  it.each([
    ["is empty", manifestOf(), reportOf(0)],
    ["names a path twice", manifestOf(entry("a"), entry("a")), reportOf(2)],
    ["is not sorted", manifestOf(entry("b"), entry("a")), reportOf(2)],
    ["names a file below a file", manifestOf(entry("a"), entry("a/b")), reportOf(2)],
    ["has a further member in an entry", manifestOf(entry("a", "", '"note":1,')), reportOf(1)],
    ["has a further member", `{"entries":[${entry("a")}],"note":1}`, reportOf(1)],
    ["has a space", `{"entries": [${entry("a")}]}`, reportOf(1)],
    ["ends in a line end", `${manifestOf(entry("a"))}\n`, reportOf(1)],
    [
      "has its members in another order",
      manifestOf(entry("a").replace(/("bytes":0),("rel.*?"),/, "$2,$1,")),
      reportOf(1),
    ],
    ["lacks a digest", manifestOf(entry("a").replace(/,"sha256.*"/, "")), reportOf(1)],
    ["has bytes below nothing", manifestOf(entry("a").replace(":0,", ":-1,")), reportOf(1, -1)],
  ])("gives nothing of a manifest that %s", (_what, manifest, report) => {
    expect(parse(manifest, report)).toBeUndefined();
  });

  it.each<[string, (report: string) => string]>([
    ["counts other files", (report) => report.replace('count":2', 'count":1')],
    ["counts other bytes", (report) => report.replace('bytes":11', 'bytes":12')],
    ["says that it failed", (report) => report.replace("true", "false")],
    ["has no root", (report) => report.replace(`"${ROOT}"`, "")],
    ["has an invalid root", (report) => report.replace(ROOT, "root")],
    ["has a further member", (report) => report.replace("}", ',"z":1}')],
    ["lacks a member", (report) => report.replace('"chain_root":null,', "")],
    ["has a space", (report) => report.replace(",", ", ")],
  ])("gives nothing of a report that %s", (_what, edit) => {
    expect(edit(REPORT)).not.toBe(REPORT);
    expect(parse(MANIFEST, edit(REPORT))).toBeUndefined();
  });
});
