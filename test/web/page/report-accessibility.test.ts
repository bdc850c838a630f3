import { mkdirSync, writeFileSync } from "node:fs";
import type { Page } from "puppeteer-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { sealBundle } from "../../support/bundles/bundle.ts";
import type { HistoryScene } from "../../support/bundles/history-scene.ts";
import { axeFindings, VIEWS } from "../../support/page/axe.ts";
import { HAS_CHROMIUM, type OpenBrowser, openBrowser, openFile } from "../../support/page/chromium.ts";
import { makePageProject, SIGNER_KEY } from "../../support/page/page-scene.ts";

const STRANGER = `${"0".repeat(63)}3`;

/** A report of each kind, with its exit code. The history has a fork and a gap in all but the first. */
const REPORTS = {
  accepted: [0, ["--signer", SIGNER_KEY]],
  broken: [1, ["--signer", SIGNER_KEY]],
  unjudged: [1, ["--any-signer"]],
  untrusted: [3, ["--signer", STRANGER]],
  rejected: [1, ["--signer", SIGNER_KEY]],
} as const;

describe.skipIf(!HAS_CHROMIUM)("a report for everybody (Chromium)", () => {
  let browser: OpenBrowser;
  let scene: HistoryScene;
  beforeAll(async () => {
    browser = await openBrowser();
    scene = makePageProject(4);
    const [first, second] = scene.line;
    mkdirSync(scene.at("pages"));
    for (const [name, [exitCode, options]] of Object.entries(REPORTS)) {
      if (name === "broken") {
        scene.put(sealBundle({ runId: "fork", bind: true, previousBundleRoot: second?.bundleRoot ?? "" }));
        scene.drop(first?.runId ?? "");
      }
      if (name === "rejected") writeFileSync(scene.at("out/a.txt"), "other\n");
      const newest = scene.line.at(-1)?.runId ?? "";
      const end = await scene.run(["verify", newest, "--report", `pages/${name}.html`, ...options]);
      expect(end.exitCode, end.stderr).toBe(exitCode);
    }
  });
  afterAll(async () => {
    scene[Symbol.dispose]();
    await browser[Symbol.asyncDispose]();
  });

  /** Opens one report after the other in a view. */
  async function onEach(view: (typeof VIEWS)[keyof typeof VIEWS], look: (page: Page) => Promise<void>) {
    for (const name of Object.keys(REPORTS)) {
      const page = await openFile(browser, scene.at(`pages/${name}.html`), view);
      await look(page);
      await page.close();
    }
  }

  it.each(Object.entries(VIEWS))(
    "has no findings of axe on %s: accepted, not judged, not trusted, rejected",
    async (_name, view) => {
      await onEach(view, async (page) => expect(await axeFindings(page)).toEqual([]));
    },
  );

  it.each(Object.entries(VIEWS))("fits the width of %s", async (_name, view) => {
    await onEach(view, async (page) => {
      const [content, width] = await page.evaluate(() => [document.body.scrollWidth, innerWidth]);
      expect(content).toBeLessThanOrEqual(width ?? 0);
    });
  });

  it("gives a screen reader each run of the line, with its time and what is said of it", async () => {
    await onEach({}, async (page) => {
      const items = await page.$$eval("[role=list] > [role=listitem]", (rows) =>
        rows.map((row) => [...row.querySelectorAll("text")].map((text) => text.textContent).join(" ")),
      );
      expect(items.length).toBeGreaterThanOrEqual(scene.line.length);
      for (const { runId } of scene.line.slice(1))
        expect(items.filter((item) => item.startsWith(`${runId} 20`))).toHaveLength(1);
    });
  });

  it("lets a keyboard reach the pictures, which scroll sideways on a phone", async () => {
    await onEach(VIEWS["a phone"], async (page) => {
      const scrolling = await page.$$eval(".frame", (frames) =>
        frames.filter((frame) => frame.scrollWidth > frame.clientWidth).map((frame) => frame.ariaLabel),
      );
      expect(scrolling.length).toBeGreaterThan(0);
      const reached: unknown[] = [];
      for (const _frame of scrolling) {
        await page.keyboard.press("Tab");
        reached.push(await page.evaluate(() => document.activeElement?.ariaLabel));
      }
      expect(reached).toEqual(scrolling);
    });
  });
});
