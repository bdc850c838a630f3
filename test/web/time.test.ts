import { writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Page } from "puppeteer-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import {
  HAS_CHROMIUM,
  type OpenBrowser,
  openBrowser,
  openVerifyPage,
  textOf,
  verifyDropped,
} from "../support/chromium.ts";
import type { HistoryScene } from "../support/history-scene.ts";
import { makePageProject, SIGNER_KEY } from "../support/page-scene.ts";
import { timestampsFile } from "../support/timestamps.ts";

const AUTHORITY = `[tsa ours sha256:${"ab".repeat(32)}]\n`;

describe.skipIf(!HAS_CHROMIUM)("the page, given a run with timestamps (Chromium)", () => {
  let browser: OpenBrowser;
  let page: Page;
  let project: HistoryScene;
  beforeAll(async () => {
    project = makePageProject();
    const file = join(project.root, ".runseal/runs/run-001/TIMESTAMPS.json");
    writeFileSync(file, timestampsFile([Buffer.from("a token")]));
    browser = await openBrowser();
    page = await openVerifyPage(browser);
    await verifyDropped(page, project.root);
  });
  afterAll(async () => {
    await browser[Symbol.asyncDispose]();
    project[Symbol.dispose]();
  });

  /** Pastes a trust file, and waits for the code that must follow. */
  async function trust(text: string, code: string): Promise<void> {
    await page.$eval(
      "#trust",
      (area, value) => {
        if (!(area instanceof HTMLTextAreaElement)) throw new TypeError("the page has no #trust");
        area.value = value;
        area.dispatchEvent(new Event("input"));
      },
      text,
    );
    await page.waitForSelector(`#verdict[data-code=${code}]`);
  }

  it("says that they are there, that it does not judge them, and which command does", async () => {
    await trust(`alice ${SIGNER_KEY}\n`, "OK");
    expect(await textOf(page, ".facts")).toContain(
      "there are timestamps, which this page does not judge: runseal verify does",
    );
  });

  it("accepts no signer by a trust file that names authorities, whose time may decide otherwise", async () => {
    await trust(`alice ${SIGNER_KEY}\n${AUTHORITY}`, "TIME_NOT_JUDGED");
    expect(await textOf(page, ".next")).toContain("runseal verify judges the timestamps");
  });

  it("refuses a revoked signer, although a timestamp might show that the run was signed before", async () => {
    await trust(`alice revoked="20990101" ${SIGNER_KEY}\n${AUTHORITY}`, "SIGNER_REVOKED");
  });
});
