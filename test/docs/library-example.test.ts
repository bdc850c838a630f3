import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { makeProject, type Project, runProcess } from "../support/command/cli.ts";
import { compileForPackage } from "../support/files/compile-for-package.ts";

const REPOSITORY = fileURLToPath(new URL("../..", import.meta.url));

/** A program on a page, and the output that the page shows for it. */
interface Sample {
  readonly name: string;
  readonly code: string;
  readonly printed: string | undefined;
}

const NO_SAMPLE: Sample = { name: "none", code: "", printed: undefined };

/** The TypeScript samples of a page. The block after a sample is its output. */
function samplesOf(page: string): readonly Sample[] {
  const text = readFileSync(join(REPOSITORY, page), "utf8");
  const found = text.matchAll(/^```ts\n(.*?)^```\n(?:\n```\n(.*?)^```\n)?/gms);
  return [...found].map(([, code = "", printed], index) => ({
    name: `${page.replaceAll(/\W/g, "_")}_${index + 1}`,
    code,
    printed,
  }));
}

const SAMPLES = samplesOf("docs/library.md");
const [SEALS = NO_SAMPLE] = SAMPLES;

let project: Project;
let key = "";
let sealed = "";

beforeAll(async () => {
  project = makeProject({ "dist/app.js": "app\n", "dist/app.css": "css\n" });
  await project.done(["init", "--name", "alice", "--no-passphrase"]);
  await project.done(["seal", "dist", "--id", "build-42"]);
  const shown = await project.json(["key", "show"]);
  key = String(shown["public_key"]);
  project.write({ "signers.txt": `alice runseal-ed25519 ${key}\n` });
  for (const { code, name } of SAMPLES) writeFileSync(project.at(`${name}.mts`), code);
  compileForPackage(
    project,
    SAMPLES.map(({ name }) => `${name}.mts`),
  );
  // Makes the run that the others are about.
  sealed = await runSample(SEALS.name, key);
});

afterAll(() => project[Symbol.dispose]());

async function runSample(name: string, buildKey: string): Promise<string> {
  const setting = { cwd: project.root, env: { ...project.env, BUILD_KEY: buildKey } };
  const { stderr, stdout } = await runProcess(process.execPath, [`${name}.mjs`], setting);
  return stdout + stderr;
}

describe("the samples of docs/library.md", () => {
  it("are all found", () => {
    expect(SAMPLES).toHaveLength(10);
    expect(SAMPLES.filter(({ printed }) => printed !== undefined)).toHaveLength(10);
  });

  it.each(SAMPLES)("$name is compiled, and prints what the page says", async ({ name, printed }) => {
    expect(name === SEALS.name ? sealed : await runSample(name, key)).toBe(printed);
  });

  it.each(SAMPLES.filter(({ code }) => code.includes("BUILD_KEY")))(
    "$name accepts nothing by another signer, and nothing without a key",
    async ({ name }) => {
      for (const other of ["ab".repeat(32), ""]) {
        expect(await runSample(name, other)).not.toMatch(/^(?:accepted|a chain|a history|restored)/m);
      }
    },
  );
});
