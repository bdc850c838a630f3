import { mkdirSync, truncateSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { sealLinkedRuns, writeBundle } from "../../support/bundles/bundle.ts";
import { BUNDLE, factsOf, makeProjectWithKey, namesIn, type Project } from "../../support/command/cli.ts";
import { LONG_TEST_MS, ofRing } from "../../support/rings/ring.ts";

const DYING = fileURLToPath(new URL("../../support/files/dying-worker.mjs", import.meta.url));

/** A project with two outputs of half a GiB, which take no room: worth a second thread. */
async function withTwoBigOutputs(): Promise<Project> {
  const project = await makeProjectWithKey({ "out/a": "", "out/b": "" });
  for (const name of ["a", "b"]) truncateSync(project.at("out", name), 2 ** 29);
  return project;
}

const DEATH = { ok: false, code: "INTERNAL_ERROR", exit_code: 70 };

describe("a thread that dies while it hashes", () => {
  let sealed: Project;
  beforeAll(async () => {
    sealed = await withTwoBigOutputs();
    await sealed.done(["seal", "out", "--id", "one", "--no-keep"]);
  });
  afterAll(() => sealed[Symbol.dispose]());

  it.each(["exit", "throw", "memory"])("ends a verification with 70 and a clear word (%s)", async (way) => {
    const env = { ...sealed.env, NODE_OPTIONS: `--import ${DYING} --max-old-space-size=200`, DYING: way };
    const end = await sealed.run(["verify", BUNDLE, "--json"], { env });
    expect(factsOf(end)).toMatchObject(DEATH);
    expect(factsOf(end)["message"]).toContain("a worker thread died");
  });

  it("ends a seal, and nothing is left", async () => {
    using project = await withTwoBigOutputs();
    const env = { ...project.env, NODE_OPTIONS: `--import ${DYING}`, DYING: "exit" };
    const end = await project.run(["seal", "out", "--id", "one", "--json"], { env });
    expect(factsOf(end)).toMatchObject(DEATH);
    expect(namesIn(project.root)).toEqual(["out"]);
  });

  it("ends a restore before anything is written", async () => {
    const place = join(sealed.folder, "place");
    mkdirSync(place);
    const env = { ...sealed.env, NODE_OPTIONS: `--import ${DYING}`, DYING: "exit" };
    const end = await sealed.run(["restore", BUNDLE, "--to", "../place", "--json"], { env });
    expect(factsOf(end)).toMatchObject(DEATH);
    expect(namesIn(place)).toEqual([]);
  });
});

/** Enough runs for the thread to have started while most of them are still to be read. */
const LONG = ofRing(900, 1500);

const WAYS = ofRing(["exit"], ["exit", "throw"]);

describe("a thread that dies while it helps with a long chain", { timeout: LONG_TEST_MS }, () => {
  let project: Project;
  let bundles: readonly string[];
  beforeAll(async () => {
    project = await makeProjectWithKey({});
    bundles = sealLinkedRuns(LONG, { outputs: { "out/same": "same" } }).map(
      (run) => writeBundle(project.folder, run).bundle,
    );
  }, LONG_TEST_MS);
  afterAll(() => project[Symbol.dispose]());

  it.each(WAYS)("ends the verification with 70 and a clear word (%s)", async (way) => {
    const env = { ...project.env, NODE_OPTIONS: `--import ${DYING}`, DYING: way };
    const root = join(project.folder, "files");
    const end = await project.run(
      ["verify", "--history", ...bundles, "--files", root, "--jobs", "2", "--json"],
      {
        env,
      },
    );
    expect(factsOf(end)).toMatchObject(DEATH);
    expect(factsOf(end)["message"]).toContain("a worker thread died");
  });

  it.each(WAYS)("ends a restore before anything is written (%s)", async (way) => {
    const place = join(project.folder, `place-${way}`);
    mkdirSync(place);
    const env = { ...project.env, NODE_OPTIONS: `--import ${DYING}`, DYING: way };
    const from = ["--files", join(project.folder, "files"), "--any-signer", "--jobs", "2"];
    const end = await project.run(["restore", ...bundles, ...from, "--to", place, "--json"], { env });
    expect(factsOf(end)).toMatchObject(DEATH);
    expect(factsOf(end)["message"]).toContain("a worker thread died");
    expect(namesIn(place)).toEqual([]);
  });
});
