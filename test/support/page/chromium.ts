/**
 * Chromium, driven by puppeteer-core: the page as a user has it, opened from a file. A test is skipped where Chromium is missing;
 * `.ci/run` installs it.
 *
 * @module
 */

import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { type Browser, launch, type Page } from "puppeteer-core";

const PROGRAM = "/usr/bin/chromium";

/** The page that the build made. */
export const VERIFY_PAGE: string = fileURLToPath(new URL("../../../dist/page/verify.html", import.meta.url));

/** Whether Debian's Chromium is installed. */
export const HAS_CHROMIUM: boolean = existsSync(PROGRAM);

/** Keeps the browser off the network, and without the state of a user. */
const ARGUMENTS = [
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];

/** A browser with a folder of its own. Dispose of it. */
export interface OpenBrowser extends AsyncDisposable {
  readonly browser: Browser;
}

/** How a page is opened. */
export interface PageOptions {
  readonly width?: number;
  readonly height?: number;
  readonly isDark?: boolean;
  /** Runs in the page before its own script. */
  readonly before?: string;
}

/** Starts Chromium. */
export async function openBrowser(): Promise<OpenBrowser> {
  const userDataDir = mkdtempSync(join(tmpdir(), "runseal-chromium-"));
  // Chromium reads names of files as the locale says.
  const env = { ...process.env, LC_ALL: "C.UTF-8" };
  const browser = await launch({
    executablePath: PROGRAM,
    headless: true,
    userDataDir,
    args: ARGUMENTS,
    env,
  });
  return {
    browser,
    [Symbol.asyncDispose]: async () => {
      await browser.close();
      rmSync(userDataDir, { recursive: true, force: true, maxRetries: 5 });
    },
  };
}

/** Opens a page from its file. */
export async function openFile(
  { browser }: OpenBrowser,
  path: string,
  options: PageOptions = {},
): Promise<Page> {
  const { before, height = 900, isDark = false, width = 1200 } = options;
  const page = await browser.newPage();
  await page.setViewport({ width, height });
  if (isDark) await page.emulateMediaFeatures([{ name: "prefers-color-scheme", value: "dark" }]);
  if (before !== undefined) await page.evaluateOnNewDocument(before);
  await page.goto(pathToFileURL(path).href);
  return page;
}

/** Opens the page from its file and waits until it takes folders. An error in the page fails the test. */
export async function openVerifyPage(browser: OpenBrowser, options: PageOptions = {}): Promise<Page> {
  const page = await openFile(browser, VERIFY_PAGE, options);
  await page.waitForSelector("html[data-ready]");
  return page;
}

/** Drops a folder or a file of this disk on an element, as a user does. */
export async function dropOn(page: Page, selector: string, path: string): Promise<void> {
  const area = await page.waitForSelector(selector, { visible: true });
  await area?.scrollIntoView();
  const box = await area?.boundingBox();
  if (!box) throw new Error(`${selector} has no place in the page`);
  const session = await page.createCDPSession();
  const [x, y] = [box.x + box.width / 2, box.y + 12];
  const data = { items: [], files: [path], dragOperationsMask: 1 };
  for (const type of ["dragEnter", "dragOver", "drop"] as const)
    await session.send("Input.dispatchDragEvent", { type, x, y, data });
  await session.detach();
}

/** Drops a folder, and waits until the page has said what comes of it: the code of the verdict, or the words of the page. */
export async function verifyDropped(page: Page, path: string, selector = "#given-area"): Promise<string> {
  return await verdictAfter(page, async () => await dropOn(page, selector, path));
}

/** Waits until the work that an act begins has begun and ended: what was under way before it may end meanwhile. */
export async function verdictAfter(page: Page, act: () => Promise<unknown>): Promise<string> {
  await page.evaluate(() => {
    const progress = document.getElementById("progress");
    if (progress === null) throw new TypeError("the page has no progress");
    delete progress.dataset["begun"];
    new MutationObserver((_changes, observer) => {
      if (progress.dataset["busy"] !== "true") return;
      progress.dataset["begun"] = "";
      observer.disconnect();
    }).observe(progress, { attributeFilter: ["data-busy"] });
  });
  await act();
  await page.waitForSelector("#progress[data-begun]");
  return await verdictOf(page);
}

/** Changes the trust by an action, and waits until the page has decided again. */
export async function changeTrust(page: Page, change: () => Promise<unknown>): Promise<void> {
  await page.$eval("#trust-words", (words) => {
    words.textContent = "";
  });
  await change();
  await page.waitForFunction(() => document.getElementById("trust-words")?.textContent !== "");
}

/** Waits for the end of a verification: the code of the verdict, or without one the words of the page. */
export async function verdictOf(page: Page): Promise<string> {
  await page.waitForSelector("#progress[data-busy=false]");
  return await page.evaluate(() => {
    const verdict = document.getElementById("verdict");
    if (verdict?.hidden === false) return verdict.dataset["code"] ?? "";
    return document.getElementById("progress-words")?.textContent ?? "";
  });
}

/** The text of an element. */
export async function textOf(page: Page, selector: string): Promise<string> {
  return await page.$eval(selector, (element) => element.textContent ?? "");
}
