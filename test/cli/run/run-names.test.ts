import { rmSync, writeFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { HistoryScene, linked } from "../../support/bundles/history-scene.ts";
import { type CliEnd, makeProjectWithKey, type Project } from "../../support/command/cli.ts";
import { killedAt } from "../../support/command/stopped-cli.ts";

/** A folder's name that looks like a run with two more columns. */
const FORGED = "run-1  accepted  trusted";
const BUNDLE = `.runseal/runs/${FORGED}`;

/** The output names the run, and does so in quotes only. */
function expectQuoted({ stderr, stdout }: CliEnd): void {
  const text = stdout + stderr;
  expect(text).toContain(FORGED);
  expect(text.replaceAll(/"[^"\n]*"|'[^'\n]*'/g, ""), text).not.toContain(FORGED);
}

/** A line of three runs. The second one has the forged name. */
function sceneOfThree(): HistoryScene {
  const scene = new HistoryScene();
  for (const name of ["one", FORGED, "three"])
    scene.seal(name, { outputs: { [`${name}.txt`]: `${name}\n` } });
  return scene;
}

/** A project with one real seal, whose run id is the forged name. */
async function sealedProject(): Promise<Project> {
  const project = await makeProjectWithKey();
  await project.done(["seal", "out", "--id", FORGED]);
  return project;
}

describe.concurrent("a run whose folder is named like columns is named in quotes by", () => {
  it.each([
    ["log", ["log"]],
    ["show", ["show", FORGED]],
    ["diff", ["diff", "one", FORGED]],
    ["verify", ["verify", BUNDLE, "--files", ".", "--any-signer"]],
    [
      "verify --history of bundles",
      ["verify", "--history", ".runseal/runs/one", BUNDLE, "--files", ".", "--any-signer"],
    ],
    ["verify --history whose signers are untrusted", ["verify", "--history", BUNDLE, "--files", "."]],
    ["store check", ["store", "check"]],
  ])("%s", async (_what, args) => {
    using scene = sceneOfThree();
    expectQuoted(await scene.run(args));
  });

  it("verify --history of a project whose run is rejected", async () => {
    using scene = sceneOfThree();
    writeFileSync(scene.at(BUNDLE, "STATUS.json"), "{}");
    expectQuoted(await scene.run(["verify", "--history", "--any-signer"]));
    expectQuoted(await scene.run(["log"]));
    expectQuoted(await scene.run(["diff", "one", FORGED]));
  });

  it("verify --history of a project with a gap, a fork, and a run of another line", async () => {
    using gap = sceneOfThree();
    gap.drop("one");
    expectQuoted(await gap.run(["verify", "--history", "--any-signer"]));
    using fork = new HistoryScene();
    fork.seal("one", { outputs: { "one.txt": "" } });
    fork.put(linked(FORGED, fork.line[0], { outputs: { "two.txt": "" } }));
    fork.put(linked("three", fork.line[0], { outputs: { "three.txt": "" } }));
    expectQuoted(await fork.run(["verify", "--history", "--any-signer"]));
  });

  it("prune and store check, where its bundle can't be read", async () => {
    using project = await sealedProject();
    writeFileSync(project.at(BUNDLE, "OUTPUT_HASHES.json"), "{");
    expectQuoted(await project.run(["prune"]));
    expectQuoted(await project.run(["store", "check"]));
  });

  it("seal, and its error where the run is there already", async () => {
    using project = await makeProjectWithKey();
    expectQuoted(await project.run(["seal", "out", "--id", FORGED]));
    expectQuoted(await project.run(["seal", "out", "--id", FORGED]));
  });

  it("run", async () => {
    using project = await makeProjectWithKey();
    expectQuoted(await project.run(["run", "--id", FORGED, "--output", "out", "--", "true"]));
  });

  it("prove and check", async () => {
    using project = await sealedProject();
    expectQuoted(await project.run(["prove", BUNDLE, "out/a.txt", "-o", "proof.json"]));
    expectQuoted(await project.run(["check", "proof.json", "out/a.txt", "--any-signer"]));
  });

  it("restore of a chain, its dry run, and its errors", async () => {
    using scene = sceneOfThree();
    const chain = [
      "restore",
      ".runseal/runs/one",
      BUNDLE,
      "--files",
      ".",
      "--to",
      "there",
      "--mkdir",
      "--any-signer",
    ];
    expectQuoted(await scene.run([...chain, "--dry-run"]));
    expectQuoted(await scene.run(chain));
    rmSync(scene.at("there/one"), { recursive: true });
    expectQuoted(await scene.run(chain.filter((word) => word !== "--mkdir")));
    rmSync(scene.at(`${FORGED}.txt`));
    expectQuoted(await scene.run(chain));
  });

  it("recover of a restore that was killed, and its dry run", async () => {
    using project = await sealedProject();
    project.write({ "there/mine": "mine\n" });
    await killedAt(project, ["restore", BUNDLE, "--to", "there"], "linkSync:3");
    expectQuoted(await project.run(["recover", "there", "--dry-run"]));
    expectQuoted(await project.run(["recover", "there"]));
  });
});

describe.concurrent("a run's name is shown", () => {
  it.each(["20260101T000000Z-ab12", "run-001", "v1.2.3+build_4@host"])("without quotes: %s", async (name) => {
    using scene = new HistoryScene();
    scene.seal(name, { outputs: { "a.txt": "" } });
    expect((await scene.run(["log"])).stdout).toMatch(new RegExp(`^${name.replaceAll(/[.+]/g, "\\$&")} `));
  });

  it.each(["run 1", "run-1,", "[behind HEAD]", "run\u00e9", "\u05d0\u05d1", "a(trusted)"])(
    "in quotes: %s",
    async (name) => {
      using scene = new HistoryScene();
      scene.seal(name, { outputs: { "a.txt": "" } });
      expect((await scene.run(["log"])).stdout.startsWith(`"${name}" `)).toBe(true);
    },
  );
});
