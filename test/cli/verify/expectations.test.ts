import { existsSync, renameSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { FIRST_SEED, sealBundle, testSigner, writeBundle } from "../../support/bundles/bundle.ts";
import { writeProvableBundle } from "../../support/bundles/file-proof.ts";
import { saidOf, signStatement } from "../../support/bundles/outputs-root.ts";
import { Project } from "../../support/command/cli.ts";

const TRUSTED = ["--signer", testSigner(FIRST_SEED).publicKeyHex];
const OTHER = "0".repeat(64);
const OUTPUTS = { "dist/app.js": "run();\n" };
const BUNDLE = sealBundle({ bind: true, runId: "rel-1", outputs: OUTPUTS });
const AT = ["--files", "files"];

/** A folder with a provable bundle in `run/rel-1`, or of another name, and its outputs in `files`. */
function published(folder = "rel-1"): Project {
  const project = new Project();
  writeProvableBundle(project.root, BUNDLE, signStatement(saidOf(BUNDLE)));
  if (folder !== "rel-1") renameSync(project.at("run/rel-1"), project.at("run", folder));
  return project;
}

/** Each command that takes an expectation of a bundle, on a bundle in `run/FOLDER`. */
function commands(folder: string): readonly (readonly string[])[] {
  const run = `run/${folder}`;
  return [
    ["verify", run, ...AT, ...TRUSTED],
    ["show", run, ...TRUSTED],
    ["prove", run, "dist/app.js"],
    ["restore", run, ...AT, "--to", "out", "--mkdir", "--dry-run", ...TRUSTED],
  ];
}

describe.concurrent("--expect and --expect-id", () => {
  it("accept the expected bundle", async () => {
    using project = published();
    for (const command of commands("rel-1")) {
      const expected = ["--expect", BUNDLE.bundleRoot, "--expect-id", "rel-1"];
      expect((await project.run([...command, ...expected])).exitCode, command[0]).toBe(0);
    }
  });

  it("refuse another one with EXPECTATION_FAILED, exit code 1, in each command", async () => {
    using project = published();
    for (const command of commands("rel-1")) {
      expect(await project.json([...command, "--expect", OTHER]), command[0]).toMatchObject({
        ok: false,
        code: "EXPECTATION_FAILED",
        details: { what: "root", expected: OTHER, actual: BUNDLE.bundleRoot },
        exit_code: 1,
      });
      expect(await project.json([...command, "--expect-id", "rel-2"]), command[0]).toMatchObject({
        code: "EXPECTATION_FAILED",
        details: { what: "id", expected: "rel-2", actual: "rel-1" },
        exit_code: 1,
      });
    }
  });

  it("write nothing where a restore does not find what is expected", async () => {
    using project = published();
    const restore = ["restore", "run/rel-1", ...AT, "--to", "out", "--mkdir", ...TRUSTED];
    await project.changesNothing([...restore, "--expect", OTHER]);
    expect(existsSync(project.at("out"))).toBe(false);
  });

  it("hold in check of a proof too", async () => {
    using project = published();
    await project.done(["prove", "run/rel-1", "dist/app.js", "-o", "proof.json"]);
    const check = ["check", "proof.json", "files/dist/app.js", ...TRUSTED];
    await project.done([...check, "--expect", BUNDLE.bundleRoot, "--expect-id", "rel-1"]);
    for (const [option, value, what] of [
      ["--expect", OTHER, "root"],
      ["--expect-id", "rel-2", "id"],
    ] as const) {
      expect(await project.json([...check, option, value])).toMatchObject({
        code: "EXPECTATION_FAILED",
        details: { what },
        exit_code: 1,
      });
    }
  });

  it("never take a plain bundle for the expected run", async () => {
    using project = new Project();
    writeBundle(project.root, sealBundle({ runId: "plain", outputs: OUTPUTS }));
    const verify = ["verify", "run/plain", ...AT, ...TRUSTED];
    expect(await project.json([...verify, "--expect-id", "plain"])).toMatchObject({
      code: "EXPECTATION_FAILED",
      details: { what: "id", expected: "plain" },
    });
  });
});

describe.concurrent("a run directory that was renamed", () => {
  it("is rejected, with both names and the two ways on", async () => {
    using project = published("bundle");
    const end = await project.run(["verify", "run/bundle", ...AT, ...TRUSTED]);
    expect(end.exitCode).toBe(1);
    expect(end.stderr).toBe(
      'error: PAYLOAD_MISMATCH: the run directory is named "bundle", the run was sealed as "rel-1"\n' +
        'hint: rename the folder to "rel-1", if that is the run you want\n' +
        "hint: or say --expect-id rel-1, which takes a folder of any name\n",
    );
    const json = await project.json(["verify", "run/bundle", ...AT, ...TRUSTED]);
    expect(json).toMatchObject({ details: { field: "run_id", sealed_as: "rel-1" } });
  });

  it("says the same in a restore", async () => {
    using project = published("bundle");
    const restore = ["restore", "run/bundle", ...AT, "--to", "out", "--mkdir", ...TRUSTED];
    const { stderr } = await project.changesNothing(restore);
    expect(stderr).toContain('PAYLOAD_MISMATCH, the run was sealed as "rel-1"; nothing was written\n');
    expect(stderr).toContain("hint: or say --expect-id rel-1, which takes a folder of any name\n");
  });

  it("is accepted with --expect-id, under the id that was sealed", async () => {
    using project = published("bundle");
    for (const command of commands("bundle")) {
      expect((await project.run([...command, "--expect-id", "rel-1"])).exitCode, command[0]).toBe(0);
    }
    const { stdout } = await project.done([
      ...["verify", "run/bundle", ...AT, ...TRUSTED],
      ...["--expect-id", "rel-1"],
    ]);
    expect(stdout).toContain("run      rel-1\n");
  });
});
