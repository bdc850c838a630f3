import { mkdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Page } from "puppeteer-core";
import { rolldown } from "rolldown";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { makeProject, namesIn, type Project } from "../../support/command/cli.ts";
import { HAS_CHROMIUM, type OpenBrowser, openBrowser, openVerifyPage } from "../../support/page/chromium.ts";

const REPOSITORY = fileURLToPath(new URL("../../../", import.meta.url));

/** The sample for browsers of docs/library.md. */
const SAMPLE =
  /^```js\n(.*?)^```/ms.exec(readFileSync(join(REPOSITORY, "docs/library.md"), "utf8"))?.[1] ?? "";

/** Files by name, as base64. */
type Files = Readonly<Record<string, string>>;

/** Bundles the sample as a user does: by the names of the packages. */
async function bundleSample(folder: string): Promise<string> {
  mkdirSync(join(folder, "node_modules"), { recursive: true });
  symlinkSync(REPOSITORY, join(folder, "node_modules/runseal"));
  symlinkSync(join(REPOSITORY, "node_modules/hash-wasm"), join(folder, "node_modules/hash-wasm"));
  writeFileSync(join(folder, "judge.js"), SAMPLE);
  const build = await rolldown({ cwd: folder, input: "judge.js", platform: "browser", tsconfig: false });
  const { output } = await build.generate({ format: "iife", name: "sample" });
  await build.close();
  return output[0].code;
}

describe.skipIf(!HAS_CHROMIUM)("the browser sample of docs/library.md (Chromium)", () => {
  let browser: OpenBrowser;
  let page: Page;
  let project: Project;
  let trusted = "";

  beforeAll(async () => {
    project = makeProject({ "dist/app.js": "app\n", "dist/app.css": "css\n" });
    await project.done(["init", "--name", "alice", "--no-passphrase"]);
    await project.done(["seal", "dist", "--id", "build-42"]);
    trusted = `alice runseal-ed25519 ${String((await project.json(["key", "show"]))["public_key"])}\n`;
    browser = await openBrowser();
    page = await openVerifyPage(browser);
    await page.evaluate(`${await bundleSample(project.at("bundled"))}; globalThis.judge = sample.judge;`);
  });
  afterAll(async () => {
    await browser[Symbol.asyncDispose]();
    project[Symbol.dispose]();
  });

  function filesIn(folder: string): Files {
    const read = (name: string): string => readFileSync(join(project.at(folder), name)).toString("base64");
    return Object.fromEntries(namesIn(project.at(folder)).map((name) => [name, read(name)]));
  }

  async function judge(
    files: Files,
    outputs: Files,
    trustFile: string,
    runId = "build-42",
  ): Promise<unknown> {
    return await page.evaluate(
      async (given: string) => {
        const [id, run, below, trust] = JSON.parse(given);
        const mapOf = (named: Files, prefix: string): Map<string, Uint8Array> =>
          new Map(
            Object.entries(named).map(([name, text]) => [
              prefix + name,
              Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0)),
            ]),
          );
        const called: unknown = Reflect.get(globalThis, "judge");
        if (typeof called !== "function") throw new Error("the sample is not in the page");
        return await called(id, mapOf(run, ""), mapOf(below, "dist/"), trust);
      },
      JSON.stringify([runId, files, outputs, trustFile]),
    );
  }

  it("accepts a run of a signer that the trust file trusts", async () => {
    const files = filesIn(".runseal/runs/build-42");
    expect(await judge(files, filesIn("dist"), trusted)).toBe("accepted, signed by alice");
  });

  it("refuses another signer, another name, and bytes that were not sealed", async () => {
    const files = filesIn(".runseal/runs/build-42");
    const outputs = filesIn("dist");
    const stranger = trusted.replace(/[0-9a-f]{64}/, "ab".repeat(32));
    expect(await judge(files, outputs, stranger)).toMatch(/no line|not trust/);
    expect(await judge(files, outputs, trusted, "build-43")).toContain("named");
    expect(await judge(files, { ...outputs, "app.js": btoa("other") }, trusted)).toContain(
      "not the file that was sealed",
    );
    expect(await judge(files, { "app.js": outputs["app.js"] ?? "" }, trusted)).toContain("is not there");
    const signature = btoa(atob(files["SIGNATURE.json"] ?? "").replace(/[0-9a-f]{128}/, "0".repeat(128)));
    expect(await judge({ ...files, "SIGNATURE.json": signature }, outputs, trusted)).toContain(
      "does not hold",
    );
    expect(await judge({ ...files, tmp: "" }, outputs, trusted)).toContain("must not be");
    expect(await judge({ ...files, "signature.txt": "" }, outputs, trusted)).toContain("could be taken for");
  });
});
