import { relative } from "node:path";
import { fileURLToPath } from "node:url";
import type { Page } from "puppeteer-core";
import { rolldown } from "rolldown";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import type { HistoryScene } from "../../support/bundles/history-scene.ts";
import {
  dropOn,
  HAS_CHROMIUM,
  type OpenBrowser,
  openBrowser,
  openVerifyPage,
  textOf,
  verdictOf,
  verifyDropped,
} from "../../support/page/chromium.ts";
import { makePageProject } from "../../support/page/page-scene.ts";

const REPOSITORY = fileURLToPath(new URL("../../..", import.meta.url));

/** The modules that a script runs, relative to the repository. */
async function modulesOf(entry: string): Promise<readonly string[]> {
  const build = await rolldown({ cwd: REPOSITORY, input: entry, platform: "browser", tsconfig: false });
  const { output } = await build.generate({ format: "iife" });
  await build.close();
  return output[0].moduleIds.map((id) => relative(REPOSITORY, id));
}

describe("the script of the page", () => {
  it("reads, judges and hashes nothing: it has the quoting of names, the counts, the limits, the picture of a history and the form of sentences of the core, and no more", async () => {
    const modules = await modulesOf("web/page.ts");
    expect(modules.filter((id) => id.startsWith("src/core/")).sort()).toEqual([
      "src/core/judge/said/history-picture.ts",
      "src/core/judge/said/tone.ts",
      "src/core/system/bytes/count-text.ts",
      "src/core/system/bytes/limits.ts",
      "src/core/system/bytes/size-text.ts",
      "src/core/system/paths/quote.ts",
      "src/core/system/paths/unprintable.ts",
    ]);
    expect(modules.filter((id) => /^web\/(trust|verify)\//.test(id))).toEqual([]);
    expect(modules.filter((id) => id.startsWith("node_modules/"))).toEqual([]);
  });

  it("leaves all of that to the script of the worker, so that the test above can fail", async () => {
    const modules = await modulesOf("web/session-worker.ts");
    expect(modules).toContain("web/verify/verify-bundle.ts");
    expect(modules.filter((id) => id.startsWith("src/core/")).length).toBeGreaterThan(20);
  });
});

/** What a test can hold back between the page and its worker. */
interface HeldMessages {
  /** Messages that the page sends and that do not arrive yet, by kind: `take` for a folder, `rows` for rows. */
  held: string[];
  /** The kinds of what was held back so far. */
  readonly sent: string[];
  /** The kinds of news that came for work of the worker, with the number of the work. */
  readonly news: string[];
  /** Lets through what was held back. */
  release(): void;
}

/** Runs before the page's script: a worker that gets no message is as silent as one that is busy. */
function holdMessages(): void {
  const waiting: (() => void)[] = [];
  const messages: HeldMessages = {
    held: [],
    sent: [],
    news: [],
    release: () => {
      messages.held = [];
      for (const send of waiting.splice(0)) send();
    },
  };
  Object.assign(globalThis, { messagesOfPage: () => messages });
  globalThis.Worker = class extends Worker {
    constructor(...given: ConstructorParameters<typeof Worker>) {
      super(...given);
      this.addEventListener("message", ({ data }) => {
        if (data.kind === "work") messages.news.push(`${data.work} ${data.news.kind}`);
      });
    }

    override postMessage(message: { kind: string; request?: { kind: string } }): void {
      const kind = message.request?.kind ?? message.kind;
      const send = (): void => super.postMessage(message);
      if (!messages.held.includes(kind)) {
        send();
        return;
      }
      messages.sent.push(kind);
      waiting.push(send);
    }
  };
}

describe.skipIf(!HAS_CHROMIUM)("the page, while its worker is busy (Chromium)", () => {
  let browser: OpenBrowser;
  let page: Page;
  const projects: HistoryScene[] = [];
  beforeAll(async () => {
    browser = await openBrowser();
  });
  afterEach(async () => {
    await page.close();
    for (const made of projects.splice(0)) made[Symbol.dispose]();
  });
  afterAll(async () => await browser[Symbol.asyncDispose]());

  async function open(): Promise<void> {
    page = await openVerifyPage(browser, { before: `(${holdMessages.toString()})();` });
  }

  function project(...given: Parameters<typeof makePageProject>): string {
    const made = makePageProject(...given);
    projects.push(made);
    return made.root;
  }

  async function hold(...kinds: readonly string[]): Promise<void> {
    await page.evaluate((held) => {
      messagesOfPage().held = [...held];
    }, kinds);
  }

  async function waitForSent(kind: string): Promise<void> {
    await page.waitForFunction((wanted) => messagesOfPage().sent.includes(wanted), {}, kind);
  }

  it("ends at once when the user stops it, and passes over what the worker says afterwards", async () => {
    await open();
    await hold("take");
    await dropOn(page, "#given-area", project());
    await waitForSent("take");
    expect(await textOf(page, "#progress-words")).toBe("Reading what was given…");
    await page.click("#stop");
    expect(await verdictOf(page)).toBe("Stopped. Nothing is said about this run.");
    await page.evaluate(() => messagesOfPage().release());
    await page.waitForFunction(() => messagesOfPage().news.includes("1 verdict"));
    expect(await verdictOf(page)).toBe("Stopped. Nothing is said about this run.");
    expect(await page.$eval("#verdict", (verdict) => verdict.hasAttribute("hidden"))).toBe(true);
  });

  it("shows the verdict on one run no longer once the user stopped another one", async () => {
    await open();
    await verifyDropped(page, project(2));
    await hold("choose");
    await page.click(".runs li:last-of-type .run");
    await waitForSent("choose");
    expect(await page.$eval("#verdict", (verdict) => verdict.hasAttribute("hidden"))).toBe(false);
    await page.click("#stop");
    expect(await verdictOf(page)).toBe("Stopped. Nothing is said about this run.");
    for (const section of ["#verdict", "#files"])
      expect(await page.$eval(section, (element) => element.hasAttribute("hidden"))).toBe(true);
  });

  it("keeps the verdict on one run beside those on all", async () => {
    await open();
    const code = await verifyDropped(page, project(2));
    await hold("verify-all-runs");
    await page.click("#verify-all");
    await waitForSent("verify-all-runs");
    await page.evaluate(() => messagesOfPage().release());
    await page.waitForSelector("#line-verdict");
    expect(await page.$eval("#verdict", (verdict) => verdict.getAttribute("data-code"))).toBe(code);
    expect(await page.$eval("#verdict", (verdict) => verdict.hasAttribute("hidden"))).toBe(false);
  });

  it("asks for rows once, however much the user types meanwhile, and then for those that are wanted last", async () => {
    await open();
    await verifyDropped(page, project());
    await hold("rows");
    await page.type("#file-search", "out/b");
    expect(await page.evaluate(() => messagesOfPage().sent)).toEqual(["rows"]);
    await page.evaluate(() => messagesOfPage().release());
    await page.waitForFunction(() =>
      document.querySelector(".toolbar")?.textContent?.includes("1 of 2 files"),
    );
    expect(await textOf(page, ".rows .path")).toBe("out/b.txt");
  });
});

/** The messages of the page. Runs in the page. */
declare function messagesOfPage(): HeldMessages;
