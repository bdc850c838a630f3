import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, describe, expect, it } from "vitest";
import {
  encodeBsdSums,
  encodeSha256Sums,
  isBsdName,
} from "../../../../src/core/make/evidence/digest-list.ts";
import type { HexDigest } from "../../../../src/core/system/bytes/hex.ts";
import { sha256 } from "../../../support/bundles/bundle.ts";
import { itWith, runTool } from "../../../support/evidence/real-tools.ts";

const NAMES = [
  "plain.txt",
  "dist/app.js",
  " leading space",
  "trailing space ",
  "*star",
  "a\\b",
  "a\nb",
  "a\rb",
  "\\",
  "a\\\nb\r\\",
  "tab\there",
  "-dash",
  "bell\u0007",
  "é\u{1f600}",
  "del\u007f",
  "a) = b (c",
  '"quoted"',
];

const folders: string[] = [];

afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true });
});

function folderWith(names: readonly string[]): string {
  const folder = mkdtempSync(join(tmpdir(), "runseal-sums-"));
  folders.push(folder);
  for (const name of names) {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), contentOf(name));
  }
  return folder;
}

function contentOf(name: string): string {
  return `content of ${name}`;
}

function rowOf(path: string): { path: string; digest: HexDigest } {
  return { path, digest: sha256(contentOf(path)) as HexDigest };
}

describe("a list of digests in GNU's form", () => {
  itWith("sha256sum")("has the bytes that sha256sum prints for the same files", () => {
    const cwd = folderWith(NAMES);
    const printed = runTool("sha256sum", ["--", ...NAMES], { cwd });
    expect(printed.status, printed.text).toBe(0);
    expect(Buffer.from(encodeSha256Sums(NAMES.map(rowOf))).toString()).toBe(printed.text);
  });

  itWith("sha256sum")("is checked by sha256sum, whatever the names", () => {
    const cwd = folderWith(NAMES);
    writeFileSync(join(cwd, "LIST"), encodeSha256Sums(NAMES.map(rowOf)));
    const checked = runTool("sha256sum", ["--check", "--strict", "LIST"], { cwd });
    expect(checked.status, checked.text).toBe(0);
    writeFileSync(join(cwd, "a\nb"), "other");
    expect(runTool("sha256sum", ["--check", "--strict", "LIST"], { cwd }).status).toBe(1);
  });

  it("is empty for no rows", () => {
    expect(encodeSha256Sums([])).toHaveLength(0);
  });

  it("keeps every row of a long list", () => {
    const rows = Array.from({ length: 5000 }, (_, index) => rowOf(`out/${"€".repeat(index % 50)}${index}`));
    const lines = Buffer.from(encodeSha256Sums(rows)).toString().split("\n");
    expect(lines).toEqual([...rows.map(({ digest, path }) => `${digest}  ${path}`), ""]);
  });
});

describe("a list of digests in BSD's form", () => {
  it("has a line for each file", () => {
    const { digest } = rowOf("dist/app.js");
    expect(Buffer.from(encodeBsdSums([rowOf("dist/app.js")])).toString()).toBe(
      `SHA256 (dist/app.js) = ${digest}\n`,
    );
  });

  it.each(["a\nb", "a\rb", "a\u0000b", "tab\there", "bell\u0007", "del\u007f", "csi\u009b", "a)b", ""])(
    "can't express %j",
    (name) => {
      expect(isBsdName(name)).toBe(false);
      expect(() => encodeBsdSums([{ ...rowOf("x"), path: name }])).toThrow(RangeError);
    },
  );

  it("can't express a name of more than 1,023 bytes", () => {
    expect(isBsdName("a".repeat(1023))).toBe(true);
    expect(isBsdName("a".repeat(1024))).toBe(false);
    expect(isBsdName("€".repeat(341))).toBe(true);
    expect(isBsdName("€".repeat(342))).toBe(false);
  });

  it.each([" leading", "trailing ", "a\\b", "(open", "a = b", "é\u{1f600}", "-dash"])(
    "expresses %j",
    (name) => {
      expect(isBsdName(name)).toBe(true);
    },
  );
});
