import { chmodSync, mkdirSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { sha256 } from "../../support/bundles/bundle.ts";
import { makeProjectWithKey, type Project } from "../../support/command/cli.ts";
import { artifactOf, isSealed, runFacts, shell, verifyRun } from "../../support/command/run.ts";

const SCRATCH = ".runseal/scratch";

/** A project whose scratch folder holds three files. */
function withScratch(): Promise<Project> {
  return makeProjectWithKey({ [`${SCRATCH}/a`]: "a\n", [`${SCRATCH}/b`]: "b\n", [`${SCRATCH}/c/d`]: "d\n" });
}

/** What the proof of a run says in the end. */
function resultOf(project: Project, runId: string): unknown {
  return artifactOf(project, runId, "PROOF.json")["restoration_result"];
}

describe.concurrent("runseal run: scratch that is as it was found", () => {
  it("may hold two empty files", async () => {
    using project = await makeProjectWithKey({ [`${SCRATCH}/x`]: "", [`${SCRATCH}/y`]: "" });
    expect(await runFacts(project, "true", ["--id", "r"])).toMatchObject({ ok: true });
    expect(artifactOf(project, "r", "PROOF.json")).toMatchObject({
      catalytic_domains: [SCRATCH],
      pre_state: { file_manifest: { x: sha256(""), y: sha256("") } },
      post_state: { file_manifest: { x: sha256(""), y: sha256("") } },
      restoration_result: { verified: true, condition: "RESTORED_IDENTICAL" },
    });
    expect((await verifyRun(project, "r")).exitCode).toBe(0);
  });

  it.each([
    ["was used and cleaned up", "mkdir $S/t; echo 1 > $S/t/u; rm -r $S/t"],
    ["was written again with the same bytes", "rm $S/a; echo a > $S/a"],
    ["was removed whole, and made again", "cp -r $S keep; rm -r $S; mv keep $S"],
    ["has other times and modes", "touch -d 2001-01-01 $S/a; chmod 700 $S/b"],
    ["has one empty folder more", "mkdir $S/e"],
  ])("%s", async (_what, script) => {
    using project = await withScratch();
    const facts = await runFacts(project, script.replaceAll("$S", SCRATCH), ["--id", "r"]);
    expect(facts).toMatchObject({ ok: true, scratch: { verified: true, differences: [] } });
    expect((await verifyRun(project, "r")).exitCode).toBe(0);
  });

  it("need not be there before, nor afterwards", async () => {
    using project = await makeProjectWithKey();
    expect(await runFacts(project, "true")).toMatchObject({ ok: true });
    expect(await runFacts(project, `mkdir -p ${SCRATCH}`)).toMatchObject({ ok: true });
  });
});

describe.concurrent("runseal run: scratch that is not as it was found", () => {
  it.each([
    [
      "a file is missing",
      "rm $S/a",
      "MISSING_FILES",
      [{ path: "a", type: "missing", expected_hash: sha256("a\n") }],
    ],
    [
      "a file is left",
      "echo 1 > $S/n",
      "EXTRA_FILES",
      [{ path: "n", type: "extra", actual_hash: sha256("1\n") }],
    ],
    [
      "a file is changed",
      "echo 1 > $S/c/d",
      "HASH_MISMATCH",
      [{ path: "c/d", type: "hash_mismatch", expected_hash: sha256("d\n"), actual_hash: sha256("1\n") }],
    ],
    [
      "a file has moved",
      "mv $S/a $S/z",
      "MISSING_FILES",
      [
        { path: "a", type: "missing", expected_hash: sha256("a\n") },
        { path: "z", type: "extra", actual_hash: sha256("a\n") },
      ],
    ],
    ["a link is left", "ln -s a $S/l", "EXTRA_FILES", [{ path: "l", type: "extra" }]],
    [
      "a file has become a link",
      "rm $S/a; ln -s b $S/a",
      "HASH_MISMATCH",
      [{ path: "a", type: "hash_mismatch", expected_hash: sha256("a\n") }],
    ],
    ["a FIFO is left", "mkfifo $S/c/f", "EXTRA_FILES", [{ path: "c/f", type: "extra" }]],
  ])("%s: exit code 10, and the proof says so", async (_what, script, condition, mismatches) => {
    using project = await withScratch();
    const facts = await runFacts(project, script.replaceAll("$S", SCRATCH), ["--id", "r"]);
    expect(facts).toMatchObject({
      code: "SCRATCH_NOT_RESTORED",
      exit_code: 10,
      command: { exit_code: 0 },
      scratch: { verified: false, condition: `RESTORATION_FAILED_${condition}`, unreachable: [] },
    });
    expect(resultOf(project, "r")).toEqual({
      verified: false,
      condition: `RESTORATION_FAILED_${condition}`,
      mismatches,
    });
    expect(artifactOf(project, "r", "STATUS.json")).toMatchObject({
      status: "failure",
      cmp01: "fail",
      error: { code: "SCRATCH_NOT_RESTORED" },
    });
    const verified = await verifyRun(project, "r");
    expect(verified).toMatchObject({ exitCode: 1 });
    expect(verified.stderr).toContain("RESTORATION_FAILED");
  });

  it("lists the differences: missing, then left, then changed, by their path below the root", async () => {
    using project = await withScratch();
    const script = `cd ${SCRATCH}; rm a; echo 1 > b; echo 2 > m; echo 3 > k; ln -s b l`;
    const end = await project.run(shell(script));
    expect(end.exitCode).toBe(10);
    expect(end.stderr).toContain(
      "error: SCRATCH_NOT_RESTORED: the command did not leave its scratch folders as it found them\n" +
        `  missing from scratch: "${SCRATCH}/a"\n` +
        `  left in scratch: "${SCRATCH}/k"\n` +
        `  left in scratch: "${SCRATCH}/l" (link)\n` +
        `  left in scratch: "${SCRATCH}/m"\n` +
        `  changed in scratch: "${SCRATCH}/b"\n`,
    );
  });

  it("shows a name of a stranger's choosing escaped", async () => {
    using project = await makeProjectWithKey();
    mkdirSync(project.at(SCRATCH), { recursive: true });
    const end = await project.run(shell(`printf x > "$(printf '${SCRATCH}/a\\033[2Jb')"`));
    expect(end.stderr).toContain(`left in scratch: "${SCRATCH}/a\\u{1b}[2Jb"`);
    expect(end.stderr).not.toContain("\u001b");
  });

  it.each([
    ["is gone", "rm -r $S"],
    ["has become a file", "rm -r $S; echo > $S"],
    ["has become a link to what it was", "mv $S elsewhere; ln -s $PWD/elsewhere $S"],
    ["holds a name that no proof can hold", "echo > '$S/x\\y'"],
    ["holds a link of a name that no proof can hold", "ln -s a '$S/x\\y'"],
    ["holds a FIFO of a name that no proof can hold", "mkfifo $S/C:x"],
  ])("a folder that %s is unreachable", async (_what, script) => {
    using project = await withScratch();
    const facts = await runFacts(project, script.replaceAll("$S", SCRATCH), ["--id", "r"]);
    expect(facts).toMatchObject({
      code: "SCRATCH_NOT_RESTORED",
      exit_code: 10,
      scratch: { verified: false, condition: "RESTORATION_FAILED_DOMAIN_UNREACHABLE" },
    });
    expect((facts["scratch"] as { unreachable: string[] }).unreachable).toEqual([
      expect.stringMatching(/^\.runseal\/scratch/),
    ]);
    expect((await verifyRun(project, "r")).stderr).toContain("RESTORATION_FAILED");
  });

  it("a file that can't be read any more is unreachable, and named", async ({ skip }) => {
    using project = await withScratch();
    if (!(await project.becomeOrdinaryUser())) return skip("needs an ordinary user");
    const end = await project.run(shell(`chmod 0 ${SCRATCH}/a ${SCRATCH}/c`));
    expect(end.exitCode).toBe(10);
    expect(end.stderr).toContain(`can't be looked at: "${SCRATCH}/a"\n`);
    expect(end.stderr).toContain(`can't be looked at: "${SCRATCH}/c"\n`);
    chmodSync(project.at(SCRATCH, "c"), 0o755);
  });

  it("leaves the command's exit code as it is, and tells both", async () => {
    using project = await withScratch();
    const end = await project.run(shell(`rm ${SCRATCH}/a; exit 3`, "--id", "r"));
    expect(end.exitCode).toBe(3);
    expect(end.stderr).toContain(
      "error: COMMAND_FAILED: the command failed with exit code 3\n  missing from scratch:",
    );
    expect(artifactOf(project, "r", "STATUS.json")).toMatchObject({
      cmp01: "fail",
      error: { code: "COMMAND_FAILED" },
    });
  });
});

describe.concurrent("runseal run: several scratch folders", () => {
  it("are one manifest, with the folders before the paths, sorted", async () => {
    using project = await makeProjectWithKey({ "t/x": "1", "s/x": "2", "u/deep/x": "3" });
    const options = ["--scratch", "t", "--scratch", "./s/", "--scratch", "u/deep", "--scratch", "t"];
    expect(await runFacts(project, "true", [...options, "--id", "r"])).toMatchObject({ ok: true });
    expect(artifactOf(project, "r", "PROOF.json")).toMatchObject({
      catalytic_domains: ["s", "t", "u/deep"],
      pre_state: { file_manifest: { "s/x": sha256("2"), "t/x": sha256("1"), "u/deep/x": sha256("3") } },
    });
    expect(artifactOf(project, "r", "TASK_SPEC.json")["scratch"]).toEqual(["s", "t", "u/deep"]);
    expect((await verifyRun(project, "r")).exitCode).toBe(0);
  });

  it("each have to be as they were found", async () => {
    using project = await makeProjectWithKey({ "t/x": "1", "s/x": "2" });
    const options = ["--scratch", "t", "--scratch", "s", "--id", "r"];
    const facts = await runFacts(project, "mv t/x s/y; ln -s y s/l", options);
    expect(facts).toMatchObject({
      exit_code: 10,
      scratch: {
        condition: "RESTORATION_FAILED_MISSING_FILES",
        differences: [
          { path: "t/x", type: "missing" },
          { path: "s/l", type: "extra", reason: "link" },
          { path: "s/y", type: "extra" },
        ],
      },
    });
  });

  it("may lie in the project's own one, and be named from elsewhere", async () => {
    using project = await makeProjectWithKey({ [`${SCRATCH}/one/x`]: "1", "sub/y": "" });
    const args = shell("true", "--here", "--project", "..", "--scratch", `../${SCRATCH}/one`, "--id", "r");
    expect((await project.run(args, { cwd: project.at("sub") })).exitCode).toBe(0);
    expect(artifactOf(project, "r", "PROOF.json")["catalytic_domains"]).toEqual([`${SCRATCH}/one`]);
    expect(isSealed(project, "r")).toBe(true);
  });
});
