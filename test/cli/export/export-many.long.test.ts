import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { afterAll, describe, expect } from "vitest";
import { type Facts, makeProjectWithKey, type Project } from "../../support/command/cli.ts";
import {
  expectAccepted,
  expectRejected,
  exportAll,
  JUDGED_FORMATS,
  writeOutputs,
} from "../../support/evidence/evidence.ts";
import { LONG_TEST_MS, longIt } from "../../support/rings/ring.ts";

const FILES = 100_000;
const CHANGED = "out/sub/0000";

let scene: Promise<{ readonly project: Project; readonly facts: Facts }> | undefined;

afterAll(async () => {
  if (scene !== undefined) (await scene).project[Symbol.dispose]();
}, LONG_TEST_MS);

function makeScene(): NonNullable<typeof scene> {
  scene ??= (async () => {
    const project = await makeProjectWithKey({});
    writeOutputs(project, FILES);
    await project.done(["seal", "out", "--id", "one", "--no-keep"]);
    return { project, facts: await exportAll(project) };
  })();
  return scene;
}

describe("evidence of a run of 100,000 files", () => {
  longIt.each(JUDGED_FORMATS)(
    "in the format %s is accepted by its tool, and rejected for a changed and a missing file",
    async (format) => {
      const { facts, project } = await makeScene();
      expectAccepted(facts, format, project.root);
      const before = readFileSync(project.at(CHANGED));
      writeFileSync(project.at(CHANGED), "changed\n");
      expect(expectRejected(facts, format, project.root, "changed file")).toContain(CHANGED);
      rmSync(project.at(CHANGED));
      // in-toto looks for missing files up to 1,024 of them, and the command says so.
      if (format === "link") expectAccepted(facts, format, project.root);
      else expectRejected(facts, format, project.root, "missing file");
      writeFileSync(project.at(CHANGED), before);
    },
    LONG_TEST_MS,
  );
});
