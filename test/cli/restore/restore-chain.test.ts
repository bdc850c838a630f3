import { spawnSync } from "node:child_process";
import { mkdirSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { canonical, sealBundle, sha256, writeBundle } from "../../support/bundles/bundle.ts";
import { makeTwoRuns, RUNS } from "../../support/bundles/two-runs.ts";
import {
  BUNDLE,
  type Facts,
  factsOf,
  makeProject,
  makeSealedProject,
  namesIn,
  type Project,
} from "../../support/command/cli.ts";

const RESTORE = ["restore", ...RUNS, "--to", "../new", "--mkdir"];
const RESULT_FILES = ["RESTORE_MANIFEST.json", "RESTORE_REPORT.json", "RESTORE_TREE.json"];

/** A restore that is refused: nothing may come of it. */
async function refused(project: Project, args: readonly string[]): Promise<Facts> {
  const facts = factsOf(await project.changesNothing([...args, "--json"]));
  expect(facts).toMatchObject({ ok: false, cause_code: null, recovered: [] });
  return facts;
}

/** The paths that a manifest lists. */
function manifestOf(folder: string): readonly string[] {
  const text = readFileSync(join(folder, "RESTORE_MANIFEST.json"), "utf8");
  const { entries } = JSON.parse(text) as { entries: readonly { relative_path: string }[] };
  return entries.map((entry) => entry.relative_path);
}

describe.concurrent("runseal restore: a chain", () => {
  it("puts each run into a folder of its id, and says so run by run", async () => {
    using project = await makeTwoRuns();
    const { stdout } = await project.done(RESTORE);
    expect(stdout).toMatch(
      /^restored 3 files, 17 bytes\nchain {4}[0-9a-f]{64}\nrun {6}one: 2 files, 11 bytes\nhash {5}[0-9a-f]{64}\nfrom {5}the project root\nsigner {3}[0-9a-f]{8} default \(ed25519 [0-9a-f]{64}\)\nrun {6}two: 1 file, 6 bytes\nhash {5}[0-9a-f]{64}\nfrom {5}the project root\nsigner {3}[0-9a-f]{8} default \(ed25519 [0-9a-f]{64}\)\ninto {5}"\.\.\/new"\n$/,
    );
    const target = join(project.folder, "new");
    expect(namesIn(target)).toEqual(["one", "two"]);
    expect(namesIn(join(target, "one"))).toEqual([...RESULT_FILES, "out"]);
    expect(namesIn(join(target, "two"))).toEqual([...RESULT_FILES, "more"]);
    for (const [sealed, restored] of [
      ["out", "one/out"],
      ["more", "two/more"],
    ] as const) {
      const diff = spawnSync("diff", ["-r", project.at(sealed), join(target, restored)]);
      expect(diff.status).toBe(0);
    }
  });

  it("prints the chain root and the runs with --json", async () => {
    using project = await makeTwoRuns();
    const verified = await project.json(["verify", "--history", ...RUNS]);
    const run = { source: "root", signer: expect.objectContaining({ name: "default" }) };
    const [first, second] = verified["bundle_roots"] as readonly string[];
    expect(await project.json(RESTORE)).toEqual({
      ok: true,
      code: "OK",
      phase: "VERIFY",
      cause_code: null,
      message: "restored",
      details: {},
      chain_root: verified["chain_root"],
      runs: [
        { run_id: "one", bundle_root: first, files: 2, bytes: 11, ...run },
        { run_id: "two", bundle_root: second, files: 1, bytes: 6, ...run },
      ],
      files: 3,
      bytes: 17,
      links: 0,
      empty_folders: 0,
      links_left_out: [],
      clean: true,
      report: true,
      recovered: [],
      exit_code: 0,
    });
  });

  it("restores one run as a history with --history", async () => {
    using project = await makeSealedProject();
    const facts = await project.json(["restore", BUNDLE, "--history", "--to", "../new", "--mkdir"]);
    const { bundle_root } = (facts["runs"] as readonly { bundle_root: string }[])[0] ?? {};
    expect(facts["chain_root"]).toBe(sha256(canonical({ bundle_roots: [bundle_root], run_ids: ["one"] })));
    expect(namesIn(join(project.folder, "new"))).toEqual(["one"]);
  });

  it("lists the paths of all runs in a dry run, and writes nothing", async () => {
    using project = await makeTwoRuns();
    const { exitCode, stdout } = await project.changesNothing([...RESTORE, "--dry-run"]);
    expect(exitCode).toBe(0);
    expect(stdout).toMatch(
      /^"one\/out\/a\.txt"\n"one\/out\/b\.txt"\n"two\/more\/c\.txt"\nplan {5}3 files, 17 bytes\nchain {4}/,
    );
    expect(stdout).toMatch(/\ninto {5}"\.\.\/new" \(nothing was written\)\n$/);
  });

  it("restores nothing where one bundle is rejected, and names its run", async () => {
    using project = await makeTwoRuns();
    project.write({ "more/c.txt": "GAMMA\n" });
    rmSync(project.at(".runseal/packs"), { recursive: true });
    expect(await refused(project, RESTORE)).toMatchObject({
      code: "RESTORE_VERIFY_STRICT_FAILED",
      details: { verifier_code: "HASH_MISMATCH", path: "more/c.txt", run_id: "two" },
      exit_code: 5,
    });
    const { stderr } = await project.run(RESTORE);
    expect(stderr).toMatch(/^error: RESTORE_VERIFY_STRICT_FAILED: run "two": the bundle is not accepted: /);
  });

  it("names the run whose signer is not trusted: exit 3", async () => {
    using project = await makeTwoRuns();
    rmSync(join(project.config, "runseal", "trust"));
    const facts = await refused(project, RESTORE);
    expect(facts).toMatchObject({
      code: "RESTORE_VERIFY_STRICT_FAILED",
      details: { verifier_code: "TRUST_POLICY_MISSING", run_id: "one" },
      trust: { ok: false, code: "TRUST_POLICY_MISSING" },
      exit_code: 3,
    });
    expect(facts["message"]).toMatch(/^run "one": the bundle is sound, but /);
  });

  it("wants the chain root that was expected", async () => {
    using project = await makeTwoRuns();
    const { chain_root } = await project.json(["verify", "--history", ...RUNS]);
    expect(await refused(project, [...RESTORE, "--expect", sha256("another")])).toMatchObject({
      code: "EXPECTATION_FAILED",
      details: { what: "chain_root", expected: sha256("another"), actual: chain_root },
      message: expect.stringMatching(/^not the expected history: .*; nothing was written$/),
      exit_code: 1,
    });
    await project.done([...RESTORE, "--expect", String(chain_root)]);
  });

  it("refuses a run twice, and a target that holds something under a run's name", async () => {
    using project = await makeTwoRuns();
    expect(await refused(project, ["restore", BUNDLE, BUNDLE, "--to", "../new", "--mkdir"])).toMatchObject({
      code: "RESTORE_CHAIN_RUN_ID_DUPLICATE",
      message: 'several runs of the history have the same id: "one"; nothing was written',
      details: { duplicates: ["one"] },
      exit_code: 5,
    });
    mkdirSync(join(project.folder, "new", "two"), { recursive: true });
    expect(await refused(project, RESTORE)).toMatchObject({
      code: "RESTORE_CHAIN_TARGET_DIR_EXISTS",
      message: 'the target already holds "two", which is a run\'s folder; nothing was written',
      details: { run_id: "two" },
      exit_code: 5,
    });
  });

  it("shows a stranger's run ids escaped", async () => {
    using project = makeProject({});
    const runIds = ["a\u001b[2J", "b\u202e"];
    for (const runId of runIds) writeBundle(project.root, sealBundle({ runId, outputs: { [runId]: "x" } }));
    const bundles = runIds.map((runId) => `run/${runId}`);
    const args = ["restore", ...bundles, "--files", "files", "--any-signer", "--to", "new", "--mkdir"];
    const { stdout } = await project.done(args);
    expect(stdout).toContain('run      "a\\u{1b}[2J": 1 file, 1 byte\n');
    expect(stdout).not.toMatch(/[^\n -~]/);
    expect(namesIn(project.at("new"))).toEqual(runIds);
    const again = await project.changesNothing(args);
    expect(again.stderr).toContain('the target already holds "a\\u{1b}[2J"');
    expect(again.stderr).not.toMatch(/[^\n -~]/);
  });
});

describe.concurrent("runseal restore --only", () => {
  it("restores one file, and lists only that in the manifest", async () => {
    using project = await makeSealedProject();
    const { stdout } = await project.done([
      "restore",
      BUNDLE,
      "--to",
      "../new",
      "--mkdir",
      "--only",
      "out/b.txt",
    ]);
    expect(stdout).toMatch(/^restored 1 file, 5 bytes\n/);
    const target = join(project.folder, "new");
    expect(namesIn(join(target, "out"))).toEqual(["b.txt"]);
    expect(manifestOf(target)).toEqual(["out/b.txt"]);
  });

  it("restores a folder, and takes several paths", async () => {
    using project = await makeSealedProject({
      "out/a": "1",
      "out/in/b": "2",
      "out/in/c": "3",
      "out/inner": "4",
    });
    for (const [to, only, files] of [
      ["folder", ["--only", "out/in"], ["out/in/b", "out/in/c"]],
      ["slash", ["--only", "out/in/"], ["out/in/b", "out/in/c"]],
      ["several", ["--only", "out/inner", "--only", "out/in/c"], ["out/in/c", "out/inner"]],
      ["overlap", ["--only", "out/in", "--only", "out/in/b"], ["out/in/b", "out/in/c"]],
    ] as const) {
      await project.done(["restore", BUNDLE, "--to", `../${to}`, "--mkdir", ...only]);
      expect(manifestOf(join(project.folder, to)), to).toEqual(files);
    }
  });

  it("takes paths that begin with the run's id in a chain, and leaves other runs out", async () => {
    using project = await makeTwoRuns();
    const facts = await project.json([...RESTORE, "--only", "two/more"]);
    expect(facts).toMatchObject({ runs: [{ run_id: "two", files: 1, bytes: 6 }], files: 1, bytes: 6 });
    expect(namesIn(join(project.folder, "new"))).toEqual(["two"]);
  });

  it("verifies the bundle in whole, whatever is restored of it", async () => {
    using project = await makeSealedProject();
    project.write({ "out/a.txt": "changed\n" });
    rmSync(project.at(".runseal/packs"), { recursive: true });
    const args = ["restore", BUNDLE, "--to", "../new", "--mkdir", "--only", "out/b.txt"];
    expect(await refused(project, args)).toMatchObject({
      code: "RESTORE_VERIFY_STRICT_FAILED",
      exit_code: 5,
    });
  });

  it.each(["nope", "out/a", "ut", "", "/out", "../out", "./out", "out/a.txt/x", "\u001b[2J"])(
    "finds nothing under %j, and restores nothing",
    async (only) => {
      using project = await makeSealedProject();
      const args = ["restore", BUNDLE, "--to", "../new", "--mkdir", "--only", "out/b.txt", "--only", only];
      expect(await refused(project, args)).toMatchObject({
        code: "RESTORE_SELECTION_NOT_FOUND",
        phase: "PLAN",
        details: { path: only },
        exit_code: 5,
      });
      const { stderr } = await project.run(args);
      expect(stderr).toMatch(
        /^error: RESTORE_SELECTION_NOT_FOUND: "[ -~]*" is neither an output of the bundle nor a folder of outputs; nothing was written\nhint: [ -~]+\n$/,
      );
    },
  );
});
