import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { canonical, FIRST_SEED, SECOND_SEED, testSigner } from "../../support/bundles/bundle.ts";
import { makeProjectWithKey, type Project } from "../../support/command/cli.ts";
import { overwrite, packNames } from "../../support/store/packs.ts";

const RECORD = ".runseal/DROPPED.json";
const VERIFY = ["verify", "--history"];
const LATER = { SOURCE_DATE_EPOCH: "1900000000" };

/** A project with runs of one file that changes, and one that stays. */
async function lineOf(count: number): Promise<Project> {
  const project = await makeProjectWithKey();
  for (let number = 1; number <= count; number++) await seal(project, number);
  return project;
}

async function seal(project: Project, number: number): Promise<void> {
  project.write({ "out/a.txt": `content ${number}\n`, "out/b.txt": "the same\n" });
  await project.done(["seal", "out", "--id", `run-${number}`]);
}

function rootOf(project: Project, id: string): string {
  const path = project.at(`.runseal/runs/${id}/SIGNED_PAYLOAD.json`);
  return (JSON.parse(readFileSync(path, "utf8")) as { bundle_root: string }).bundle_root;
}

const listed = (project: Project, ...ids: readonly string[]): object[] =>
  ids.map((id) => ({ bundle_root: rootOf(project, id), run_id: id }));

/** DROPPED.json from the protocol's words. */
function recordOf(runs: readonly object[], seed: string, prefix = "RUNSEAL-DROPPED-v1:"): string {
  const signer = testSigner(seed);
  const members = { dropped_at: "2026-11-26T01:02:03Z", public_key: signer.publicKeyHex, runs, version: 1 };
  const signature = signer.sign(Buffer.from(prefix + canonical(members)));
  return `${canonical({ ...members, signature })}\n`;
}

/** The bytes of run-1 are gone, and no record says why. */
async function robbed(): Promise<Project> {
  const project = await lineOf(3);
  await project.done(["prune", "--keep-last", "2"]);
  rmSync(project.at(RECORD));
  return project;
}

describe.concurrent("runseal prune of a project with a retention", () => {
  it("drops the bytes of old runs, keeps all bundles, and leaves a history that verifies with a note", async () => {
    using project = await lineOf(4);
    const { stdout } = await project.done(["prune", "--keep-last", "2"], {
      env: { ...project.env, ...LATER },
    });
    expect(stdout).toMatch(
      /^dropped {2}the bytes of 2 runs: run-1, run-2\nkept {5}2 runs, and all bundles\nfreed {4}2 objects, 20 bytes\n/,
    );
    expect(readdirSync(project.at(".runseal/runs"))).toHaveLength(4);
    expect(JSON.parse(readFileSync(project.at(RECORD), "utf8"))).toMatchObject({
      dropped_at: "2030-03-17T17:46:40Z",
      runs: listed(project, "run-1", "run-2"),
    });
    for (const from of [[], ["--stored"]])
      expect(await project.json([...VERIFY, ...from])).toMatchObject({
        ok: true,
        run_ids: ["run-1", "run-2", "run-3", "run-4"],
        notes: ["run-1", "run-2"].map((run_id) => ({
          code: "HISTORY_BYTES_DROPPED",
          run_id,
          subject: "2030-03-17T17:46:40Z",
        })),
        files: 4,
      });
    expect((await project.done(VERIFY)).stdout).toContain(
      'note: HISTORY_BYTES_DROPPED: bytes of runs "run-1" and "run-2" were dropped, the last ones at 2030-03-17T17:46:40Z\n',
    );
    expect(await project.json(["status"])).toMatchObject({ whole: true });
  });

  it("says nothing of dropped bytes where the store has them all the same", async () => {
    using project = await makeProjectWithKey();
    await seal(project, 1);
    project.write({ "out/c.txt": "more\n" });
    await project.done(["seal", "out", "--id", "run-2"]);
    await project.done(["prune", "--keep-last", "1"]);
    project.write({ "out/a.txt": "changed\n" });
    const { stderr } = await project.run(["verify", "run-1"]);
    expect(stderr).toContain("hint: the store has an object for each file of this run");
    expect(stderr).not.toContain("dropped");
  });

  it("says with --dry-run how many bytes it would free, and signs and removes nothing", async () => {
    using project = await lineOf(3);
    const { exitCode, stdout } = await project.changesNothing(["prune", "--keep-last", "1", "--dry-run"]);
    expect({ exitCode, stdout }).toEqual({
      exitCode: 0,
      stdout: expect.stringMatching(
        /^plan {5}the bytes of 2 runs: run-1, run-2\nkept {5}1 run, and all bundles\nplan {5}2 objects, 20 bytes\n/,
      ),
    });
    expect(await project.json(["prune", "--keep-last", "1", "--dry-run"])).toMatchObject({
      dropped_run_ids: ["run-1", "run-2"],
      forgotten: [],
      bytes: 20,
    });
  });

  it("drops more later, and keeps what it listed", async () => {
    using project = await lineOf(3);
    await project.done(["prune", "--keep-last", "2"]);
    await seal(project, 4);
    expect(await project.json(["prune", "--keep-last", "2"])).toMatchObject({ dropped_run_ids: ["run-2"] });
    expect(JSON.parse(readFileSync(project.at(RECORD), "utf8"))).toMatchObject({
      runs: listed(project, "run-1", "run-2"),
    });
    expect(await project.json(VERIFY)).toMatchObject({ ok: true });
    expect(await project.json(["prune", "--keep-last", "2"])).toMatchObject({
      dropped_run_ids: [],
      removed: 0,
    });
  });

  it("finishes what one began that was killed after it signed", async () => {
    using project = await robbed();
    await seal(project, 4);
    // The record of run-1 and run-2 is durable, and the bytes of run-2 are still there.
    writeFileSync(project.at(RECORD), recordOf(listed(project, "run-1", "run-2"), FIRST_SEED));
    await project.done(["trust", "add", "pruner", testSigner(FIRST_SEED).publicKeyHex]);
    expect(await project.json(VERIFY)).toMatchObject({ ok: true, notes: [{ run_id: "run-1" }] });
    expect(await project.json(["prune", "--keep-last", "2"])).toMatchObject({
      dropped_run_ids: [],
      removed: 1,
      bytes: 10,
    });
    expect(await project.json(VERIFY)).toMatchObject({
      ok: true,
      notes: [{ run_id: "run-1" }, { run_id: "run-2" }],
    });
  });

  it("compares the bytes of a dropped run that are still there", async () => {
    using project = await lineOf(3);
    await project.done(["prune", "--keep-last", "2"]);
    for (const name of packNames(project.root))
      overwrite(project.at(`.runseal/packs/${name}`), (bytes) => {
        const at = bytes.indexOf("the same\n");
        if (at >= 0) bytes.write("THE SAME", at);
        return bytes;
      });
    expect(await project.json([...VERIFY, "--stored"])).toMatchObject({
      code: "HASH_MISMATCH",
      details: { run_id: "run-1", path: "out/b.txt" },
    });
  });

  it("excuses no run that the record does not list", async () => {
    using project = await lineOf(3);
    await project.done(["prune", "--keep-last", "2"]);
    rmSync(project.at(".runseal/packs"), { recursive: true });
    for (const from of [[], ["--stored"]])
      expect(await project.json([...VERIFY, ...from])).toMatchObject({
        ok: false,
        details: { run_id: "run-2" },
      });
  });

  it("never signs that bytes were dropped which were missing or damaged before, and leaves such runs out", async () => {
    for (const harm of ["remove", "damage"] as const) {
      using project = await lineOf(1);
      const [pack = ""] = packNames(project.root);
      for (const number of [2, 3]) await seal(project, number);
      const path = project.at(`.runseal/packs/${pack}`);
      if (harm === "remove") rmSync(path);
      else
        overwrite(path, (bytes) => {
          bytes.write("CONTENT 1", bytes.indexOf("content 1"));
          return bytes;
        });
      const before = await project.json(VERIFY);
      expect(before).toMatchObject({ ok: false, details: { run_id: "run-1" } });
      const dry = await project.json(["prune", "--keep-last", "1", "--dry-run"]);
      expect(dry).toMatchObject({ ok: true, dropped_run_ids: harm === "remove" ? [] : ["run-2"] });
      const { exitCode, stderr } = await project.run(["prune", "--keep-last", "1"]);
      expect(exitCode).toBe(0);
      expect(stderr).toContain("not dropped, as the store does not have all of their bytes as sealed: run-1");
      expect(await project.json(VERIFY)).toMatchObject({ ok: false, details: { run_id: "run-1" } });
    }
  });

  it("drops the bytes of other runs where one was sealed with --no-keep, and does not list that one", async () => {
    using project = await lineOf(1);
    project.write({ "out/a.txt": "never kept\n" });
    await project.done(["seal", "out", "--id", "run-2", "--no-keep"]);
    await seal(project, 3);
    expect(await project.json(["prune", "--keep-last", "1"])).toMatchObject({
      ok: true,
      dropped_run_ids: ["run-1"],
    });
    expect(JSON.parse(readFileSync(project.at(RECORD), "utf8"))).toMatchObject({
      runs: listed(project, "run-1"),
    });
  });

  it("counts no file of a dropped run as differing on the disk", async () => {
    using project = await lineOf(3);
    await project.done(["prune", "--keep-last", "1"]);
    expect(await project.json(VERIFY)).toMatchObject({
      ok: true,
      runs: [
        { run_id: "run-1", differing: null },
        { run_id: "run-2", differing: null },
        { run_id: "run-3", differing: 0 },
      ],
    });
  });

  it("is refused before anything goes where its signer alone does not satisfy the policy", async () => {
    using project = await lineOf(3);
    await project.done(["trust", "add", "second", testSigner(SECOND_SEED).publicKeyHex]);
    await project.done(["trust", "require", "2", "of", "default,second"]);
    for (const more of [[], ["--bundles"]]) {
      const end = await project.changesNothing(["prune", "--keep-last", "1", ...more]);
      expect({ exitCode: end.exitCode, stderr: end.stderr }).toEqual({
        exitCode: 3,
        stderr: expect.stringMatching(/^error: SIGNER_THRESHOLD_UNMET: nothing was removed: /),
      });
    }
  });

  it("leaves verify of a dropped run OUTPUT_MISSING, and says in a hint when bytes were dropped", async () => {
    using project = await lineOf(2);
    await project.done(["prune", "--keep-last", "1"], { env: { ...project.env, ...LATER } });
    const { exitCode, stderr } = await project.run(["verify", "run-1", "--stored"]);
    expect({ exitCode, stderr }).toEqual({
      exitCode: 1,
      stderr: expect.stringMatching(
        /^error: OUTPUT_MISSING: .*\n(?:.*\n)*hint: .*dropped bytes of this run.* 2030-03-17T17:46:40Z\n/,
      ),
    });
  });

  it("leaves a restore of a dropped run refused, and says when bytes were dropped", async () => {
    using project = await lineOf(2);
    await project.done(["prune", "--keep-last", "1"], { env: { ...project.env, ...LATER } });
    const { exitCode, stderr } = await project.run(["restore", "run-1", "--to", "back", "--mkdir"]);
    expect(exitCode).not.toBe(0);
    expect(stderr).toContain(
      "dropped bytes of this run; it dropped the last ones of this project at 2030-03-17T17:46:40Z",
    );
    expect(existsSync(project.at("back"))).toBe(false);
  });

  it("says when bytes were dropped to each command that needs them", async () => {
    using project = await lineOf(2);
    await project.done(["prune", "--keep-last", "1"], { env: { ...project.env, ...LATER } });
    for (const args of [
      ["push", "run-1", "one.runseal"],
      ["push", "--all", "all.runseal"],
      ["push", "run-1", "oci-layout:layout:one"],
      ["export", "run-1"],
      ["sign", "--counter", "run-1"],
    ]) {
      const { exitCode, stderr } = await project.changesNothing(args);
      expect(exitCode).not.toBe(0);
      expect(stderr).toContain("hint: runseal prune dropped bytes of this run; it dropped the last ones");
    }
    expect((await project.run(["push", "run-2", "two.runseal"])).exitCode).toBe(0);
  });

  it("drops bytes that pull brings back from what the run was pushed to", async () => {
    using project = await lineOf(2);
    await project.done(["push", "run-1", "oci-layout:layout:one"]);
    await project.done(["prune", "--keep-last", "1"]);
    expect(await project.json(VERIFY)).toMatchObject({ ok: true, notes: [{ run_id: "run-1" }] });
    const pull = ["pull", "oci-layout:layout:one"];
    expect((await project.done(pull)).stdout).not.toContain("pulled   nothing");
    expect((await project.done(pull)).stdout).toContain("pulled   nothing: the run was here already\n");
    expect(await project.json(VERIFY)).toMatchObject({ ok: true, notes: [] });
    await project.done(["restore", "run-1", "--to", "back", "--mkdir"]);
    expect(readFileSync(project.at("back/out/a.txt"), "utf8")).toBe("content 1\n");
  });

  it("asks before it drops bundles by the usual rule, and a program must say --yes", async () => {
    using project = await makeProjectWithKey();
    const early = { env: { ...project.env, SOURCE_DATE_EPOCH: "1600000000" } };
    for (let number = 1; number <= 52; number++) {
      project.write({ "out/a.txt": `${number}\n` });
      await project.done(["seal", "out", "--id", `run-${number}`], early);
    }
    const end = await project.changesNothing(["prune", "--bundles"]);
    expect(end.exitCode).toBe(2);
    expect(end.stderr).toContain("--yes does it without asking");
    expect(await project.json(["prune", "--bundles", "--yes"])).toMatchObject({ kept_runs: 50 });
  });
});

describe.concurrent("a stranger's DROPPED.json", () => {
  it("waives nothing without a signature that holds", async () => {
    using project = await robbed();
    const right = recordOf(listed(project, "run-1"), FIRST_SEED);
    const unsigned = right.replace(/"signature":"[0-9a-f]+"/, `"signature":"${"00".repeat(64)}"`);
    const otherDomain = recordOf(listed(project, "run-1"), FIRST_SEED, "RUNSEAL-CUT-v1:");
    for (const record of [unsigned, otherDomain, right.trimEnd(), "{}\n", ""]) {
      writeFileSync(project.at(RECORD), record);
      expect(await project.json([...VERIFY, "--any-signer"])).toMatchObject({
        ok: false,
        exit_code: 1,
        details: { run_id: "run-1" },
      });
    }
  });

  it("waives nothing by a key that is not trusted, and stops a prune", async () => {
    using project = await robbed();
    writeFileSync(project.at(RECORD), recordOf(listed(project, "run-1"), SECOND_SEED));
    const facts = await project.json(VERIFY);
    expect(facts).toMatchObject({ ok: false, code: "SIGNER_UNKNOWN", exit_code: 3 });
    expect(facts["message"]).toContain("the record of dropped bytes: ");
    const { exitCode, stderr } = await project.changesNothing(["prune", "--keep-last", "1"]);
    expect({ exitCode, stderr }).toEqual({
      exitCode: 3,
      stderr: expect.stringMatching(
        /^error: SIGNER_UNKNOWN: nothing was removed: the record of dropped bytes: /,
      ),
    });
  });

  it("stops a prune where it is not what runseal writes, and is not overwritten", async () => {
    using project = await robbed();
    const right = recordOf(listed(project, "run-1"), FIRST_SEED);
    const unsigned = right.replace(/"signature":"[0-9a-f]+"/, `"signature":"${"00".repeat(64)}"`);
    await seal(project, 4);
    for (const record of [unsigned, "{}\n", ""]) {
      writeFileSync(project.at(RECORD), record);
      const { exitCode, stderr } = await project.changesNothing(["prune", "--keep-last", "1"]);
      expect({ exitCode, stderr }).toEqual({
        exitCode: 1,
        stderr: expect.stringMatching(/^error: HEAD_MALFORMED: .*DROPPED\.json/),
      });
    }
  });

  it("gives no hint for another run of the same id", async () => {
    using project = await robbed();
    using other = await lineOf(2);
    const foreign = recordOf([{ bundle_root: rootOf(other, "run-2"), run_id: "run-1" }], FIRST_SEED);
    writeFileSync(project.at(RECORD), foreign);
    const { stderr } = await project.run(["verify", "run-1", "--stored"]);
    expect(stderr).toMatch(/^error: OUTPUT_MISSING: /);
    expect(stderr).not.toContain("dropped bytes of this run");
  });

  it("has no effect where it lists runs of another project alone, or runs that are whole", async () => {
    using project = await robbed();
    using other = await lineOf(2);
    await project.done(["trust", "add", "pruner", testSigner(FIRST_SEED).publicKeyHex]);
    const foreign = recordOf([{ bundle_root: rootOf(other, "run-2"), run_id: "run-1" }], FIRST_SEED);
    writeFileSync(project.at(RECORD), foreign);
    expect(await project.json(VERIFY)).toMatchObject({ ok: false, details: { run_id: "run-1" } });
    writeFileSync(other.at(RECORD), recordOf(listed(other, "run-1"), SECOND_SEED));
    expect(await other.json(VERIFY)).toMatchObject({ ok: true, notes: [] });
  });

  it("excuses no output of the head", async () => {
    using project = await lineOf(2);
    await project.done(["trust", "add", "pruner", testSigner(FIRST_SEED).publicKeyHex]);
    writeFileSync(project.at(RECORD), recordOf(listed(project, "run-1", "run-2"), FIRST_SEED));
    rmSync(project.at("out/a.txt"));
    expect(await project.json(VERIFY)).toMatchObject({
      code: "OUTPUT_MISSING",
      details: { run_id: "run-2" },
    });
  });
});
