import { randomBytes } from "node:crypto";
import { chmodSync, existsSync, lstatSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { SECOND_SEED, testSigner } from "../../support/bundles/bundle.ts";
import { makeProjectWithKey, makeSealedProject, namesIn, type Project } from "../../support/command/cli.ts";
import { MountedFolder } from "../../support/files/file-systems.ts";

const MIB = 1024 * 1024;
const INTO = ["--here", "--project", "there"];

/** A project with a run that has a large output, and its archive. */
async function makeArchive(): Promise<Project> {
  const project = await makeSealedProject();
  writeFileSync(project.at("out/large"), Buffer.alloc(2 * MIB + 1, "large"));
  await project.done(["seal", "out", "--id", "two"]);
  await project.done(["push", "two", "two.runseal"]);
  return project;
}

describe.concurrent("runseal pull of an archive", () => {
  it("brings a run into a project, where it verifies and restores without the archive", async () => {
    using project = await makeArchive();
    const end = await project.done(["pull", "two.runseal", ...INTO]);
    expect(end.stdout).toMatch(/^from {5}two\.runseal\nrun {6}two\n/);
    expect(end.stdout).toContain(
      "\nnext     runseal restore 'two' --project 'there' --to DIR --mkdir\naccepted\n",
    );
    expect(namesIn(project.at("there/.runseal")).toSorted()).toEqual([
      ".gitignore",
      "objects",
      "packs",
      "pulled",
    ]);
    rmSync(project.at("two.runseal"));
    await project.done(["verify", "two", "--stored", "--project", "there"]);
    await project.done(["restore", "two", "--project", "there", "--to", "back", "--mkdir"]);
    expect(readFileSync(project.at("back/out/a.txt"), "utf8")).toBe("alpha\n");
    expect(lstatSync(project.at("back/out/large")).size).toBe(2 * MIB + 1);
    expect(await project.json(["store", "check", "--project", "there"])).toMatchObject({ ok: true });
  });

  it("takes it from stdin, and takes nothing again that the store has", async () => {
    using project = await makeArchive();
    const input = readFileSync(project.at("two.runseal"));
    const first = await project.json(["pull", "-", ...INTO], { input, env: project.env });
    expect(first).toMatchObject({
      ok: true,
      archive: "-",
      was_there: false,
      in_history: false,
      present_bytes: 0,
    });
    expect(first["reference"]).toBeUndefined();
    const again = await project.json(["pull", "two.runseal", ...INTO]);
    expect(again).toMatchObject({ ok: true, was_there: true, fetched_bytes: 0 });
    expect(again["present_bytes"]).toBe(first["fetched_bytes"]);
  });

  it("asks which one where it has several runs", async () => {
    using project = await makeArchive();
    await project.done(["push", "--all", "all.runseal"]);
    expect(await project.json(["pull", "all.runseal", ...INTO])).toMatchObject({
      code: "AMBIGUOUS",
      details: { names: ["one", "two"] },
    });
    expect(await project.json(["pull", "all.runseal", "--run", "two", ...INTO])).toMatchObject({
      ok: true,
      run_id: "two",
    });
    await project.done(["verify", "two", "--stored", "--project", "there"]);
    expect(namesIn(project.at("there/.runseal/pulled"))).toEqual(["two"]);
  });

  it("brings back a run that the history names and lost, with its bytes", async () => {
    using project = await makeArchive();
    await project.done(["seal", "out/a.txt", "--id", "three"]);
    rmSync(project.at(".runseal/runs/two"), { recursive: true });
    await project.done(["prune"]);
    expect(await project.json(["pull", "two.runseal"])).toMatchObject({ ok: true, in_history: true });
    await project.done(["verify", "--history", "--stored"]);
  });

  it("leaves no run of one whose signer is not trusted, or whose bytes are not as sealed", async () => {
    using project = await makeArchive();
    const signer = testSigner(SECOND_SEED).publicKeyHex;
    const refused = await project.json(["pull", "two.runseal", ...INTO, "--signer", signer]);
    expect(refused).toMatchObject({
      code: "SIGNER_UNKNOWN",
      exit_code: 3,
      run_id: "two",
      archive: "two.runseal",
    });
    expect(existsSync(project.at("there"))).toBe(false);
    const bytes = readFileSync(project.at("two.runseal"));
    bytes.write("X", bytes.indexOf("largelarge") + 7);
    writeFileSync(project.at("two.runseal"), bytes);
    expect(await project.json(["pull", "two.runseal", ...INTO])).toMatchObject({ code: "HASH_MISMATCH" });
    expect(existsSync(project.at("there/.runseal/pulled/two"))).toBe(false);
  });

  it("says where a pulled run came from, and keeps it out of the history", async () => {
    using project = await makeArchive();
    const facts = await project.json(["push", "two", "oci-layout:layout:v1"]);
    const { reference } = (facts["runs"] as readonly [{ readonly reference: string }])[0];
    const sources = { "two.runseal": "two.runseal", "oci-layout:layout:v1": reference };
    for (const [into, [source, from]] of Object.entries(sources).entries()) {
      const there = ["--project", `there-${into}`];
      await project.done(["pull", source, "--here", ...there]);
      await project.done(["pull", source, ...there]);
      expect((await project.done(["show", "two", ...there])).stdout).toMatch(
        `run      two\npulled   from ${from}\nverdict  `,
      );
      expect(await project.json(["show", "two", ...there])).toMatchObject({ pulled_from: from });
      await project.done(["verify", "two", "--stored", ...there]);
      const log = await project.run(["log", ...there]);
      expect(log.stderr).toMatch(
        /^note: not of this history, but pulled: run "two"\nhint: runseal show RUN /,
      );
      expect(await project.json(["log", ...there])).toMatchObject({ runs: [], pulled_runs: ["two"] });
    }
    expect(await project.json(["log"])).toMatchObject({ pulled_runs: [] });
    expect((await project.json(["show", "two"]))["pulled_from"]).toBeUndefined();
  });

  it("keeps private what the tree of a snapshot closes to other users", async () => {
    using project = await makeProjectWithKey({ secret: "s".repeat(MIB + 2), small: "1" });
    for (const name of ["secret", "small"]) chmodSync(project.at(name), 0o600);
    await project.done(["snapshot", ".", "--id", "closed"]);
    await project.done(["push", "closed", "../closed.runseal"]);
    await project.done(["pull", "../closed.runseal", "--here", "--project", "../there"]);
    const own = project.at("../there/.runseal");
    const [pack = ""] = namesIn(`${own}/packs`).filter((name) => name.endsWith(".pack"));
    const [folder = ""] = namesIn(`${own}/objects`);
    const [object = ""] = namesIn(`${own}/objects/${folder}`);
    const modes = [`packs/${pack}`, `objects/${folder}/${object}`].map(
      (path) => lstatSync(`${own}/${path}`).mode,
    );
    expect(modes.map((mode) => mode & 0o777)).toEqual([0o400, 0o400]);
  });
});

describe.concurrent("runseal pull onto a disk that is full", () => {
  const SIZES = { "an output": [4 * MIB], packs: Array.from({ length: 6 }, () => 700_000) };

  for (const [what, sizes] of Object.entries(SIZES)) {
    for (const source of ["one.runseal", "oci-layout:layout:v1"]) {
      it(`says so where ${what} of ${source} does not fit, and leaves no part of it`, async () => {
        using project = await makeProjectWithKey();
        for (const [index, size] of sizes.entries()) project.write({ [`out/${index}`]: randomBytes(size) });
        await project.done(["seal", "out", "--id", "one"]);
        await project.done(["push", "one", source]);
        using disk = MountedFolder.tmpfs("size=2m,mode=700");
        if (disk.obstacle !== undefined) return;
        const pull = ["pull", source, "--here", "--project", disk.folder];
        expect(await project.json(pull)).toMatchObject({ code: "WRITE_FAILED", exit_code: 4 });
        const files = readdirSync(disk.folder, { recursive: true, withFileTypes: true });
        expect(files.filter((entry) => entry.isFile())).toEqual([]);
      });
    }
  }
});
