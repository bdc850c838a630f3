import { writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Page } from "puppeteer-core";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { sealBundle } from "../../support/bundles/bundle.ts";
import type { HistoryScene } from "../../support/bundles/history-scene.ts";
import { axeFindings, VIEWS } from "../../support/page/axe.ts";
import {
  changeTrust,
  HAS_CHROMIUM,
  type OpenBrowser,
  openBrowser,
  openVerifyPage,
  textOf,
  verdictOf,
  verifyDropped,
} from "../../support/page/chromium.ts";
import { makePageProject, SIGNER_KEY } from "../../support/page/page-scene.ts";

describe.skipIf(!HAS_CHROMIUM)("the page for everybody (Chromium)", () => {
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

  /** A line with a fork, a gap and a failed run, and a file that changed. */
  function brokenProject(): HistoryScene {
    const scene = makePageProject(4);
    projects.push(scene);
    const [first, second] = scene.line;
    scene.put(sealBundle({ runId: "fork", bind: true, previousBundleRoot: second?.bundleRoot ?? "" }));
    scene.drop(first?.runId ?? "");
    writeFileSync(join(scene.root, "out/a.txt"), "other\n");
    return scene;
  }

  it.each(Object.entries(VIEWS))(
    "has no findings of axe on %s: empty, rejected, accepted",
    async (_name, view) => {
      const page = await open(view);
      expect(await axeFindings(page)).toEqual([]);
      await verifyDropped(page, brokenProject().root);
      await page.click("summary");
      expect(await axeFindings(page)).toEqual([]);
      const whole = makePageProject(2);
      projects.push(whole);
      await page.type("#trust", SIGNER_KEY);
      expect(await verifyDropped(page, whole.root)).toBe("OK");
      expect(await axeFindings(page)).toEqual([]);
    },
  );

  it.each(Object.entries(VIEWS))("fits the width of %s, whatever it shows", async (_name, view) => {
    const page = await open(view);
    await verifyDropped(page, brokenProject().root);
    await page.click("summary");
    const [content, width] = await page.evaluate(() => [document.body.scrollWidth, innerWidth]);
    expect(content).toBeLessThanOrEqual(width ?? 0);
  });

  it("moves nothing that is shown already", async () => {
    const page = await open({
      before: `globalThis.shifts = [];
        new PerformanceObserver((list) => shifts.push(...list.getEntries().filter(({ hadRecentInput }) => !hadRecentInput).map(({ value }) => value))).observe({ type: "layout-shift", buffered: true });`,
    });
    const shifts = async (): Promise<readonly number[]> =>
      await page.evaluate(() => (globalThis as unknown as { shifts: number[] }).shifts.splice(0));
    await verifyDropped(page, brokenProject().root);
    expect(await shifts()).toEqual([]);
    await changeTrust(page, async () => await page.click("#any-signer"));
    // What the user asked for may move; on a busy machine the browser does not see that it was asked for.
    await shifts();
    await page.evaluate(
      () => new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve))),
    );
    expect(await shifts()).toEqual([]);
  });

  it("can be used with the keyboard alone", async () => {
    const page = await open();
    const scene = makePageProject(2);
    projects.push(scene);
    await verifyDropped(page, scene.root);
    const reached: string[] = [];
    for (let presses = 0; presses < 20; presses++) {
      await page.keyboard.press("Tab");
      const name = await page.evaluate(() => {
        const { activeElement: focused } = document;
        const shown = focused?.closest("label, button, summary, textarea, [role=table]") ?? focused;
        return shown?.getAttribute("aria-label") ?? shown?.id ?? "";
      });
      const text = await page.evaluate(
        () => document.activeElement?.closest("label, button, summary")?.textContent ?? "",
      );
      reached.push(text.trim() || name);
      if (text.includes("run-001")) await page.keyboard.press("Enter");
    }
    for (const wanted of [
      "Choose a folder",
      "trust",
      "Open a trust file",
      "Take any signer",
      "Files of the bundle",
    ])
      expect(reached).toContain(wanted);
    await verdictOf(page);
    expect(await textOf(page, ".facts")).toContain("run-001");
  });

  it("tells a screen reader the verdict in a sentence", async () => {
    const page = await open();
    await verifyDropped(page, brokenProject().root);
    expect(await textOf(page, "#spoken")).toBe(
      'Rejected: the output "out/a.txt" is not the file that was sealed.',
    );
    expect(await page.$eval("#spoken", (spoken) => spoken.getAttribute("role"))).toBe("status");
  });
});
