import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import type { Page } from "puppeteer-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { judgeProofOfFiles } from "../../../src/node/make/prove/check-proof-of-files.ts";
import { sealBundle } from "../../support/bundles/bundle.ts";
import { proofOf } from "../../support/bundles/file-proof.ts";
import { makeFolder, removeTree } from "../../support/files/tree.ts";
import {
  changeTrust,
  dropOn,
  HAS_CHROMIUM,
  type OpenBrowser,
  openBrowser,
  openVerifyPage,
  textOf,
  verdictAfter,
  verifyDropped,
} from "../../support/page/chromium.ts";
import { SIGNER_KEY } from "../../support/page/page-scene.ts";

const BUNDLE = sealBundle({
  bind: true,
  runId: "build-42",
  outputs: { "dist/app.js": "run();\n", "dist/b/app.js": "b();\n", "readme.md": "read me\n" },
});
const PROOF = proofOf(BUNDLE, ["dist/app.js", "dist/b/app.js", "readme.md"]);
const ONE = proofOf(BUNDLE, ["readme.md"]);

/** A proof, a file, and what the command says of them. */
const CASES: readonly (readonly [string, unknown, string, string, string])[] = [
  ["the file", ONE, "readme.md", "read me\n", "OK"],
  ["a changed file", ONE, "readme.md", "evil\n", "FILE_DIFFERS"],
  ["the file by another name", ONE, "copy.md", "read me\n", "OK"],
  ["another file", ONE, "copy.md", "evil\n", "FILE_NOT_PROVEN"],
  ["one of two files of the same last name", PROOF, "dist/b/app.js", "b();\n", "OK"],
  [
    "a forged claim",
    { ...ONE, files: [{ ...ONE.files[0], path: "other" }] },
    "other",
    "",
    "FILE_PROOF_INVALID",
  ],
  ["a proof with more in it", { ...ONE, more: 1 }, "readme.md", "read me\n", "FILE_PROOF_MALFORMED"],
];

describe.skipIf(!HAS_CHROMIUM)("the page, given a proof of a file (Chromium)", () => {
  let browser: OpenBrowser;
  let page: Page;
  let folder: string;
  beforeAll(async () => {
    folder = makeFolder();
    browser = await openBrowser();
    page = await openVerifyPage(browser);
    await page.type("#trust", SIGNER_KEY);
  });
  afterAll(async () => {
    await browser[Symbol.asyncDispose]();
    removeTree(folder);
  });

  function put(path: string, content: string): string {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), content);
    return join(folder, path);
  }

  it.each(CASES)("says what runseal check says: %s", async (_what, proof, path, content, code) => {
    const proofFile = put("proof.json", JSON.stringify(proof));
    const file = put(path, content);
    const checked = await judgeProofOfFiles({ proof: proofFile, files: [file], cwd: folder });
    expect(checked.ok ? "OK" : checked.code).toBe(code);
    const said = await verifyDropped(page, proofFile);
    if (said !== "FILES_NOT_GIVEN") expect(said).toBe(code);
    else expect(await verifyDropped(page, file, "#files-area")).toBe(code);
    if (!checked.ok)
      expect(await textOf(page, "#verdict .reason")).toContain(
        checked.message.replace(`${folder}/`, "").slice(1),
      );
  });

  it("shows what the proof claims until the file is given, and takes a folder for no file", async () => {
    await page.evaluate(() => scrollTo(0, 0));
    expect(await verifyDropped(page, put("proof.json", JSON.stringify(ONE)))).toBe("FILES_NOT_GIVEN");
    expect(await textOf(page, ".facts")).toContain("readme.md sha256:");
    expect(await verdictAfter(page, async () => await dropOn(page, "#files-area", folder))).toBe(
      "This is not a file.",
    );
  });

  it("decides again when the trust changes", async () => {
    await page.evaluate(() => scrollTo(0, 0));
    await verifyDropped(page, put("proof.json", JSON.stringify(ONE)));
    expect(await verifyDropped(page, put("readme.md", "read me\n"), "#files-area")).toBe("OK");
    await changeTrust(page, async () => await page.click("#any-signer"));
    expect(await textOf(page, "#verdict .reason")).toContain("this does not say by whom");
  });
});
