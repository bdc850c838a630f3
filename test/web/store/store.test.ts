import { readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import type { Page } from "puppeteer-core";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { makeSealedProject, type Project } from "../../support/command/cli.ts";
import {
  HAS_CHROMIUM,
  type OpenBrowser,
  openBrowser,
  openVerifyPage,
  textOf,
  verifyDropped,
} from "../../support/page/chromium.ts";

/** Two runs, both kept: the second one changed a small and a large file. */
async function makeTwoRuns(): Promise<Project> {
  const project = await makeSealedProject();
  project.write({ "out/big": "large".repeat(300_000) });
  await project.done(["seal", "out", "--id", "two"]);
  project.write({ "out/a.txt": "later\n", "out/big": "other".repeat(300_000) });
  await project.done(["seal", "out", "--id", "three"]);
  return project;
}

/** Changes a byte of each file of a folder whose name matches. */
function damage(folder: string, name: RegExp, at: (bytes: Buffer) => number): void {
  for (const file of readdirSync(folder, { recursive: true, encoding: "utf8" })) {
    if (!name.test(file)) continue;
    const bytes = readFileSync(`${folder}/${file}`);
    const place = at(bytes);
    bytes.writeUInt8(bytes.readUInt8(place) ^ 1, place);
    rmSync(`${folder}/${file}`);
    writeFileSync(`${folder}/${file}`, bytes);
  }
}

describe.skipIf(!HAS_CHROMIUM)("the page, given a project whose folder has moved on (Chromium)", () => {
  let browser: OpenBrowser;
  let project: Project | undefined;
  beforeAll(async () => {
    browser = await openBrowser();
  });
  afterEach(() => {
    project?.[Symbol.dispose]();
    project = undefined;
  });
  afterAll(async () => await browser[Symbol.asyncDispose]());

  /** Drops the project, and picks the older run. */
  async function openOlder(tone = "amber"): Promise<Page> {
    const page = await openVerifyPage(browser);
    await page.click("#any-signer");
    expect(await verifyDropped(page, project?.root ?? "")).toBe("ANY_SIGNER");
    await page.click("#runs li:nth-child(2) button");
    await page.waitForSelector(`#verdict[data-code=HASH_MISMATCH][data-tone=${tone}]`);
    return page;
  }

  /** Verifies the run that is shown as stored, and gives the code. */
  async function verifyStored(page: Page): Promise<string> {
    await page.$eval("#verdict", (verdict) => verdict.removeAttribute("data-code"));
    await page.click("#as-stored");
    const verdict = await page.waitForSelector("#verdict[data-code]");
    return (await verdict?.evaluate((element) => element.getAttribute("data-code"))) ?? "";
  }

  it("says so of an older run, and verifies it as the store keeps it, from packs and objects", async () => {
    project = await makeTwoRuns();
    const page = await openOlder();
    expect(await textOf(page, ".banner")).toContain("HASH_MISMATCH");
    expect(await textOf(page, "#verdict h2")).toBe("The folder has moved on");
    expect(await textOf(page, ".reason")).toContain(
      "The folder has moved on with three; 2 of 3 files differ.",
    );
    expect(await textOf(page, ".next")).toBe("The store holds each file as it was sealed.");
    expect(await verifyStored(page)).toBe("ANY_SIGNER");
    expect(await textOf(page, ".facts")).toContain("in the project's store");
  });

  it("offers no store that lacks a file of the run", async () => {
    project = await makeTwoRuns();
    rmSync(project.at(".runseal/packs"), { recursive: true });
    const page = await openOlder();
    expect(await textOf(page, ".next")).toContain("The store does not keep this run");
    expect(await page.$("#as-stored")).toBeNull();
  });

  it("rejects an older run whose files no later run explains, and the newest run", async () => {
    project = await makeTwoRuns();
    project.write({ "out/a.txt": "tampered\n" });
    const page = await openVerifyPage(browser);
    await page.click("#any-signer");
    expect(await verifyDropped(page, project.root)).toBe("HASH_MISMATCH");
    expect(await textOf(page, "#verdict h2")).toBe("Rejected");
    await page.$eval("#verdict", (verdict) => verdict.removeAttribute("data-code"));
    await page.click("#runs li:nth-child(2) button");
    await page.waitForSelector("#verdict[data-code=HASH_MISMATCH][data-tone=bad]");
    expect(await textOf(page, ".banner")).not.toContain("moved on");
  });

  it("believes a later run only if its signer is trusted", async () => {
    project = await makeTwoRuns();
    const page = await openOlder();
    await page.click("#any-signer");
    await page.waitForSelector("#verdict[data-tone=bad]");
    expect(await textOf(page, "#verdict h2")).toBe("Rejected");
  });

  it("rejects an object of the store that is not what was sealed", async () => {
    project = await makeTwoRuns();
    damage(project.at(".runseal/objects"), /[0-9a-f]{62}$/, () => 0);
    const page = await openOlder("bad");
    expect(await textOf(page, ".banner")).not.toContain("moved on");
    expect(await verifyStored(page)).toBe("HASH_MISMATCH");
  });

  it("does not believe an index that is not whole", async () => {
    project = await makeTwoRuns();
    damage(project.at(".runseal/packs"), /\.idx$/, (bytes) => bytes.length - 1);
    const page = await openOlder();
    expect(await page.$("#as-stored")).toBeNull();
  });
});
