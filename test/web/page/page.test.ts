import { rmSync, utimesSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import type { Page } from "puppeteer-core";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { SECOND_SEED, sealBundle, testSigner } from "../../support/bundles/bundle.ts";
import type { HistoryScene } from "../../support/bundles/history-scene.ts";
import {
  changeTrust,
  dropOn,
  HAS_CHROMIUM,
  type OpenBrowser,
  openBrowser,
  openVerifyPage,
  textOf,
  verdictAfter,
  verdictOf,
  verifyDropped,
} from "../../support/page/chromium.ts";
import { makePageProject, SIGNER_KEY } from "../../support/page/page-scene.ts";

/** Names that would run, overlay or reorder something if they were more than text. */
const HOSTILE = [
  "<img src=x onerror=globalThis.hacked=1>.txt",
  "</script><script>globalThis.hacked=1</script>",
  "invoice\u202Efdp.exe",
  "a\nb",
  "\u001B[2J",
];

describe.skipIf(!HAS_CHROMIUM)("the page (Chromium)", () => {
  let browser: OpenBrowser;
  const projects: HistoryScene[] = [];
  const pages: Page[] = [];
  beforeAll(async () => {
    browser = await openBrowser();
  });
  afterEach(async () => {
    for (const page of pages.splice(0)) await page.close();
    for (const made of projects.splice(0)) made[Symbol.dispose]();
  });
  afterAll(async () => await browser[Symbol.asyncDispose]());

  async function open(options: Parameters<typeof openVerifyPage>[1] = {}): Promise<Page> {
    const page = await openVerifyPage(browser, options);
    pages.push(page);
    return page;
  }

  function project(...given: Parameters<typeof makePageProject>): HistoryScene {
    const made = makePageProject(...given);
    projects.push(made);
    return made;
  }

  /** Chooses a folder by the button. */
  async function choose(page: Page, root: string): Promise<string> {
    const input = await page.waitForSelector("#given-area input[webkitdirectory]");
    return await verdictAfter(page, async () => await input?.uploadFile(root));
  }

  async function trust(page: Page, text: string): Promise<void> {
    const paste = async (): Promise<void> =>
      await page.$eval(
        "#trust",
        (area, value) => {
          if (!(area instanceof HTMLTextAreaElement)) throw new TypeError("the page has no #trust");
          area.value = value;
          area.dispatchEvent(new Event("input"));
        },
        text,
      );
    await changeTrust(page, paste);
  }

  it("accepts a project whose files are as sealed, by a signer that the pasted key names", async () => {
    const page = await open();
    const { line, root } = project(3);
    await trust(page, SIGNER_KEY);
    expect(await verifyDropped(page, root)).toBe("OK");
    expect(await textOf(page, "#verdict h2")).toBe("Accepted");
    expect(await textOf(page, ".facts")).toContain(line[2]?.bundleRoot);
    expect(await textOf(page, "#runs")).toMatch(
      /3 runs in the history\. Each names the one before it, and each signature holds\. Chain root [0-9a-f]{64}: compare it with the one that the signer gave you\./,
    );
  });

  it("trusts no signer before the user names one, and decides again without hashing when that changes", async () => {
    const page = await open();
    const { root } = project();
    expect(await verifyDropped(page, root)).toBe("TRUST_POLICY_MISSING");
    rmSync(join(root, "out"), { recursive: true });
    await trust(page, `alice ${SIGNER_KEY}\n`);
    expect(await verdictOf(page)).toBe("OK");
    expect(await textOf(page, ".facts")).toContain("alice");
    await trust(page, `runseal-ed25519 ${testSigner(SECOND_SEED).publicKeyHex}`);
    expect(await verdictOf(page)).toBe("SIGNER_UNKNOWN");
    await trust(page, `alice revoked ${SIGNER_KEY}\n`);
    expect(await verdictOf(page)).toBe("SIGNER_REVOKED");
    await trust(page, `alice ${SIGNER_KEY}\nnonsense\n`);
    expect(await verdictOf(page)).toBe("TRUST_FILE_MALFORMED");
    await changeTrust(page, async () => await page.click("#any-signer"));
    expect(await verdictOf(page)).toBe("ANY_SIGNER");
    expect(await textOf(page, "#verdict h2")).toBe("Whole, by any signer");
  });

  it("never takes trust from the dropped folder", async () => {
    const page = await open();
    const { root } = project();
    for (const name of ["trust", "signers.txt", ".runseal/trust", "allowed_signers"])
      writeFileSync(join(root, name), `alice ${SIGNER_KEY}\n`);
    expect(await verifyDropped(page, root)).toBe("TRUST_POLICY_MISSING");
  });

  it("rejects a project whose file changed, and says which one and how", async () => {
    const page = await open();
    const { root } = project();
    writeFileSync(join(root, "out/a.txt"), "other\n");
    rmSync(join(root, "out/b.txt"));
    expect(await verifyDropped(page, root)).toBe("HASH_MISMATCH");
    expect(await textOf(page, ".differences")).toContain("2 differences");
    expect(await textOf(page, ".differences")).toContain("missing out/b.txt");
    expect(await textOf(page, ".rows")).toMatch(/^changedout\/a.txt.*missingout\/b.txt/);
  });

  it("draws forks and gaps, and says them in words", async () => {
    const page = await open();
    const scene = project(4);
    const previousBundleRoot = scene.line[1]?.bundleRoot ?? "";
    scene.put(sealBundle({ runId: "fork", bind: true, previousBundleRoot }));
    scene.drop("run-001");
    await verifyDropped(page, scene.root);
    const findings = await textOf(page, ".findings");
    expect(findings).toContain("HISTORY_FORK");
    expect(findings).toContain("HISTORY_GAP");
    expect(await page.$$eval(".picture circle.gap", (found) => found.length)).toBe(1);
  });

  it("says that a run is accepted and the history broken, with a row where a run is missing", async () => {
    const page = await open();
    const scene = project(4);
    const missing = `missing: ${scene.line[1]?.bundleRoot.slice(0, 8)}…, between run-001 and run-003`;
    scene.drop("run-002");
    await trust(page, SIGNER_KEY);
    expect(await verifyDropped(page, scene.root)).toBe("HISTORY_GAP");
    expect(await page.$eval("#verdict", (verdict) => verdict.getAttribute("data-tone"))).toBe("amber");
    expect(await textOf(page, "#verdict h2")).toBe("Accepted, but the history is broken");
    expect(await textOf(page, ".reason")).toContain(
      `This run is accepted; the history is broken: ${missing}. HISTORY_GAP`,
    );
    const rows = await page.$$eval("#runs .runs li", (found) => found.map((row) => row.textContent));
    expect(rows.map((row) => row.split("20")[0])).toEqual(["run-004", "run-003", missing, "run-001"]);
    await page.click("#verify-all");
    await page.waitForSelector("#line-verdict[data-tone=bad]");
    expect(await textOf(page, "#line-verdict")).toBe(`The history is broken: ${missing}. HISTORY_GAP`);
  });

  it("takes a bundle and then the folder of its files", async () => {
    const page = await open();
    const { root } = project();
    await trust(page, SIGNER_KEY);
    expect(await verifyDropped(page, join(root, ".runseal/runs/run-001"))).toBe("FILES_NOT_GIVEN");
    expect(await verifyDropped(page, root, "#files-area")).toBe("OK");
  });

  it("says what to choose where there is no run", async () => {
    const page = await open();
    const { root } = project(0);
    expect(await verifyDropped(page, root)).toContain("There is no run in this folder.");
  });

  it("shows hostile names as text, escaped, and runs nothing", async () => {
    const page = await open();
    const outputs = Object.fromEntries(HOSTILE.map((name) => [`out/${name.replaceAll("/", "_")}`, name]));
    const scene = project();
    const run = sealBundle({ runId: "<b>run<\u2215b>\u202E", bind: true, outputs });
    scene.put({ ...run, outputs: {} });
    await choose(page, scene.root);
    await page.evaluate(() => {
      for (const button of document.querySelectorAll<HTMLButtonElement>(".run"))
        if (button.textContent?.includes("<b>")) button.click();
    });
    await page.waitForSelector(".differences");
    const text = await textOf(page, "main");
    expect(text).toContain("<img src=x onerror=globalThis.hacked=1>.txt");
    expect(text).toContain("invoice\\u{202e}fdp.exe");
    expect(text).toContain("a\\nb");
    for (const character of ["\u202E", "\u001B"]) expect(text).not.toContain(character);
    expect(await page.evaluate(() => "hacked" in globalThis)).toBe(false);
    expect(await page.$$eval("main img, main b", (found) => found.length)).toBe(0);
  });

  it("gives no verdict where a file can't be read", async () => {
    const page = await open();
    const { root } = project();
    // The file changes between the choice and the reading: the browser refuses to read it.
    const input = await page.waitForSelector("#given-area input[webkitdirectory]");
    await page.evaluate(() => {
      const choose = document.querySelector("#given-area input[webkitdirectory]");
      const hold = (event: Event): void => {
        event.stopImmediatePropagation();
        // The browser notes what a file is like when it is first asked.
        if (choose instanceof HTMLInputElement) for (const file of choose.files ?? []) void file.size;
        document.title = "held";
      };
      choose?.addEventListener("change", hold, { capture: true, once: true });
    });
    await input?.uploadFile(root);
    await page.waitForFunction(() => document.title === "held");
    utimesSync(join(root, "out/b.txt"), 1e9, 1e9);
    await page.$eval("#given-area input[webkitdirectory]", (chosen) =>
      chosen.dispatchEvent(new Event("change")),
    );
    await page.waitForSelector("#verdict[data-code]");
    expect(await verdictOf(page)).toBe("READ_FAILED");
    expect(await textOf(page, "#verdict h2")).toBe("No verdict");
    expect(await textOf(page, ".rows")).toMatch(/^unreadableout\/b.txt/);
  });

  it("gives no verdict on a dropped file whose name the browser hides, and one when the folder is chosen", async () => {
    const page = await open();
    const { root } = project(1, { outputs: { "out/a<b>:c.txt": "here" } });
    expect(await verifyDropped(page, root)).toBe("READ_FAILED");
    await changeTrust(page, async () => await page.click("#any-signer"));
    expect(await choose(page, root)).toBe("ANY_SIGNER");
  });

  it("reaches no network: its policy allows no connection, no image and no other script", async () => {
    let connections = 0;
    const server = createServer((_request, response) => response.end("here"));
    server.on("connection", () => connections++);
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const { port } = server.address() as AddressInfo;
    try {
      const page = await open();
      await verifyDropped(page, project().root);
      const tried = await page.evaluate(async (address) => {
        const fetched = await fetch(address).then(
          () => "fetched",
          () => "refused",
        );
        const image = new Image();
        const loaded = new Promise((resolve) => {
          image.onload = () => resolve("loaded");
          image.onerror = () => resolve("refused");
        });
        image.src = address;
        const script = document.createElement("script");
        script.textContent = "globalThis.injected = true";
        document.body.append(script);
        return [fetched, await loaded, "injected" in globalThis];
      }, `http://127.0.0.1:${port}/`);
      expect(tried).toEqual(["refused", "refused", false]);
      expect(connections).toBe(0);
    } finally {
      server.close();
    }
  });

  it("keeps as many rows as fit in sight, of a hundred thousand files, and searches and sorts them", async () => {
    const page = await open();
    const outputs = Object.fromEntries(
      Array.from({ length: 100_000 }, (_, index) => [
        `out/${String(index).padStart(6, "0")}.bin`,
        `${index}`,
      ]),
    );
    const run = sealBundle({ runId: "run-001", bind: true, outputs });
    const scene = project(0);
    scene.put({ ...run, outputs: { "out/000007.bin": "7" } });
    expect(await verifyDropped(page, scene.root)).toBe("OUTPUT_MISSING");
    expect(await textOf(page, ".toolbar")).toContain("100,000 files");
    expect(await page.$$eval(".rows .row", (rows) => rows.length)).toBeLessThan(60);
    await page.$eval(".files", (files) => {
      files.scrollTop = files.scrollHeight;
    });
    await page.waitForFunction(() =>
      document.querySelector(".rows")?.textContent?.includes("out/000007.bin"),
    );
    await page.type("#file-search", "09999");
    await page.waitForFunction(() =>
      document.querySelector(".toolbar")?.textContent?.includes("11 of 100,000 files"),
    );
    await page.click(".cell.path button");
    expect(await page.$eval(".cell.path", (head) => head.getAttribute("aria-sort"))).toBe("ascending");
    await page.click(".cell.path button");
    await page.waitForFunction(
      () => document.querySelector(".rows .row .path")?.textContent === "out/099999.bin",
    );
  });

  it("ends the work on one folder when another is dropped", async () => {
    const page = await open();
    const [first, second] = [project(40), project(1, { seed: SECOND_SEED })];
    await dropOn(page, "#given-area", first.root);
    await verifyDropped(page, second.root);
    await page.waitForFunction(
      (root) => document.querySelector(".facts")?.textContent?.includes(root),
      {},
      second.line[0]?.bundleRoot ?? "",
    );
    expect(await page.$$eval(".run", (runs) => runs.length)).toBe(1);
  });
});
