import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Page } from "puppeteer-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { ArchiveSource } from "../../../src/node/move/archive/archive-source.ts";
import { archiveWords } from "../../../web/words/archive-words.ts";
import { linked } from "../../support/bundles/history-scene.ts";
import { makeFolder, removeTree } from "../../support/files/tree.ts";
import {
  HAS_CHROMIUM,
  type OpenBrowser,
  openBrowser,
  openVerifyPage,
  textOf,
  verdictOf,
  verifyDropped,
} from "../../support/page/chromium.ts";
import { SIGNER_KEY } from "../../support/page/page-scene.ts";
import {
  judgeSource,
  packBundles,
  readTar,
  streamOf,
  type TarEntry,
  tarOf,
} from "../../support/registry/archive.ts";

const BIG = "large".repeat(300_000);
const OTHER = "other".repeat(300_000);
const FIRST = linked("first", undefined, { outputs: { big: BIG, "a.txt": "alpha\n", same: "alpha\n" } });
const SECOND = linked("second", FIRST, { outputs: { a: BIG, b: "beta\n", c: OTHER, d: "delta\n" } });
const ARCHIVE = await packBundles(FIRST, SECOND);
const ENTRIES = readTar(ARCHIVE);
const BUNDLES = ENTRIES.filter(({ path }) => path.startsWith(".runseal/runs/"));
const OBJECTS = ENTRIES.filter(({ path }) => path.startsWith(".runseal/objects/"));
const PACKS = ENTRIES.filter(({ path }) => path.startsWith(".runseal/packs/"));

/** The archive with the bytes of entries changed. */
function changed(part: RegExp, change: (content: Buffer) => void): Buffer {
  return tarOf(
    ENTRIES.map((entry) => {
      const content = Buffer.from(entry.content);
      if (part.test(entry.path)) change(content);
      return { ...entry, content };
    }),
  );
}

function objectAt(first: string): TarEntry {
  return { path: `.runseal/objects/${first.repeat(2)}/${first.repeat(62)}`, mode: 0o444 };
}

const ARCHIVES: Readonly<Record<string, Buffer>> = {
  "as it was packed": ARCHIVE,
  "with another content of an object": changed(/objects/, (content) => void content.write("X")),
  "with another content in a pack": changed(
    /\.pack$/,
    (content) => void content.write("X", content.indexOf("beta")),
  ),
  "without its objects": tarOf([...BUNDLES, ...PACKS]),
  "without its pack": tarOf([...BUNDLES, ...OBJECTS]),
  "with an object twice": tarOf([...BUNDLES, ...OBJECTS.slice(0, 1), ...OBJECTS, ...PACKS]),
  "with objects in another order": tarOf([...BUNDLES, ...OBJECTS.toReversed(), ...PACKS]),
  "with objects behind a pack": tarOf([...BUNDLES, ...PACKS, ...OBJECTS]),
  "with a pack twice": tarOf([...BUNDLES, ...OBJECTS, ...PACKS, ...PACKS]),
  "with a pack without its index": tarOf([...BUNDLES, ...OBJECTS, ...PACKS.slice(0, 1)]),
  "with an index of other bytes": changed(/\.idx$/, (content) => void content.write("X", 20)),
  "with an index whose last byte differs": changed(/\.idx$/, (content) => {
    content.writeUInt8(content.readUInt8(content.length - 1) ^ 1, content.length - 1);
  }),
  "with a small object as a file": tarOf([
    ...BUNDLES,
    ...OBJECTS,
    { ...objectAt("f"), content: "x" },
    ...PACKS,
  ]),
  "with an object that the run does not name": tarOf([
    ...BUNDLES,
    ...OBJECTS,
    { ...objectAt("f"), content: OTHER },
    ...PACKS,
  ]),
  "with an object of another mode": tarOf(
    ENTRIES.map((entry) => (OBJECTS.includes(entry) ? { ...entry, mode: 0o644 } : entry)),
  ),
  "with another trailer of its pack": changed(
    /\.pack$/,
    (content) => void content.write("X", content.length - 1),
  ),
  "with a record that has a flag": changed(/\.pack$/, (content) => void content.writeUInt8(1, 20)),
  "with a pack of another name": tarOf(
    ENTRIES.map((entry) => ({ ...entry, path: entry.path.replace(/[0-9a-f]{3}\.(pack|idx)$/, "000.$1") })),
  ),
  "with a file of the project": tarOf([...ENTRIES, { path: ".runseal/HEAD" }]),
  "with an output at its path": tarOf([...ENTRIES, { path: "b", content: "beta\n" }]),
};

/** How the page's words for a reason begin, before the place. */
function wordsOf(reason: string): string {
  const fault = { ok: false, code: "CARRIED_RUN_MALFORMED", reason } as Parameters<typeof archiveWords>[0];
  return archiveWords(fault).replace(/\)$/, "");
}

/** Node's verdict on the newest run alone. */
async function nodeCode(bytes: Buffer): Promise<string> {
  await using source = new ArchiveSource({ stream: streamOf(bytes), shown: "-" });
  const [code = ""] = await judgeSource(source, {}, ["second"]);
  return code;
}

describe.skipIf(!HAS_CHROMIUM)("the page, given an archive of several runs (Chromium)", () => {
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
    const file = join(folder, "given/runs.runseal");
    writeFileSync(file, bytes);
    return await verifyDropped(page, file);
  }

  it.each(Object.entries(ARCHIVES))("gives Node's verdict on its newest run: %s", async (_what, bytes) => {
    const [code = "", reason] = (await nodeCode(bytes)).split(" ");
    const said = await verify(bytes);
    expect(said).toContain(code);
    if (reason === undefined) return;
    // A verdict has its words beside its code.
    expect(/^[A-Z_]+$/.test(said) ? await textOf(page, "#verdict .reason") : said).toContain(wordsOf(reason));
  });

  it("shows its line, and verifies each run that the user picks by that run's own outputs", async () => {
    expect(await verify(ARCHIVE)).toBe("OK");
    expect(await textOf(page, "#runs")).toContain("2 runs in the history. Each names the one before it");
    expect(await textOf(page, ".facts")).toContain("4 files");
    await page.click("#runs li:nth-child(2) button");
    await page.waitForFunction(() => document.querySelector(".facts")?.textContent?.includes("3 files"));
    expect(await verdictOf(page)).toBe("OK");
  });

  it("says of an archive that begins within a line which bundle is not in it", async () => {
    const third = linked("third", SECOND, { outputs: { e: "epsilon\n" } });
    // So that the place to drop on is in sight again.
    await page.evaluate(() => scrollTo(0, 0));
    expect(await verify(await packBundles(SECOND, third))).toBe("OK");
    expect(await textOf(page, "#runs")).toContain(`missing: ${FIRST.bundleRoot.slice(0, 8)}…, before second`);
  });
});
