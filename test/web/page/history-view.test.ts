import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Page } from "puppeteer-core";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { SECOND_SEED, type TestBundle, testSigner } from "../../support/bundles/bundle.ts";
import { linked } from "../../support/bundles/history-scene.ts";
import { makeSealedProject, type Project } from "../../support/command/cli.ts";
import { makeFolder, removeTree } from "../../support/files/tree.ts";
import {
  HAS_CHROMIUM,
  type OpenBrowser,
  openBrowser,
  openVerifyPage,
  textOf,
  verifyDropped,
} from "../../support/page/chromium.ts";
import { makePageProject, SIGNER_KEY } from "../../support/page/page-scene.ts";
import { packBundles, readTar, tarOf } from "../../support/registry/archive.ts";

/** Three runs of one file, each with other bytes, all kept. */
async function makeThreeRuns(): Promise<Project> {
  const project = await makeSealedProject();
  for (const id of ["two", "three"]) {
    project.write({ "out/a.txt": `${id}\n` });
    await project.done(["seal", "out", "--id", id]);
  }
  return project;
}

const FIRST = linked("first", undefined, { outputs: { "a.txt": "alpha\n" } });
const SECOND = linked("second", FIRST, { outputs: { "a.txt": "beta\n" } });
const THIRD = linked("third", SECOND, { outputs: { "a.txt": "gamma\n" } });

describe.skipIf(!HAS_CHROMIUM)("the page, verifying all runs of a history (Chromium)", () => {
  let browser: OpenBrowser;
  const scenes: Disposable[] = [];
  let folder: string;
  beforeAll(async () => {
    folder = makeFolder();
    mkdirSync(join(folder, "given"));
    browser = await openBrowser();
  });
  afterEach(() => {
    for (const scene of scenes.splice(0)) scene[Symbol.dispose]();
  });
  afterAll(async () => {
    await browser[Symbol.asyncDispose]();
    removeTree(folder);
  });

  function kept<Scene extends Disposable>(scene: Scene): Scene {
    scenes.push(scene);
    return scene;
  }

  /** Drops a path, and verifies all runs. Gives the code of the line. */
  async function verifyAll(page: Page, path: string): Promise<string> {
    await verifyDropped(page, path);
    await page.click("#verify-all");
    const verdict = await page.waitForSelector("#line-verdict");
    return (await verdict?.evaluate((element) => element.getAttribute("data-code"))) ?? "";
  }

  async function open(): Promise<Page> {
    return await openVerifyPage(browser);
  }

  /** Puts an archive on the disk. */
  async function archive(bytes: Buffer): Promise<string> {
    const file = join(folder, "given/runs.runseal");
    writeFileSync(file, bytes);
    return file;
  }

  it("gives the chain root of verify --history, with the older runs as the store keeps them", async () => {
    const project = kept(await makeThreeRuns());
    const page = await open();
    await page.click("#any-signer");
    expect(await verifyAll(page, project.root)).toBe("ANY_SIGNER");
    const chain = await project.json(["verify", "--history", "--any-signer"]);
    expect(await textOf(page, "#line-verdict")).toContain(
      `All 3 runs are as they were sealed. Chain root ${chain["chain_root"]}: compare it with the one that the signer gave you.`,
    );
    expect(await page.$$("circle[data-tone=amber]")).toHaveLength(3);
  });

  it("says of each run what came of it, and names the first that is rejected", async () => {
    const project = kept(await makeThreeRuns());
    project.write({ "out/a.txt": "changed\n" });
    const page = await open();
    await page.click("#any-signer");
    expect(await verifyAll(page, project.root)).toBe("HASH_MISMATCH");
    expect(await textOf(page, "#line-verdict")).toContain('Run "three": Rejected');
    expect(await textOf(page, "#runs li:nth-child(1)")).toContain("Rejected");
    expect(await textOf(page, "#runs li:nth-child(2)")).toContain("Whole, by any signer");
    const { code } = await project.json(["verify", "--history", "--any-signer"]);
    expect(code).toBe("HASH_MISMATCH");
  });

  it("looks below the folder for an older run that the store does not keep", async () => {
    const project = kept(await makeThreeRuns());
    for (const store of ["packs", "objects"])
      rmSync(project.at(".runseal", store), { recursive: true, force: true });
    const page = await open();
    expect(await verifyAll(page, project.root)).toBe("HASH_MISMATCH");
    expect(await textOf(page, "#line-verdict")).toContain('Run "one": Rejected');
  });

  it("rejects a history with findings, as verify --history does", async () => {
    const scene = kept(makePageProject(3));
    scene.drop("run-002");
    const page = await open();
    await verifyDropped(page, scene.root);
    scene.seal("run-004");
    expect(await verifyAll(page, scene.root)).toBe("HISTORY_GAP");
  });

  it("judges the signer of a cut, as verify --history does", async () => {
    const scene = kept(makePageProject(3));
    const [, second] = scene.line;
    if (second === undefined) throw new Error("there are three runs");
    scene.cutAt(second, {}, SECOND_SEED);
    const page = await open();
    await page.type("#trust", SIGNER_KEY);
    const signer = SIGNER_KEY.split(" ")[1] ?? "";
    const verified = await scene.json(["verify", "--history", "--signer", signer]);
    expect(verified).toMatchObject({ ok: false, code: "SIGNER_UNKNOWN" });
    expect(await verifyAll(page, scene.root)).toBe(verified["code"]);
    expect(await textOf(page, "#line-verdict")).toContain("The cut at its beginning: ");
    expect(await textOf(page, "#runs")).toContain("2 runs in the history; 1 older run forgotten. 1 finding.");
    expect(await textOf(page, ".findings")).toContain("SIGNER_UNKNOWN The cut at its beginning: ");
    await page.type("#trust", `\n${testSigner(SECOND_SEED).publicKeyHex}`);
    await page.waitForSelector('#line-verdict[data-code="OK"]');
    expect(await textOf(page, "#runs")).toContain("1 older run forgotten. Each names the one before it");
  });

  it("verifies all runs of an archive as a chain", async () => {
    const page = await open();
    await page.type("#trust", SIGNER_KEY);
    expect(await verifyAll(page, await archive(await packBundles(FIRST, SECOND, THIRD)))).toBe("OK");
    expect(await textOf(page, "#line-verdict")).toContain("All 3 runs are as they were sealed. Chain root ");
  });

  it("refuses an archive with an object that no run names, or one that begins within the history", async () => {
    const entries = readTar(await packBundles(FIRST, SECOND));
    const at = entries.findIndex(({ path }) => path.startsWith(".runseal/packs/"));
    const object = {
      path: `.runseal/objects/ff/${"f".repeat(62)}`,
      mode: 0o444,
      content: "x".repeat(1_100_000),
    };
    const more = tarOf([...entries.slice(0, at), object, ...entries.slice(at)]);
    const page = await open();
    expect(await verifyAll(page, await archive(more))).toBe("CARRIED_RUN_MALFORMED");
    expect(await textOf(page, "#line-verdict")).toContain("it has an entry that its bundle does not name");
    const rest: readonly TestBundle[] = [SECOND, THIRD];
    expect(await verifyAll(await open(), await archive(await packBundles(...rest)))).toBe(
      "CHAIN_ROOT_MISMATCH",
    );
  });
});
