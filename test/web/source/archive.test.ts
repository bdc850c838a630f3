import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import type { Page } from "puppeteer-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { sealTreeBundle } from "../../support/bundles/tree-bundle.ts";
import { makeFolder, removeTree } from "../../support/files/tree.ts";
import {
  HAS_CHROMIUM,
  type OpenBrowser,
  openBrowser,
  openVerifyPage,
  textOf,
  verifyDropped,
} from "../../support/page/chromium.ts";
import { SIGNER_KEY } from "../../support/page/page-scene.ts";
import { bundleEntries, outputEntriesOf, type TarEntry, tarOf } from "../../support/registry/archive.ts";

const RUN = sealTreeBundle({
  runId: "build-42",
  outputs: { "out/run.sh": "#!/bin/sh\n", "out/data.bin": "x".repeat(300_000), "out/empty": "" },
  programs: ["out/run.sh"],
  links: { "out/latest": "data.bin" },
  emptyFolders: ["out/hollow"],
});
const ENTRIES: readonly TarEntry[] = [...bundleEntries(RUN), ...outputEntriesOf(RUN)];

/** The entries with one of them changed. */
function changed(path: string, change: Partial<TarEntry>): readonly TarEntry[] {
  return ENTRIES.map((entry) => (entry.path === path ? { ...entry, ...change } : entry));
}

const FILE: TarEntry = { path: "out/zzz", content: "more" };

/** Archives that are refused or rejected, and the code. */
const BROKEN: Readonly<Record<string, readonly [string, Buffer]>> = {
  "a changed file": ["HASH_MISMATCH", tarOf(changed("out/run.sh", { content: Buffer.from("#!/bin/zsh") }))],
  "a missing file": ["OUTPUT_MISSING", tarOf(ENTRIES.filter(({ path }) => path !== "out/empty"))],
  "a larger file than all that was sealed": [
    "HASH_MISMATCH",
    tarOf(changed("out/data.bin", { content: Buffer.alloc(400_000) })),
  ],
  "another mode": ["ARCHIVE_ENTRY_DIFFERS", tarOf(changed("out/run.sh", { mode: 0o644 }))],
  "another target": ["ARCHIVE_ENTRY_DIFFERS", tarOf(changed("out/latest", { target: "run.sh" }))],
  "a missing link": ["ARCHIVE_ENTRY_MISSING", tarOf(ENTRIES.filter(({ type }) => type !== "2"))],
  "a file that was not sealed": ["ARCHIVE_ENTRY_UNEXPECTED", tarOf([...ENTRIES, FILE])],
  "a file twice": ["ARCHIVE_ENTRY_UNEXPECTED", tarOf(ENTRIES.flatMap((entry) => [entry, entry]))],
  "a bundle's file behind the outputs": [
    "ARCHIVE_ENTRY_UNEXPECTED",
    tarOf([...ENTRIES.slice(1), ...ENTRIES.slice(0, 1)]),
  ],
  "no run": ["ARCHIVE_ENTRY_MISSING", tarOf([FILE])],
  "a cut end": ["ARCHIVE_TRUNCATED", tarOf(ENTRIES).subarray(0, -512)],
  "bytes behind the end": ["ARCHIVE_TRAILING_BYTES", Buffer.concat([tarOf(ENTRIES), Buffer.alloc(512)])],
  "no tar": ["ARCHIVE_MALFORMED", Buffer.alloc(2048, "nonsense")],
  "compressed bytes": ["ARCHIVE_MALFORMED", gzipSync(tarOf(ENTRIES))],
};

describe.skipIf(!HAS_CHROMIUM)("the page, given an archive (Chromium)", () => {
  let browser: OpenBrowser;
  let page: Page;
  let folder: string;
  beforeAll(async () => {
    folder = makeFolder();
    mkdirSync(join(folder, "given"));
    browser = await openBrowser();
    page = await openVerifyPage(browser);
    await page.type("#trust", SIGNER_KEY);
  });
  afterAll(async () => {
    await browser[Symbol.asyncDispose]();
    removeTree(folder);
  });

  async function verify(bytes: Uint8Array): Promise<string> {
    const file = join(folder, "given/run.runseal");
    writeFileSync(file, bytes);
    return await verifyDropped(page, file);
  }

  it("accepts one, with its modes, links and empty folders", async () => {
    expect(await verify(tarOf(ENTRIES))).toBe("OK");
    expect(await textOf(page, ".facts")).toContain("1 program, 1 link, 1 empty folder");
    expect(await textOf(page, ".facts")).not.toContain("as the signer says: a browser");
  });

  it.each(Object.entries(BROKEN))("refuses one with %s", async (_what, [code, bytes]) => {
    expect(await verify(bytes)).toContain(code);
  });
});
