import { mkdirSync, readFileSync, renameSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { type BundleRecipe, canonical, sealBundle, type TestBundle } from "../../support/bundles/bundle.ts";
import { proofOf, writeProvableBundle } from "../../support/bundles/file-proof.ts";
import { saidOf, signStatement } from "../../support/bundles/outputs-root.ts";
import { type CliEnd, makeFifo, makeSealedProject, modeOf, Project } from "../../support/command/cli.ts";

const OUTPUTS = {
  "dist/app.css": "body {}\n",
  "dist/app.js": "run();\n",
  "docs/manual.md": "# Manual\n",
  "readme.md": "read me\n",
};
const RUN = "run/run-001";
const BUNDLE = sealBundle({ bind: true, outputs: OUTPUTS });

/** A folder with a bundle in `run/run-001` and its outputs in `files`. */
function provable(bundle: TestBundle = BUNDLE, statement?: unknown): Project {
  const project = new Project();
  writeProvableBundle(project.root, bundle, statement ?? signStatement(saidOf(bundle)));
  return project;
}

/** Proves one file of a bundle of that recipe; nothing may change. */
async function proveOne(recipe: BundleRecipe): Promise<CliEnd> {
  const bundle = sealBundle({ bind: true, outputs: OUTPUTS, ...recipe });
  using project = provable(bundle);
  return await project.changesNothing(["prove", RUN, "readme.md", "-o", "proof.json"]);
}

function lineOf(proof: unknown): string {
  return `${canonical(proof)}\n`;
}

describe.concurrent("runseal prove", () => {
  it("prints the proof alone on stdout, and what it shows on stderr", async () => {
    using project = provable();
    const end = await project.changesNothing(["prove", RUN, "dist/app.js"]);
    expect(end).toEqual({
      exitCode: 0,
      stdout: lineOf(proofOf(BUNDLE, ["dist/app.js"])),
      stderr: 'note: proves 1 file of the 4 files of run "run-001"\n',
    });
  });

  it("proves several files in one proof, in byte order and each once", async () => {
    using project = provable();
    const files = ["prove", RUN, "readme.md", "dist/app.js", "files/readme.md", "--files", "files"];
    expect((await project.run(files)).stdout).toBe(lineOf(proofOf(BUNDLE, ["dist/app.js", "readme.md"])));
  });

  it("finds a file by its place on the disk, from below the root and by its full path", async () => {
    using project = provable();
    const expected = { exitCode: 0, stdout: lineOf(proofOf(BUNDLE, ["dist/app.js"])) };
    const cwd = project.at("files", "dist");
    const below = ["prove", `../../${RUN}`, "app.js", "--files", ".."];
    expect(await project.run(below, { cwd })).toMatchObject(expected);
    const full = ["prove", RUN, project.at("files", "dist", "app.js"), "--files", "files"];
    expect(await project.run(full)).toMatchObject(expected);
    const dotted = ["prove", RUN, "files/../files/./dist//app.js", "--files", "files"];
    expect(await project.run(dotted)).toMatchObject(expected);
  });

  it("takes the folder above .runseal for the root where the bundle lies in one", async () => {
    using project = new Project();
    mkdirSync(project.at(".runseal/runs"), { recursive: true });
    const address = writeProvableBundle(project.folder, BUNDLE);
    renameSync(address.bundle, project.at(".runseal/runs/run-001"));
    mkdirSync(project.at("dist"));
    const cwd = project.at("dist");
    const end = await project.run(["prove", "../.runseal/runs/run-001", "app.js"], { cwd });
    expect(end).toMatchObject({ exitCode: 0, stdout: lineOf(proofOf(BUNDLE, ["dist/app.js"])) });
  });

  it("names what is not in the bundle, and none of what is", async () => {
    using project = provable();
    const wrong = ["dist", "dist/app.js.map", "", "../readme.md", "README.md"];
    const end = await project.changesNothing(["prove", RUN, "dist/app.js", ...wrong]);
    expect(end).toMatchObject({ exitCode: 1, stdout: "" });
    expect(end.stderr).toMatch(/^error: FILE_NOT_IN_BUNDLE: the bundle does not have these 5 files\n/);
    for (const name of wrong) expect(end.stderr).toContain(`\n  ${JSON.stringify(name)}\n`);
    for (const path of ["dist/app.css", "manual", "readme.md\n"]) expect(end.stderr).not.toContain(path);
    expect((await project.json(["prove", RUN, ...wrong]))["details"]).toEqual({ names: wrong });
  });

  it("writes the proof to a new file", async () => {
    using project = provable();
    const end = await project.done(["prove", RUN, "dist/app.js", "-o", "proof.json"]);
    expect(end.stdout).toBe('proves 1 file of the 4 files of run "run-001"\nproof    proof.json\n');
    expect(readFileSync(project.at("proof.json"), "utf8")).toBe(lineOf(proofOf(BUNDLE, ["dist/app.js"])));
    expect(modeOf(project.at("proof.json"))).toBe("0644");
  });

  it("with --json puts the proof into the report, or says where it is", async () => {
    using project = provable();
    const said = saidOf(BUNDLE);
    const common = {
      ok: true,
      code: "OK",
      run_id: "run-001",
      bundle_root: said.bundle_root,
      outputs_root: said.outputs_root,
      sealed_at: said.sealed_at,
      signer: { validator_id: said.validator_id },
      paths: ["dist/app.js"],
      files: 4,
    };
    const proof = proofOf(BUNDLE, ["dist/app.js"]);
    expect(await project.json(["prove", RUN, "dist/app.js"])).toMatchObject({ ...common, proof });
    const out = await project.json(["prove", RUN, "dist/app.js", "-o", "proof.json"]);
    expect(out).toMatchObject({ ...common, proof_file: "proof.json" });
    expect(out).not.toHaveProperty("proof");
  });

  it("writes nothing that a terminal would act on, whatever the file is called", async () => {
    const path = "dist/\u202Ecod.\u009Bexe";
    using project = provable(sealBundle({ bind: true, outputs: { [path]: "1", b: "2" } }));
    const { exitCode, stdout } = await project.run(["prove", RUN, path]);
    expect(exitCode).toBe(0);
    expect(stdout).toMatch(/^[ -~]+\n$/);
    expect(JSON.parse(stdout)).toMatchObject({ files: [{ path }] });
  });
});

describe.concurrent("runseal prove of what runseal seal sealed", () => {
  it("is checked elsewhere with the signer's key, for every file, by the run's id", async () => {
    using project = await makeSealedProject();
    const { stdout } = await project.run(["prove", "one", "out/a.txt", "out/b.txt"]);
    using here = new Project();
    here.write({ "proof.json": stdout, "out/a.txt": "alpha\n", "out/b.txt": "beta\n" });
    const check = ["check", "proof.json", "out/a.txt", "out/b.txt"];
    const { public_key } = JSON.parse(stdout) as { public_key: string };
    await here.done([...check, "--signer", public_key]);
    here.write({ "out/b.txt": "beta" });
    expect(await here.json([...check, "--signer", public_key])).toMatchObject({ code: "FILE_DIFFERS" });
  });
});

describe.concurrent("runseal prove refuses a bundle", () => {
  const failed = (code: string, message = "") => ({
    exitCode: 1,
    stdout: expect.not.stringContaining("statement"),
    stderr: expect.stringMatching(new RegExp(`^error: ${code}: ${message}`)),
  });
  const said = saidOf(BUNDLE);
  const other = sealBundle({ bind: true, runId: "run-002", outputs: OUTPUTS });
  const signed = signStatement(said);

  it("says which member is not the bundle's", async () => {
    using project = provable(BUNDLE, signStatement(saidOf(other)));
    const facts = await project.json(["prove", RUN, "readme.md"]);
    expect(facts).toMatchObject({
      code: "OUTPUTS_ROOT_INVALID",
      details: { reason: "mismatch", field: "bundle_root" },
    });
  });

  it("whose statement is a link, a FIFO, a folder, or too large", async () => {
    using project = provable();
    const address = project.at(RUN, "OUTPUTS_ROOT.json");
    const arrangements: readonly (() => void)[] = [
      () => {
        writeFileSync(project.at("elsewhere.json"), canonical(signed));
        symlinkSync(project.at("elsewhere.json"), address);
      },
      () => makeFifo(address),
      () => mkdirSync(address),
      () => writeFileSync(address, canonical(signed).padEnd(20_000)),
    ];
    for (const arrange of arrangements) {
      rmSync(address, { recursive: true, force: true });
      arrange();
      expect(await project.run(["prove", RUN, "readme.md"])).toMatchObject(
        failed("OUTPUTS_ROOT_INVALID", "OUTPUTS_ROOT.json is not a statement of outputs"),
      );
    }
  });

  it.each<[string, BundleRecipe]>([
    ["DECISION_INVALID", { status: { status: "failure" } }],
    ["RESTORATION_FAILED", { proof: { restoration_result: { verified: false } } }],
    ["PAYLOAD_MISMATCH", { bind: (right) => ({ ...right, files: 5 }) }],
    ["PAYLOAD_MISMATCH", { bind: (right) => ({ ...right, proof_sha256: "0".repeat(64) }) }],
  ])("that no verifier accepts, whatever its statement says (%s)", async (code, recipe) => {
    expect(await proveOne(recipe)).toMatchObject(failed(code));
  });

  it("that is not bound: its signer said no moment in it", async () => {
    const bundle = sealBundle({ outputs: OUTPUTS });
    using project = provable(bundle);
    const facts = await project.json(["prove", RUN, "readme.md"]);
    expect(facts).toMatchObject({
      code: "OUTPUTS_ROOT_INVALID",
      details: { reason: "mismatch", field: "sealed_at" },
    });
  });
});
