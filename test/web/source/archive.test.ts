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

/** What the page says of an archive that it refuses. */
function refused(words: string): RegExp {
  return new RegExp(`${words}.* CARRIED_RUN_MALFORMED`);
}

const DISORDERED = refused("an entry is out of order, or there twice");
const NOT_OURS = refused("it is not of the form that runseal writes \\(checksum, at byte 0\\)");

const FOREIGN = refused("it is a plain tar or zip: unpack it, then choose the folder");

/** Archives that are refused or rejected, and what the page says. */
const BROKEN: Readonly<Record<string, readonly [RegExp, Buffer]>> = {
  "a changed file": [/HASH_MISMATCH/, tarOf(changed("out/run.sh", { content: Buffer.from("#!/bin/zsh") }))],
  "a missing file": [/OUTPUT_MISSING/, tarOf(ENTRIES.filter(({ path }) => path !== "out/empty"))],
  "a larger file than all that was sealed": [
    /HASH_MISMATCH/,
    tarOf(changed("out/data.bin", { content: Buffer.alloc(400_000) })),
  ],
  "another mode": [refused("\\(mode, "), tarOf(changed("out/run.sh", { mode: 0o644 }))],
  "another target": [refused("\\(target, "), tarOf(changed("out/latest", { target: "run.sh" }))],
  "a missing link": [
    refused("an entry is missing that its bundle names"),
    tarOf(ENTRIES.filter(({ type }) => type !== "2")),
  ],
  "a file that was not sealed": [
    refused("it has an entry that its bundle does not name"),
    tarOf([...ENTRIES, FILE]),
  ],
  "a file twice": [DISORDERED, tarOf(ENTRIES.flatMap((entry) => [entry, entry]))],
  "a bundle's file behind the outputs": [DISORDERED, tarOf([...ENTRIES.slice(1), ...ENTRIES.slice(0, 1)])],
  "no run": [FOREIGN, tarOf([FILE])],
  "a cut end": [refused("it ends early"), tarOf(ENTRIES).subarray(0, -512)],
  "bytes behind the end": [
    refused("bytes come after its end"),
    Buffer.concat([tarOf(ENTRIES), Buffer.alloc(512)]),
  ],
  "no tar": [NOT_OURS, Buffer.alloc(2048, "nonsense")],
  "compressed bytes": [FOREIGN, gzipSync(tarOf(ENTRIES))],
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

  it.each(Object.entries(BROKEN))("refuses one with %s", async (_what, [words, bytes]) => {
    const said = await verify(bytes);
    // A verdict has its words beside its code.
    expect(/^[A-Z_]+$/.test(said) ? await textOf(page, "#verdict .reason") : said).toMatch(words);
  });
});
