import { readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { makeSealedProject, type Project } from "../../support/command/cli.ts";
import { textOf } from "../../support/page/page.ts";

/** Two runs of the same outputs, both kept. */
async function makeTwoRuns(): Promise<Project> {
  const project = await makeSealedProject();
  project.write({ "out/a.txt": "later\n" });
  await project.done(["seal", "out", "--id", "two"]);
  return project;
}

const MOVED = "the folder has moved on with two; 1 of 2 files differs";

async function reportOf(project: Project, ...args: readonly string[]): Promise<string> {
  expect((await project.run(["verify", "one", ...args, "--report", "page.html"])).exitCode).toBe(1);
  return readFileSync(project.at("page.html"), "utf8");
}

/** Expects a plain rejection, in text, JSON and report. */
async function expectRed(project: Project, run: string, stored: string | null = null): Promise<void> {
  const { exitCode, stderr, stdout } = await project.run(["verify", run]);
  expect({ exitCode, stderr }).toEqual({ exitCode: 1, stderr: expect.not.stringContaining("moved on") });
  expect(stdout).toContain("9 outputs     FAILED");
  expect(await project.json(["verify", run])).toMatchObject({ ok: false, moved_on: null, stored });
  await project.run(["verify", run, "--report", "page.html"]);
  expect(readFileSync(project.at("page.html"), "utf8")).toContain('class="verdict bad"');
}

describe.concurrent("verify of an older run whose files a later run overwrote", () => {
  it("says with which run the folder has moved on, and that the store holds what was sealed", async () => {
    using project = await makeTwoRuns();
    const { exitCode, stderr, stdout } = await project.run(["verify", "one"]);
    expect(exitCode).toBe(1);
    expect(stderr).toBe(
      `error: HASH_MISMATCH: ${MOVED}\nhint: the store holds each file as it was sealed; runseal restore 'one' --to DIR --mkdir brings it back\n`,
    );
    expect(stdout).toContain("9 outputs     differs");
    expect(await project.json(["verify", "one"])).toMatchObject({
      ok: false,
      code: "HASH_MISMATCH",
      message: MOVED,
      moved_on: { run_id: "two", differing: 1, files: 2 },
      stored: "whole",
      history: null,
    });
    const page = await reportOf(project);
    expect(page).toContain('class="verdict amber"');
    expect(textOf(page)).toContain(`The folder has moved on T${MOVED.slice(1)}. HASH_MISMATCH`);
    expect(textOf(page)).toContain("outputs differs Whether each file has the digest that was sealed.");
    expect(await project.json(["verify", "one", "--stored"])).toMatchObject({ ok: true, stored: "whole" });
  });

  it("says the same of runs that are named with --history, and not of a folder that no run explains", async () => {
    using project = await makeTwoRuns();
    project.write({ "out/a.txt": "last\n" });
    await project.done(["seal", "out", "--id", "three"]);
    const args = ["verify", "one", "two", "--history"];
    const said = MOVED.replace("two", "three");
    const { exitCode, stderr } = await project.run(args);
    expect({ exitCode, stderr }).toEqual({
      exitCode: 1,
      stderr: `error: HASH_MISMATCH: run "two": ${said}\nhint: the store holds each file as it was sealed; runseal restore 'two' --to DIR --mkdir brings it back\n`,
    });
    expect(await project.json(args)).toMatchObject({
      code: "HASH_MISMATCH",
      message: said,
      details: { run_id: "two" },
    });
    project.write({ "out/a.txt": "tampered\n" });
    expect((await project.run(args)).stderr).toContain('run "two": the output "out/a.txt" is not the file');
  });

  it("says so where the store does not keep the run", async () => {
    using project = await makeTwoRuns();
    for (const store of ["packs", "objects"])
      rmSync(project.at(".runseal", store), { recursive: true, force: true });
    const { stderr } = await project.run(["verify", "one"]);
    expect(stderr).toContain(`${MOVED}\nhint: the store does not keep this run`);
    expect(await project.json(["verify", "one"])).toMatchObject({
      moved_on: { run_id: "two" },
      stored: null,
    });
  });

  it("names the newest of several later runs that holds the file, and judges every file", async () => {
    using project = await makeTwoRuns();
    await project.done(["seal", "out", "--id", "three"]);
    project.write({ "elsewhere/x": "x\n" });
    await project.done(["seal", "elsewhere", "--id", "four"]);
    expect(await project.json(["verify", "one"])).toMatchObject({ moved_on: { run_id: "three" } });
    project.write({ "out/b.txt": "tampered\n" });
    await expectRed(project, "one");
  });

  it("rejects the newest run, and says that the store may hold its files", async () => {
    using project = await makeTwoRuns();
    project.write({ "out/a.txt": "tampered\n" });
    await expectRed(project, "two");
    await expectRed(project, "one");
    const hint = "hint: the store has an object for each file of this run: --stored verifies them\n";
    expect((await project.run(["verify", "two"])).stderr).toContain(`${hint}hint: Restore`);
    expect((await project.run(["verify", "--history"])).stderr).toContain(hint);
  });

  it("rejects a run whose bytes in the store are others, though a later run explains the folder", async () => {
    using project = await makeTwoRuns();
    for (const pack of readdirSync(project.at(".runseal/packs")).filter((name) => name.endsWith(".pack"))) {
      const path = project.at(".runseal/packs", pack);
      const bytes = readFileSync(path);
      const place = bytes.indexOf("alpha\n");
      if (place < 0) continue;
      bytes.writeUInt8(bytes.readUInt8(place) ^ 1, place);
      rmSync(path);
      writeFileSync(path, bytes);
    }
    await expectRed(project, "one", "damaged");
    expect((await project.run(["verify", "one"])).stderr).toContain("is corrupted");
    expect(await project.json(["verify", "one", "--stored"])).toMatchObject({ ok: false, stored: "damaged" });
  });

  it("believes no later run in a broken history, or of a signer that is not trusted", async () => {
    using project = await makeTwoRuns();
    await project.done(["seal", "out", "--id", "three"]);
    expect(await project.json(["verify", "one"])).toMatchObject({ moved_on: { run_id: "three" } });
    writeFileSync(project.at("no-keys"), "");
    expect(await project.json(["verify", "one", "--trust", "no-keys"])).toMatchObject({ moved_on: null });
    rmSync(project.at(".runseal/runs/two"), { recursive: true });
    await expectRed(project, "one");
  });
});

describe.concurrent("a verdict that includes the history of the project", () => {
  /** Four months, of which the second is missing. */
  async function makeGap(): Promise<Project> {
    const project = await makeTwoRuns();
    for (const id of ["three", "four"]) await project.done(["seal", "out", "--id", id]);
    rmSync(project.at(".runseal/runs/two"), { recursive: true });
    return project;
  }

  it("is accepted in a whole history, and says so", async () => {
    using project = await makeTwoRuns();
    expect(await project.json(["verify"])).toMatchObject({ ok: true, history: { ok: true, code: "OK" } });
    expect(await project.json(["verify", "two"])).toMatchObject({ ok: true, history: null });
  });

  it("says that the run is accepted and the history broken, and where", async () => {
    using project = await makeGap();
    const { exitCode, stderr, stdout } = await project.run(["verify"]);
    expect(exitCode).toBe(1);
    expect(stderr).toMatch(
      /error: HISTORY_GAP: this run is accepted; the history is broken: missing: [0-9a-f]{8}…, between one and three\n {2}missing: the bundle with the hash [0-9a-f]{64}\nhint: Get it/,
    );
    expect(stdout).toContain("\nrun      four\n");
    expect(stdout).not.toContain("accepted");
    expect(await project.json(["verify"])).toMatchObject({
      ok: false,
      code: "HISTORY_GAP",
      phase: "chain",
      verdict: { ok: true },
      trust: { ok: true },
      history: {
        ok: false,
        code: "HISTORY_GAP",
        missing: expect.stringMatching(/^[0-9a-f]{64}$/),
        between: ["one", "three"],
      },
    });
    await project.done(["verify", "four"]);
    project.write({ "out/a.txt": "tampered\n" });
    expect(await project.json(["verify"])).toMatchObject({ code: "HASH_MISMATCH", history: { ok: false } });
    expect((await project.run(["verify"])).stderr).toContain("warning: the history is broken: missing: ");
  });

  it("is the verdict of a report and of JUnit too, with the gap where it is", async () => {
    using project = await makeGap();
    const { exitCode } = await project.run(["verify", "four", "--report", "p.html", "--junit", "j.xml"]);
    expect(exitCode).toBe(1);
    const page = readFileSync(project.at("p.html"), "utf8");
    expect(page).toContain('class="verdict amber"');
    expect(textOf(page)).toMatch(
      /Accepted, but the history is broken This run is accepted; .*\. HISTORY_GAP .* four .* three .* missing: [0-9a-f]{8}…, between one and three .* one /,
    );
    expect(readFileSync(project.at("j.xml"), "utf8")).toContain('type="HISTORY_GAP"');
  });

  it("names in the report the command with the trust that was used", async () => {
    using project = await makeTwoRuns();
    await project.done(["verify", "two", "--any-signer", "--report", "p.html"]);
    expect(textOf(readFileSync(project.at("p.html"), "utf8"))).toMatch(
      /runseal verify 'two' --expect [0-9a-f]{64} --any-signer/,
    );
  });
});
