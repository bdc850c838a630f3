import { spawnSync } from "node:child_process";
import { chmodSync, mkdirSync, rmSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import {
  BUNDLE,
  type CliEnd,
  type Facts,
  factsOf,
  makeProject,
  makeProjectWithKey,
  makeSealedProject,
  modeOf,
  namesIn,
  type Project,
} from "../../support/command/cli.ts";
import { snapshotTree } from "../../support/files/tree.ts";

const RESTORE = ["restore", BUNDLE];

/** What every report of a restore has at its top. */
const SHAPE = ["ok", "code", "phase", "cause_code", "message", "details", "exit_code"];

/** Tries to restore; nothing may come of it, in text and in JSON. */
async function refused(project: Project, args: readonly string[], expected: object): Promise<CliEnd> {
  const json = factsOf(await project.changesNothing([...args, "--json"]));
  expect(Object.keys(json)).toEqual(expect.arrayContaining(SHAPE));
  expect(json).toMatchObject({ ok: false, cause_code: null, ...expected });
  const end = await project.changesNothing(args);
  expect(end).toMatchObject({ exitCode: json["exit_code"], stdout: "" });
  expect(end.stderr).toMatch(
    new RegExp(`^error: ${String(json["code"])}: [^\\n]+; nothing was written\\nhint: [^\\n]+\\n$`),
  );
  return end;
}

/** The restored tree without the two result files. */
function restoredTree(target: string): ReadonlyMap<string, unknown> {
  const tree = new Map(snapshotTree(target));
  for (const name of ["RESTORE_MANIFEST.json", "RESTORE_REPORT.json", "RESTORE_TREE.json"])
    expect(tree.delete(name)).toBe(true);
  return tree;
}

describe.concurrent("runseal restore: the way it should go (acceptance 2)", () => {
  it("seals, restores identically, and refuses to do it again", async () => {
    using project = await makeProjectWithKey({
      "out/a/b/c.txt": "deep\n",
      "out/empty": "",
      "out/ü.txt": "x\n",
    });
    await project.done(["seal", "out", "--id", "one"]);
    const { stdout } = await project.done([...RESTORE, "--to", "../restored", "--mkdir"]);
    expect(stdout).toMatch(
      /^restored 3 files, 7 bytes\nhash {5}[0-9a-f]{64}\nfrom {5}the project root\nsigner {3}[0-9a-f]{8} default \(ed25519 [0-9a-f]{64}\)\ninto {5}"\.\.\/restored"\n$/,
    );
    const target = join(project.folder, "restored");
    const diff = spawnSync("diff", ["-r", project.at("out"), join(target, "out")], { encoding: "utf8" });
    expect(diff).toMatchObject({ status: 0, stdout: "" });
    expect(namesIn(target)).toEqual([
      "RESTORE_MANIFEST.json",
      "RESTORE_REPORT.json",
      "RESTORE_TREE.json",
      "out",
    ]);
    expect(namesIn(project.folder), "no staging is left beside it").toEqual(["home", "project", "restored"]);
    for (const mkdir of [[], ["--mkdir"]]) {
      await refused(project, [...RESTORE, "--to", "../restored", ...mkdir], {
        code: "RESTORE_TARGET_PATH_EXISTS",
        phase: "EXECUTE",
        exit_code: 5,
      });
    }
    await project.done(["verify", BUNDLE, "--files", "../restored"]);
  });

  it("prints one object with --json", async () => {
    using project = await makeSealedProject();
    const facts = await project.json([...RESTORE, "--to", "../restored", "--mkdir"]);
    expect(facts).toEqual({
      ok: true,
      code: "OK",
      phase: "VERIFY",
      cause_code: null,
      message: "restored",
      details: {},
      run_id: "one",
      bundle_root: expect.stringMatching(/^[0-9a-f]{64}$/),
      files: 2,
      bytes: 11,
      links: 0,
      empty_folders: 0,
      links_left_out: [],
      source: "root",
      verified: "all",
      failed_run: null,
      report: true,
      signer: expect.objectContaining({ name: "default" }),
      clean: true,
      recovered: [],
      exit_code: 0,
    });
  });

  it("takes --to relative to where it is called from, the root from where the bundle lies", async () => {
    using project = await makeSealedProject();
    mkdirSync(join(project.folder, "elsewhere"));
    const cwd = join(project.folder, "elsewhere");
    await project.done(["restore", "../project/.runseal/runs/one", "--to", "."], { cwd });
    expect(namesIn(cwd)).toEqual([
      "RESTORE_MANIFEST.json",
      "RESTORE_REPORT.json",
      "RESTORE_TREE.json",
      "out",
    ]);
    await project.done(["restore", "../project/.runseal/runs/one", "--to", "new", "--mkdir"], { cwd });
    expect(namesIn(join(cwd, "new"))).toEqual([
      "RESTORE_MANIFEST.json",
      "RESTORE_REPORT.json",
      "RESTORE_TREE.json",
      "out",
    ]);
  });

  it("may restore into a folder inside the root", async () => {
    using project = await makeSealedProject();
    await project.done([...RESTORE, "--to", "out/again", "--mkdir"]);
    expect(restoredTree(project.at("out", "again"))).toEqual(
      new Map([...snapshotTree(project.root)].filter(([path]) => /^out(?:\/[ab]\.txt)?$/.test(path))),
    );
    const { exitCode, stderr } = await project.run(["verify", BUNDLE]);
    expect({ exitCode, stderr }).toEqual({
      exitCode: 0,
      stderr: 'note: 5 files below "out" were not sealed\n',
    });
  });

  it("gives files mode 0644, or 0755 where their owner may execute them; never set-uid, whatever the umask", async () => {
    const modes = {
      plain: 0o600,
      readable: 0o666,
      tool: 0o755,
      own: 0o700,
      group: 0o654,
      setuid: 0o4755,
      sgid: 0o2644,
    };
    using project = makeProject(Object.fromEntries(Object.keys(modes).map((name) => [`out/${name}`, name])));
    for (const [name, mode] of Object.entries(modes)) chmodSync(project.at("out", name), mode);
    await project.done(["init", "--name", "default", "--no-passphrase"]);
    await project.done(["seal", "out", "--id", "one"]);
    for (const umask of ["000", "077"]) {
      const under = ["sh", "-c", `umask ${umask}; exec "$@"`, "sh"];
      await project.done([...RESTORE, "--to", `../r${umask}`, "--mkdir"], { under });
      const restored = Object.keys(modes).map((name) => [
        name,
        modeOf(join(project.folder, `r${umask}`, "out", name)),
      ]);
      expect(Object.fromEntries(restored)).toEqual({
        plain: "0644",
        readable: "0644",
        tool: "0755",
        own: "0755",
        group: "0644",
        setuid: "0755",
        sgid: "0644",
      });
    }
  });
});

describe.concurrent("runseal restore --dry-run", () => {
  it("says what would be restored, and writes nothing, with and without --mkdir", async () => {
    using project = await makeSealedProject();
    mkdirSync(join(project.folder, "there"));
    for (const to of [["../there"], ["../new", "--mkdir"]]) {
      const end = await project.changesNothing([...RESTORE, "--dry-run", "--to", ...to]);
      expect(end, end.stderr).toMatchObject({ exitCode: 0, stderr: "" });
      expect(end.stdout).toMatch(
        /^"out\/a\.txt"\n"out\/b\.txt"\nplan {5}2 files, 11 bytes\nhash {5}[0-9a-f]{64}\nfrom {5}the project root\nsigner {3}/,
      );
      expect(end.stdout.endsWith(`into     "${to[0]}" (nothing was written)\n`)).toBe(true);
    }
    expect(await project.json([...RESTORE, "--dry-run", "--to", "../there"])).toMatchObject({
      ok: true,
      code: "OK",
      phase: "PLAN",
      details: { paths: ["out/a.txt", "out/b.txt"], links: [], folders: [], root: "../there" },
      files: 2,
      bytes: 11,
      exit_code: 0,
    });
  });

  it("shows a stranger's names escaped", async () => {
    using project = await makeProjectWithKey({ "out/\u001b[2Jx\n": "1", "out/\u202ey": "2" });
    await project.done(["seal", "out", "--id", "one", "--names", "posix"]);
    const { stdout } = await project.done([...RESTORE, "--dry-run", "--to", "../new", "--mkdir"]);
    expect(stdout).toContain('"out/\\u{1b}[2Jx\\n"\n');
    expect(stdout).not.toMatch(/[^\n -~]/);
    const json = await project.run([...RESTORE, "--dry-run", "--to", "../new", "--mkdir", "--json"]);
    expect(json.stdout).not.toMatch(/[^\n -~]/);
    await project.done([...RESTORE, "--to", "../new", "--mkdir"]);
    expect(namesIn(join(project.folder, "new", "out"))).toEqual(["\u001b[2Jx\n", "\u202ey"]);
  });
});

describe.concurrent("runseal restore: whom it believes", () => {
  it("restores nothing from a signer that is not trusted: exit 3", async () => {
    using project = await makeSealedProject();
    const stranger = "03a107bff3ce10be1d70dd18e74bc09967e4d6309ba50d5f1ddc8664125531b8";
    project.write({
      others: `bob runseal-ed25519 ${stranger}\n`,
      bad: "garbage\n",
    });
    for (const [options, code] of [
      [["--signer", stranger], "SIGNER_UNKNOWN"],
      [["--trust", "others"], "SIGNER_UNKNOWN"],
      [["--trust", "bad"], "TRUST_FILE_MALFORMED"],
    ] as const) {
      const end = await refused(project, [...RESTORE, "--to", "../new", "--mkdir", ...options], {
        code: "RESTORE_VERIFY_STRICT_FAILED",
        phase: "PREFLIGHT",
        details: { verifier_code: code },
        trust: { ok: false, code, reason: expect.any(String) },
        exit_code: 3,
      });
      expect(end.stderr).toContain("the bundle is sound, but ");
    }
    rmSync(join(project.config, "runseal", "trust"));
    await refused(project, [...RESTORE, "--to", "../new", "--mkdir"], {
      details: { verifier_code: "TRUST_POLICY_MISSING" },
      exit_code: 3,
    });
    await project.done([...RESTORE, "--to", "../new", "--mkdir", "--any-signer"]);
  });

  it("takes the same options as verify, and the same mistakes", async () => {
    using project = await makeSealedProject();
    const facts = async (...args: readonly string[]): Promise<Facts> =>
      factsOf(await project.changesNothing([...RESTORE, ...args, "--json"]));
    const to = ["--to", "../new", "--mkdir"];
    expect(await facts(...to, "--trust", "nope")).toMatchObject({
      code: "TRUST_FILE_UNREADABLE",
      exit_code: 4,
    });
    expect(await facts(...to, "--signer", "x")).toMatchObject({ code: "SIGNER_NOT_A_KEY", exit_code: 2 });
    expect(await facts(...to, "--any-signer", "--signer", "x")).toMatchObject({
      code: "USAGE",
      exit_code: 2,
    });
    const usage = await facts("--mkdir");
    expect(usage).toMatchObject({ code: "USAGE", phase: null, cause_code: null, details: {}, exit_code: 2 });
    expect(usage["message"]).toContain("--to");
  });
});

describe.concurrent("runseal restore: refused before anything is written: exit 5", () => {
  it("does not restore what verify rejects", async () => {
    using project = await makeSealedProject();
    project.write({ "out/b.txt": "BETA\n" });
    rmSync(project.at(".runseal/packs"), { recursive: true });
    const to = ["--to", "../new", "--mkdir"];
    const rejected = { code: "RESTORE_VERIFY_STRICT_FAILED", phase: "PREFLIGHT", exit_code: 5 };
    const changed = await refused(project, [...RESTORE, ...to], {
      ...rejected,
      details: { verifier_code: "HASH_MISMATCH", path: "out/b.txt" },
    });
    expect(changed.stderr).toContain('the bundle is not accepted: HASH_MISMATCH "out/b.txt"; nothing');
    rmSync(project.at("out", "b.txt"));
    await refused(project, [...RESTORE, ...to], {
      ...rejected,
      details: { verifier_code: "OUTPUT_MISSING", path: "out/b.txt" },
    });
    expect(await project.json(["restore", "./out", ...to])).toMatchObject({
      code: "RUN_NOT_FOUND",
      details: { reason: "not-a-run" },
      exit_code: 4,
    });
    const noRoot = await refused(project, [...RESTORE, ...to, "--files", "nope"], {
      ...rejected,
      details: { verifier_code: "PATH_NOT_FOUND" },
    });
    expect(noRoot.stderr).toContain("there is no verdict on the bundle: PATH_NOT_FOUND; nothing");
    project.write({ "out/b.txt": "beta\n" });
    rmSync(project.at(BUNDLE, "PROOF.json"));
    await refused(project, [...RESTORE, ...to], { code: "RESTORE_PROOF_MISSING", exit_code: 5 });
  });

  it("wants a target that is a folder, or one that it may make", async () => {
    using project = await makeSealedProject();
    symlinkSync("nowhere", project.at("dangling"));
    for (const [to, code] of [
      [[""], "RESTORE_TARGET_MISSING"],
      [["../nope"], "RESTORE_TARGET_NOT_EXIST"],
      [["../nope/deeper", "--mkdir"], "RESTORE_TARGET_NOT_EXIST"],
      [["out/a.txt"], "RESTORE_TARGET_NOT_DIRECTORY"],
      [["out/a.txt", "--mkdir"], "RESTORE_TARGET_NOT_DIRECTORY"],
      [["out/a.txt/x", "--mkdir"], "RESTORE_TARGET_NOT_DIRECTORY"],
      [["/dev/null"], "RESTORE_TARGET_NOT_DIRECTORY"],
      [["dangling", "--mkdir"], "RESTORE_TARGET_NOT_EXIST"],
    ] as const) {
      await refused(project, [...RESTORE, "--to", ...to], { code, phase: "PREFLIGHT", exit_code: 5 });
    }
    // Eligibility is an earlier step than the root: the target is not looked at before the files are hashed.
    for (const store of ["packs", "objects"])
      rmSync(project.at(".runseal", store), { recursive: true, force: true });
    rmSync(project.at("out/b.txt"));
    await refused(project, [...RESTORE, "--to", "../nope"], {
      code: "RESTORE_VERIFY_STRICT_FAILED",
      details: { verifier_code: "OUTPUT_MISSING" },
    });
  });
});
