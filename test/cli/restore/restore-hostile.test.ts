import { chmodSync, mkdirSync, rmSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { sealBundle, writeBundle } from "../../support/bundles/bundle.ts";
import {
  BUNDLE,
  type Facts,
  factsOf,
  makeFifo,
  makeProject,
  makeProjectWithKey,
  makeSealedProject,
  namesIn,
  type Project,
  SmallDisk,
  setMode,
} from "../../support/command/cli.ts";
import { giveJournalKey } from "../../support/command/stopped-cli.ts";

const TO_NEW = ["--to", "../new", "--mkdir"];

/** Restores with `--json`; nothing may change. */
async function failed(project: Project, args: readonly string[]): Promise<Facts> {
  giveJournalKey(project);
  const facts = factsOf(await project.changesNothing(["restore", ...args, "--json"]));
  expect(facts).toMatchObject({ ok: false, phase: expect.any(String), cause_code: null });
  expect(JSON.stringify(facts), "no absolute path of this machine").not.toContain(project.folder);
  return facts;
}

describe.concurrent("runseal restore: a hostile bundle", () => {
  it.each([
    ["../escaped", "RESTORE_PATH_TRAVERSAL_DETECTED"],
    ["/tmp/escaped", "RESTORE_PATH_TRAVERSAL_DETECTED"],
    ["a/../../escaped", "RESTORE_PATH_TRAVERSAL_DETECTED"],
    ["a\\..\\escaped", "RESTORE_PATH_TRAVERSAL_DETECTED"],
    ["", "RESTORE_PATH_TRAVERSAL_DETECTED"],
    ["a//b", "RESTORE_PATH_TRAVERSAL_DETECTED"],
    ["a\u0000b", "RESTORE_PATH_NULL_BYTE_DETECTED"],
  ])("writes nothing at the path %j", async (path, code) => {
    using project = makeProject({});
    writeBundle(project.root, {
      ...sealBundle({ outputs: { ok: "ok", [path]: "x" } }),
      outputs: { ok: "ok" },
    });
    const args = ["run/run-001", "--files", "files", "--any-signer"];
    for (const to of [TO_NEW, ["--to", ".."]]) {
      expect(await failed(project, [...args, ...to])).toMatchObject({
        code,
        phase: "PREFLIGHT",
        details: { path },
        exit_code: 5,
      });
    }
  });

  it("puts nothing where a restore keeps its own", async () => {
    using project = makeProject({});
    writeBundle(project.root, sealBundle({ outputs: { ".spectrum06_staging_x/f": "x", ok: "ok" } }));
    const facts = await failed(project, ["run/run-001", "--files", "files", "--any-signer", ...TO_NEW]);
    expect(facts).toMatchObject({
      code: "RESTORE_PATH_TRAVERSAL_DETECTED",
      details: { path: ".spectrum06_staging_x/f" },
      exit_code: 5,
    });
  });

  it("refuses an output that is both a file and a folder", async () => {
    using project = makeProject({});
    const bundle = sealBundle({ outputs: { a: "x", "a/b": "y" } });
    writeBundle(project.root, { ...bundle, outputs: { a: "x" } });
    const facts = await failed(project, ["run/run-001", "--files", "files", "--any-signer", ...TO_NEW]);
    expect(facts).toMatchObject({ code: "RESTORE_PATH_TRAVERSAL_DETECTED", details: { path: "a/b" } });
  });

  it("refuses an output that bears the name of a result file, and leaves nothing", async () => {
    using project = makeProject({});
    writeBundle(project.root, sealBundle({ outputs: { "RESTORE_REPORT.json": "{}", a: "x" } }));
    for (const to of [TO_NEW, ["--to", "out"]]) {
      mkdirSync(project.at("out"), { recursive: true });
      const facts = await failed(project, ["run/run-001", "--files", "files", "--any-signer", ...to]);
      expect(facts["code"]).toBe("RESTORE_RESULT_ARTIFACT_WRITE_FAILED");
      expect([5, 6]).toContain(facts["exit_code"]);
    }
  });
});

describe.concurrent("runseal restore: sources and targets that aren't what they seem", () => {
  it("never hangs at a FIFO in a source's or a target's place", async () => {
    using project = await makeSealedProject();
    rmSync(project.at("out", "a.txt"));
    makeFifo(project.at("out", "a.txt"));
    rmSync(project.at(".runseal/packs"), { recursive: true });
    expect(await failed(project, [BUNDLE, ...TO_NEW])).toMatchObject({
      code: "RESTORE_VERIFY_STRICT_FAILED",
      details: { verifier_code: "OUTPUT_MISSING", path: "out/a.txt" },
    });
    rmSync(project.at("out", "a.txt"));
    project.write({ "out/a.txt": "alpha\n", "there/out/x": "" });
    makeFifo(project.at("there", "out", "a.txt"));
    expect(await failed(project, [BUNDLE, "--to", "there"])).toMatchObject({
      code: "RESTORE_TARGET_PATH_EXISTS",
    });
    expect(await failed(project, [BUNDLE, "--to", "there/out/a.txt"])).toMatchObject({
      code: "RESTORE_TARGET_NOT_DIRECTORY",
    });
  });

  it("is stopped by a file where a folder must be, and undoes what it did", async () => {
    using project = await makeSealedProject({ "out/a.txt": "1", "out/z/f": "2" });
    project.write({ "there/out/z": "a file" });
    const facts = await failed(project, [BUNDLE, "--to", "there"]);
    expect(facts).toMatchObject({ code: "RESTORE_FINALIZE_FAILED", phase: "EXECUTE", exit_code: 6 });
    const { stderr } = await project.changesNothing(["restore", BUNDLE, "--to", "there"]);
    expect(stderr).toMatch(
      /^error: RESTORE_FINALIZE_FAILED: "out\/z\/f" could not be put in place[^\n]*; everything was undone\n/,
    );
  });
});

describe.concurrent("runseal restore: a target that can't be written", () => {
  it("says so of a closed folder", async ({ skip }) => {
    using project = await makeSealedProject();
    mkdirSync(project.at("there"));
    if (!(await project.becomeOrdinaryUser())) skip("no ordinary user can run the program here");
    chmodSync(project.at("there"), 0o555);
    for (const to of [
      ["--to", "there"],
      ["--to", "there/new", "--mkdir"],
    ]) {
      expect(await failed(project, [BUNDLE, ...to])).toMatchObject({
        code: "RESTORE_TARGET_NOT_WRITABLE",
        phase: "PREFLIGHT",
        details: { reason: "no-permission" },
        exit_code: 5,
      });
    }
    setMode(project.at("there"), 0o755);
    mkdirSync(project.at("there", "out"), { mode: 0o555 });
    chmodSync(project.at("there", "out"), 0o555);
    const inside = await failed(project, [BUNDLE, "--to", "there"]);
    if (process.getuid?.() !== 0)
      expect(inside).toMatchObject({ details: { reason: "no-permission" }, exit_code: 6 });
  });

  it("says so of a read-only file system", async ({ skip }) => {
    using project = await makeSealedProject();
    mkdirSync(project.at("disk"));
    using disk = new SmallDisk(project.at("disk"), "ro,size=1m");
    if (!disk.mounted) skip("nothing can be mounted here");
    for (const to of [
      ["--to", "disk"],
      ["--to", "disk/new", "--mkdir"],
    ]) {
      expect(await failed(project, [BUNDLE, ...to])).toMatchObject({
        code: "RESTORE_TARGET_NOT_WRITABLE",
        details: { reason: "read-only" },
        exit_code: 5,
      });
    }
  });

  it("leaves nothing on a disk that gets full", async ({ skip }) => {
    using project = await makeProjectWithKey({ "out/a": "x".repeat(40_000), "out/b": "y".repeat(40_000) });
    await project.done(["seal", "out", "--id", "one"]);
    mkdirSync(project.at("disk"));
    using disk = new SmallDisk(project.at("disk"), "size=64k");
    if (!disk.mounted) skip("nothing can be mounted here");
    for (const to of [
      ["--to", "disk"],
      ["--to", "disk/new", "--mkdir"],
    ]) {
      expect(await failed(project, [BUNDLE, ...to])).toMatchObject({
        code: "RESTORE_INTERNAL_ERROR",
        phase: "EXECUTE",
        details: { reason: "no-space" },
        exit_code: 6,
      });
      const { stderr } = await project.changesNothing(["restore", BUNDLE, ...to]);
      expect(stderr).toContain("the disk is full; everything was undone\n");
    }
    expect(namesIn(project.at("disk"))).toEqual([]);
  });
});
