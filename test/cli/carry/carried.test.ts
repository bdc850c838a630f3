import { readFileSync, rmSync } from "node:fs";
import { gzipSync } from "node:zlib";
import { afterEach, describe, expect, it } from "vitest";
import { SECOND_SEED, sealBundle, testSigner, writeBundle } from "../../support/bundles/bundle.ts";
import { caseOf } from "../../support/command/case-of.ts";
import { makeSealedProject, type Project } from "../../support/command/cli.ts";
import { snapshotTree } from "../../support/files/tree.ts";

const made: Project[] = [];
afterEach(() => {
  for (const project of made.splice(0)) project[Symbol.dispose]();
});

/** A project with an archive of its run, and one of two runs. */
async function packed(): Promise<{ readonly project: Project; readonly bytes: Buffer }> {
  const project = await makeSealedProject();
  made.push(project);
  await project.done(["push", "one", "one.runseal"]);
  project.write({ "out/c.txt": "gamma\n" });
  await project.done(["seal", "out", "--id", "two"]);
  await project.done(["push", "one", "two", "both.runseal"]);
  return { project, bytes: readFileSync(project.at("one.runseal")) };
}

describe("a reference with a digest", () => {
  const DIGEST = `sha256:${"0123456789abcdef".repeat(4)}`;

  it.each([
    [`oci-layout:x@${DIGEST}`, "REGISTRY_NOT_FOUND layout"],
    // Not lawful, so that no test asks a registry.
    [`r.example/Runs@${DIGEST}`, "ARGUMENT_MALFORMED repository"],
    [`runs@${DIGEST}`, "ARGUMENT_MALFORMED repository"],
  ])("is never the archive or the run directory of that path: %s", async (reference, code) => {
    const { bytes, project } = await packed();
    const readers = [
      ["verify", reference],
      ["show", reference],
      ["diff", reference, reference],
      ["prove", reference, "out/a.txt"],
      ["restore", reference, "--to", "t", "--mkdir"],
      ["verify", reference, "--report", "page.html"],
      ["verify", "--history", reference],
      ["pull", reference],
    ];
    const others = [
      ["push", reference, "two.runseal"],
      ["push", reference, "oci-layout:there"],
      ["export", reference, "--format", "sums"],
      ["sign", "--counter", reference],
      ["sign", "--time", reference, "--tsa", "http://localhost:1"],
      ["undo", "--restored", ".", reference],
    ];
    const run = readFileSync(project.at(".runseal/runs/one/STATUS.json"));
    for (const files of [{ [reference]: bytes }, { [`${reference}/STATUS.json`]: run }]) {
      project.write(files);
      for (const args of readers) expect(caseOf(await project.json(args)), args[0]).toBe(code);
      for (const args of others) expect((await project.json(args))["exit_code"], args[0]).toBe(2);
      rmSync(project.at(reference), { recursive: true });
    }
    project.write({ [reference]: bytes });
    expect(await project.json(["verify", `./${reference}`])).toMatchObject({ ok: true, run_id: "one" });
  });
});

describe("an archive in the place of a bundle", () => {
  it("is verified from a file and from stdin", async () => {
    const { bytes, project } = await packed();
    expect(await project.json(["verify", "one.runseal"])).toMatchObject({
      ok: true,
      run_id: "one",
      source: "archive",
      unsealed: null,
    });
    expect(await project.json(["verify", "-"], { input: bytes })).toMatchObject({ ok: true });
  });

  it("that is compressed is refused", async () => {
    const { bytes, project } = await packed();
    const input = gzipSync(bytes);
    project.write({ "one.gz": input });
    const refused = { code: "CARRIED_RUN_MALFORMED", details: { reason: "foreign" }, exit_code: 1 };
    expect(await project.json(["verify", "./one.gz"])).toMatchObject(refused);
    expect(await project.json(["verify", "-"], { input })).toMatchObject(refused);
  });

  it("without a binding is refused from a pipe and a registry, and read from a file and once it is pulled", async () => {
    const project = await makeSealedProject();
    made.push(project);
    writeBundle(project.root, sealBundle());
    const unbound = ["run/run-001", "--files", "files"];
    await project.done(["push", ...unbound, "unbound.runseal"]);
    await project.done(["push", ...unbound, "oci-layout:layout/runs:tagged"]);
    const refused = { code: "BUNDLE_UNSUITABLE", details: { reason: "unbound" }, exit_code: 2 };
    const any = "--any-signer";
    const input = readFileSync(project.at("unbound.runseal"));
    expect(await project.json(["verify", "-", any], { input })).toMatchObject(refused);
    expect(await project.json(["verify", "oci-layout:layout/runs:tagged", any])).toMatchObject(refused);
    expect(await project.json(["verify", "unbound.runseal", any])).toMatchObject({ ok: true });
    await project.done(["pull", "oci-layout:layout/runs:tagged", "--here", "--project", "there", any]);
    expect(await project.json(["verify", "run-001", "--project", "there", "--stored", any])).toMatchObject({
      ok: true,
    });
  });

  it("is never meant by a bare word: that is the id of a run, and the hint says how to name what lies here", async () => {
    const { bytes, project } = await packed();
    project.write({ two: bytes, three: bytes });
    expect(await project.json(["verify", "two"])).toMatchObject({ ok: true, run_id: "two", source: "root" });
    const missed = await project.json(["verify", "three"]);
    expect(missed).toMatchObject({ code: "RUN_NOT_FOUND", exit_code: 4 });
    expect(missed["hint"]).toContain("'./three' names the file or folder here");
    for (const there of ["./two", "./three"])
      expect(await project.json(["verify", there])).toMatchObject({ run_id: "one", source: "archive" });
  });

  it("with several runs has each judged, and is accepted only if all of them are", async () => {
    const { project } = await packed();
    const facts = await project.json(["verify", "both.runseal"]);
    expect(facts).toMatchObject({ ok: true, run_id: "two" });
    expect(facts["runs"]).toMatchObject([{ run_id: "one" }, { run_id: "two" }]);
    const other = testSigner(SECOND_SEED).publicKeyHex;
    expect(await project.json(["verify", "both.runseal", "--signer", other])).toMatchObject({
      code: "SIGNER_UNKNOWN",
      exit_code: 3,
    });
    expect(await project.json(["verify", "both.runseal", "--run", "one"])).not.toHaveProperty("runs");
    expect(await project.json(["verify", "--history", "both.runseal"])).toMatchObject({
      ok: true,
      run_ids: ["one", "two"],
    });
  });

  it("is restored as the folder was, from stdin without the project", async () => {
    const { bytes, project } = await packed();
    rmSync(project.at("out/c.txt"));
    const sealed = snapshotTree(project.at("out"));
    rmSync(project.at(".runseal"), { recursive: true });
    await project.done(["restore", "-", "--to", "target", "--mkdir"], { input: bytes });
    expect(snapshotTree(project.at("target/out"))).toEqual(sealed);
    await project.done(["undo", "--restored", "target"]);
    expect(await project.json(["restore", "both.runseal", "--to", "t", "--mkdir"])).toMatchObject({
      code: "AMBIGUOUS",
      details: { reason: "run", names: ["one", "two"] },
      exit_code: 2,
    });
    await project.done(["restore", "both.runseal", "--to", "chain", "--mkdir", "--history"]);
    expect(snapshotTree(project.at("chain/one/out"))).toEqual(sealed);
  });

  it("never stands in for a run of its name where runs are shown, proven and restored", async () => {
    const { bytes, project } = await packed();
    project.write({ two: "no archive\n" });
    await project.done(["prove", "two", "out/c.txt", "-o", "proof-of-a-run"]);
    project.write({ two: bytes });
    expect(await project.json(["verify", "./two"])).toMatchObject({ ok: true, run_id: "one" });
    expect(await project.json(["show", "two"])).toMatchObject({ run_id: "two" });
    await project.done(["verify", "--history", "one", "two"]);
    await project.done(["prove", "two", "out/c.txt", "-o", "proof"]);
    await project.done(["restore", "two", "--to", "t", "--mkdir"]);
    expect(readFileSync(project.at("t/out/c.txt"), "utf8")).toBe("gamma\n");
  });

  it("is reported on as a page, from a file, from stdin, and one run of several", async () => {
    const { bytes, project } = await packed();
    const verdict = { ok: true, source: "archive" };
    expect(await project.json(["verify", "one.runseal", "--report", "report.html"])).toMatchObject({
      ...verdict,
      run_id: "one",
    });
    const piped = ["verify", "-", "--report", "piped.html"];
    expect(await project.json(piped, { input: bytes })).toMatchObject({ ...verdict, run_id: "one" });
    const chosen = ["verify", "both.runseal", "--run", "one", "--report", "chosen.html"];
    expect(await project.json(chosen)).toMatchObject({ ...verdict, run_id: "one" });
    for (const page of ["report.html", "piped.html", "chosen.html"]) {
      const text = readFileSync(project.at(page), "utf8");
      expect(text).toMatch(/<dt>Files<\/dt><dd>[^<]*, in the archive<\/dd>/);
      expect(text).toContain("runseal verify ARCHIVE --run &#39;one&#39; --expect ");
    }
  });

  it("of a registry is reported on as a page, too", async () => {
    const { project } = await packed();
    await project.done(["push", "one", "oci-layout:layout/runs:tagged"]);
    expect(
      await project.json(["verify", "oci-layout:layout/runs:tagged", "--report", "report.html"]),
    ).toMatchObject({
      ok: true,
      run_id: "one",
      source: "registry",
    });
    const text = readFileSync(project.at("report.html"), "utf8");
    expect(text).toMatch(/<dt>Files<\/dt><dd>[^<]*, in the registry<\/dd>/);
    expect(text).toContain("runseal verify REFERENCE --expect ");
  });

  it("is shown, compared and proven from as a bundle is", async () => {
    const { bytes, project } = await packed();
    expect(await project.json(["show", "-"], { input: bytes })).toMatchObject({ run_id: "one" });
    expect(await project.json(["diff", "one.runseal", "two"])).toMatchObject({
      changes: [{ path: "out/c.txt", change: "added" }],
    });
    const several = await project.json(["diff", "both.runseal", "two"]);
    expect(several).toMatchObject({ code: "AMBIGUOUS", details: { reason: "run" }, exit_code: 2 });
    await project.done(["prove", "one.runseal", "out/a.txt", "-o", "proof"]);
    expect((await project.run(["check", "proof", "out/a.txt"])).exitCode).toBe(0);
  });

  it.each([
    [["verify", "one.runseal", "--stored"], "--stored"],
    [["verify", "one.runseal", "--project", "."], "--project"],
    [["verify", "one", "--run", "one"], "--run"],
    [["verify", "both.runseal", "--expect-id", "one"], "--expect-id"],
    [["verify", "one", "--run", "one", "--report", "page.html"], "--run"],
    [["verify", "one.runseal", "--stored", "--report", "page.html"], "--stored"],
    [
      ["verify", "both.runseal", "--report", "page.html"],
      "a report is about one run; choose it with --run ID",
    ],
    [["restore", "one.runseal", "--to", "t", "--files", "."], "--files"],
    [["restore", "one.runseal", "two", "--to", "t"], "one archive"],
    [["verify", "--history", "both.runseal", "--stored"], "--stored"],
    [["diff", "-", "-"], "stdin"],
    [["prove", "one.runseal"], "runseal prove RUN FILE"],
  ])("refuses options that say nothing of it: %j", async (args, named) => {
    const { project } = await packed();
    const { exitCode, stderr } = await project.run(args);
    expect(stderr).toContain("error: USAGE: ");
    expect(stderr).toContain(named);
    expect(exitCode).toBe(2);
  });
});
