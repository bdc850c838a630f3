import { chmodSync, existsSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { sealedFacts } from "../../../src/core/judge/said/said-facts.ts";
import { removeUnsignedTree } from "../../support/bundles/plain-run.ts";
import { verifyPlainly } from "../../support/bundles/plain-verifier.ts";
import {
  makeProject,
  makeProjectWithKey,
  makeSealedProject,
  namesIn,
  type Project,
} from "../../support/command/cli.ts";
import { HAS_PTY, runAtTerminal } from "../../support/command/pty.ts";
import { artifactOf, runFacts } from "../../support/command/run.ts";
import { snapshotTree } from "../../support/files/tree.ts";

const UNSIGNED = ["OUTPUT_HASHES.json", "OUTPUT_TREE.json", "PROOF.json", "STATUS.json", "TASK_SPEC.json"];

function unsignedOf(project: Project, id = "new"): string {
  return project.at(".runseal/unsigned", id);
}

/** A project with a key, the run `one`, and `out` sealed without a signature as `new`. */
async function makeUnsignedProject(): Promise<Project> {
  const project = await makeSealedProject();
  await project.done(["seal", "out", "--unsigned", "--id", "new"]);
  return project;
}

describe.concurrent("seal --unsigned", () => {
  it("leaves every artifact but the signer's three, needs no key, and moves no head", async () => {
    using project = makeProject();
    const facts = await project.json(["seal", "out", "--unsigned", "--id", "new"]);
    expect(facts).toMatchObject({ ok: true, unsigned: ".runseal/unsigned/new", files: 2, bytes: 11 });
    expect(facts).not.toHaveProperty("signer");
    expect(namesIn(unsignedOf(project))).toEqual(UNSIGNED);
    expect(namesIn(project.at(".runseal"))).toEqual([".gitignore", "unsigned"]);
    const proof = readFileSync(`${unsignedOf(project)}/PROOF.json`, "utf8");
    expect(proof).not.toMatch(/proof_hash/);
  });

  it("is rejected by every verifier", async () => {
    using project = await makeUnsignedProject();
    expect(verifyPlainly(unsignedOf(project), project.root)).toBe("ARTIFACT_MISSING");
    const verdict = await project.json(["verify", ".runseal/unsigned/new", "--any-signer"]);
    expect(verdict).toMatchObject({ code: "ARTIFACT_MISSING", exit_code: 1 });
  });

  it("is neither collected nor reported by prune, store check, log and verify --history", async () => {
    using project = await makeUnsignedProject();
    const before = snapshotTree(unsignedOf(project));
    expect(await project.json(["prune"])).toMatchObject({ ok: true, removed: 0, strays: [] });
    expect(await project.json(["store", "check"])).toMatchObject({
      ok: true,
      strays: [],
      unreadable_bundles: [],
    });
    const log = await project.json(["log"]);
    expect(log).toMatchObject({ suspicious: false, unlisted_runs: [] });
    expect(await project.json(["verify", "--history", "--any-signer"])).toMatchObject({
      ok: true,
      run_ids: ["one"],
    });
    expect(snapshotTree(unsignedOf(project))).toEqual(before);
  });
});

describe.concurrent("run --unsigned", () => {
  it("seals what a command made, without a key", async () => {
    using project = makeProject({});
    const facts = await runFacts(project, "echo made > made", [
      "--unsigned",
      "--output",
      "made",
      "--id",
      "new",
    ]);
    expect(facts).toMatchObject({ ok: true, unsigned: ".runseal/unsigned/new", command_could_sign: null });
    expect(namesIn(unsignedOf(project))).toEqual(UNSIGNED);
    expect(namesIn(project.at(".runseal"))).toEqual([".gitignore", "unsigned"]);
  });

  it("leaves a failed run that is not signed, and that the next bundle of the line lists", async () => {
    using project = await makeProjectWithKey({ "out/a.txt": "alpha\n" });
    const options = ["--unsigned", "--output", "made", "--id", "lost"];
    expect(await runFacts(project, "exit 3", options)).toMatchObject({
      code: "COMMAND_FAILED",
      exit_code: 3,
      unsigned: ".runseal/unsigned/lost",
    });
    const end = await project.changesNothing(["sign", "lost", "--yes"]);
    expect(end).toMatchObject({ exitCode: 1 });
    expect(end.stderr).toContain("UNSIGNED_INVALID: the unsigned bundle says that its run failed; ");
    expect(await project.json(["log"])).toMatchObject({
      unlisted_runs: [{ run_id: "lost", state: "unsigned" }],
    });
    const { stdout } = await project.done(["log"]);
    expect(stdout).toMatch(/^lost .*FAILED, and is not signed; the next seal lists it$/m);
    await project.done(["seal", "out", "--unsigned", "--id", "new"]);
    expect(await project.json(["sign", "new", "--yes"])).toMatchObject({
      failed_runs: [{ run_id: "lost", bundle_root: null }],
    });
    expect(await project.json(["verify", "--history", "--any-signer"])).toMatchObject({
      ok: true,
      killed_run_ids: ["lost"],
    });
  });
});

describe.concurrent("sign", () => {
  it("adds the bundle to the line, keeps the outputs, and removes the unsigned one", async () => {
    using project = await makeUnsignedProject();
    const signed = await project.json(["sign", "new", "--yes"]);
    expect(signed).toMatchObject({ ok: true, run_id: "new", unsigned: "removed", command: null });
    expect(existsSync(project.at(".runseal/unsigned"))).toBe(false);
    const chain = await project.json(["verify", "--history", "--any-signer", "--stored"]);
    expect(chain).toMatchObject({ ok: true, run_ids: ["one", "new"] });
    expect(signed["previous_bundle_root"]).toBe((chain["bundle_roots"] as readonly string[])[0]);
    expect(await project.json(["store", "check"])).toMatchObject({ ok: true, not_kept: [] });
  });

  it("changes only the named members of STATUS.json and PROOF.json", async () => {
    using project = await makeUnsignedProject();
    const bytesOf = (folder: string): ReadonlyMap<string, string> =>
      new Map(UNSIGNED.map((name) => [name, readFileSync(`${folder}/${name}`, "utf8")]));
    const before = bytesOf(unsignedOf(project));
    await project.done(["sign", "new", "--yes"]);
    const after = bytesOf(project.at(".runseal/runs/new"));
    for (const name of ["TASK_SPEC.json", "OUTPUT_HASHES.json", "OUTPUT_TREE.json"])
      expect(after.get(name)).toBe(before.get(name));
    const parsed = (bundle: ReadonlyMap<string, string>, name: string): Record<string, object> =>
      JSON.parse(bundle.get(name) ?? "") as Record<string, object>;
    const proof = parsed(after, "PROOF.json");
    const { previous_proof_hash, proof_hash, ...proofLeft } = proof;
    expect([typeof previous_proof_hash, typeof proof_hash]).toEqual(["string", "string"]);
    expect(proofLeft).toEqual(parsed(before, "PROOF.json"));
    const { runseal: binding, ...status } = parsed(after, "STATUS.json");
    const { runseal: given, ...statusBefore } = parsed(before, "STATUS.json");
    expect(status).toEqual(statusBefore);
    const isNamed = (member: string): boolean =>
      ["proof_sha256", "previous_bundle_root", "signed_elsewhere", "signed_at"].includes(member);
    const others = (some: object | undefined): object =>
      Object.fromEntries(Object.entries(some ?? {}).filter(([member]) => !isNamed(member)));
    expect(others(binding)).toEqual(others(given));
    expect(
      Object.keys(binding ?? {})
        .filter(isNamed)
        .sort(),
    ).toEqual(["previous_bundle_root", "proof_sha256", "signed_at", "signed_elsewhere"]);
  });

  it("makes a bundle that a SPECTRUM verifier accepts, with and without a tree", async () => {
    using project = await makeSealedProject();
    chmodSync(project.at("out/b.txt"), 0o755);
    symlinkSync("a.txt", project.at("out/link"));
    mkdirSync(project.at("out/hollow"));
    await project.done(["seal", "out", "--unsigned", "--id", "tree"]);
    await project.done(["sign", "tree", "--yes"]);
    expect(verifyPlainly(project.at(".runseal/runs/tree"), project.root)).toBe("ok");
    await project.done(["seal", "out/a.txt", "--unsigned", "--id", "plain"]);
    removeUnsignedTree(project, "plain");
    expect(await project.json(["sign", "plain", "--yes"])).toMatchObject({ ok: true, tree: null });
    expect(namesIn(project.at(".runseal/runs/plain"))).not.toContain("OUTPUT_TREE.json");
    expect(verifyPlainly(project.at(".runseal/runs/plain"), project.root)).toBe("ok");
  });

  it("says of a command that the signer did not witness it: verify, show and log", async () => {
    using project = await makeProjectWithKey({});
    await runFacts(project, "echo made > made", ["--unsigned", "--output", "made", "--id", "new"]);
    const signed = await project.json(["sign", "new", "--yes"]);
    const elsewhere = { signed_at: expect.any(String), command: "not witnessed by the signer" };
    expect(signed).toMatchObject({ signed_elsewhere: elsewhere, command: ["sh", "-c", "echo made > made"] });
    for (const command of ["verify", "show"]) {
      expect((await project.done([command, "new", "--any-signer"])).stdout).toContain(
        "command  not witnessed by the signer",
      );
      expect(await project.json([command, "new", "--any-signer"])).toMatchObject({
        signed_elsewhere: elsewhere,
      });
    }
    expect(await project.json(["log"])).toMatchObject({ runs: [{ signed_elsewhere: elsewhere }] });
    await project.done(["seal", "made", "--id", "own"]);
    expect(await project.json(["verify", "own", "--any-signer"])).toMatchObject({ signed_elsewhere: null });
  });

  it("proves files at the signer's time", async () => {
    using project = await makeUnsignedProject();
    await project.done(["sign", "new", "--yes"]);
    const { runseal } = artifactOf(project, "new", "STATUS.json") as { runseal: { signed_at: string } };
    const proof = await project.json(["prove", "new", "out/a.txt"]);
    expect(proof).toMatchObject({ sealed_at: runseal.signed_at });
    expect(artifactOf(project, "new", "OUTPUTS_ROOT.json")).toMatchObject({ sealed_at: runseal.signed_at });
  });

  it("says in a statement for other tools that the signer did not witness the run", async () => {
    using project = await makeProjectWithKey({});
    await runFacts(project, "echo made > made", ["--unsigned", "--output", "made", "--id", "new"]);
    await project.done(["sign", "new", "--yes"]);
    await project.done(["export", "new", "--format", "dsse", "-o", "evidence"]);
    const envelope = readFileSync(project.at("evidence/new.intoto.jsonl"), "utf8");
    const { payload } = JSON.parse(envelope) as { readonly payload: string };
    expect(JSON.parse(Buffer.from(payload, "base64").toString())).toMatchObject({
      predicate: { byproducts: { runseal: { signedElsewhere: true, signedAt: expect.any(String) } } },
    });
  });

  it("signs a folder that was carried elsewhere, into a line of its own, and leaves the folder", async () => {
    using job = makeProject();
    using signer = await makeSealedProject();
    await job.done(["seal", "out", "--unsigned", "--id", "new"]);
    const before = snapshotTree(job.folder);
    const signed = await signer.json(["sign", unsignedOf(job), "--yes"]);
    expect(signed).toMatchObject({ ok: true, unsigned: "kept", bundle: ".runseal/runs/new" });
    expect(snapshotTree(job.folder)).toEqual(before);
    expect(await signer.json(["verify", "--history", "--any-signer", "--stored"])).toMatchObject({
      run_ids: ["one", "new"],
    });
  });

  it("looks for the outputs below --files", async () => {
    using job = makeProject();
    using signer = await makeProjectWithKey({});
    await job.done(["seal", "out", "--unsigned", "--id", "new"]);
    const carried = signer.at("carried");
    mkdirSync(carried);
    for (const name of UNSIGNED)
      writeFileSync(`${carried}/${name}`, readFileSync(`${unsignedOf(job)}/${name}`));
    const missing = await signer.json(["sign", "./carried", "--yes"]);
    expect(missing).toMatchObject({ code: "OUTPUT_MISSING", exit_code: 1, phase: "outputs" });
    const signed = await signer.json(["sign", "./carried", "--files", job.root, "--yes"]);
    expect(signed).toMatchObject({ ok: true, unsigned: "kept", kept: 2 });
  });

  it("takes a bare run id for one of the project, whatever lies in this folder", async () => {
    using project = await makeUnsignedProject();
    using other = makeProject({ "out/other.txt": "other\n" });
    for (const id of ["new", "else"]) {
      await other.done(["seal", "out", "--unsigned", "--id", id]);
      mkdirSync(project.at(id));
      for (const name of UNSIGNED)
        writeFileSync(project.at(id, name), readFileSync(`${unsignedOf(other, id)}/${name}`));
    }
    const missing = await project.changesNothing(["sign", "else", "--yes"]);
    expect(missing.stderr).toContain("RUN_NOT_FOUND: there is no unsigned bundle ");
    expect(missing.stderr).toContain("./ID, not ID");
    expect(await project.json(["sign", "new", "--yes"])).toMatchObject({ ok: true, files: 2 });
    const named = await project.json(["sign", "./else", "--files", other.root, "--yes"]);
    expect(named).toMatchObject({ ok: true, files: 1, run_id: "else" });
  });

  it("keeps nothing with --no-keep", async () => {
    using project = await makeUnsignedProject();
    expect(await project.json(["sign", "new", "--yes", "--no-keep"])).toMatchObject({ ok: true, kept: null });
  });

  it("refuses an id that the line has", async () => {
    using job = makeProject();
    using signer = await makeSealedProject();
    await job.done(["seal", "out", "--unsigned", "--id", "one"]);
    const end = await signer.sealsNothing(["sign", unsignedOf(job, "one"), "--yes"]);
    expect(end.stderr).toContain("RUN_EXISTS");
  });

  it("refuses a carried folder whose id another unsigned bundle of the project has", async () => {
    using job = makeProject();
    using signer = await makeUnsignedProject();
    await job.done(["seal", "out", "--unsigned", "--id", "new"]);
    const end = await signer.sealsNothing(["sign", unsignedOf(job), "--yes"]);
    expect(end.stderr).toContain("RUN_EXISTS");
  });

  it.runIf(HAS_PTY)("shows what it signs at a terminal, and signs after yes alone", async () => {
    using project = await makeUnsignedProject();
    const setting = { cwd: project.root, env: project.env, mayEcho: true } as const;
    const before = snapshotTree(project.folder);
    const asked = { expect: "yes or no: ", type: "y\n" };
    const declined = await runAtTerminal(["sign", "new"], [asked], setting);
    expect(declined).toMatchObject({ exitCode: 1, unasked: 0 });
    expect(declined.stderr).toContain("error: DECLINED: nothing was changed");
    expect(declined.terminal).toMatch(/to sign {2}new\r?\n.*out\/a\.txt/s);
    expect(snapshotTree(project.folder)).toEqual(before);
    const signed = await runAtTerminal(["sign", "new"], [{ ...asked, type: "yes\n" }], setting);
    expect(signed).toMatchObject({ exitCode: 0, unasked: 0 });
    expect(signed.stdout).toContain("signed   2 files");
  });

  it.runIf(HAS_PTY)(
    "asks only after all of a long text was shown, and drops what was typed before",
    async () => {
      using project = makeProject();
      const program = project.at("ask.mjs");
      const module = new URL("../../../dist/node/make/sign/ask-consent.js", import.meta.url);
      const source = `import { askConsent } from ${JSON.stringify(module.href)};
const lines = Array.from({ length: 60000 }, (_, line) => "line " + line + "\\n");
console.log(await askConsent(lines.join(""), "Go on? ", undefined));`;
      writeFileSync(program, source);
      const setting = { cwd: project.root, env: project.env, mayEcho: true, program } as const;
      const early = { expect: "line 9\r\n", type: "yes\n" };
      for (const answer of ["no", "yes"]) {
        const steps = [early, { expect: "Go on? ", type: `${answer}\n` }];
        const end = await runAtTerminal([], steps, setting);
        expect(end).toMatchObject({ exitCode: 0, stdout: `${answer}\n`, unasked: 0 });
        const lines = end.terminal.split(/\r?\n/).filter((line) => line.startsWith("line "));
        expect(lines.length).toBe(60000);
        expect(lines.at(-1)).toBe("line 59999");
      }
    },
  );

  it("shows a few kilobytes, however long names and commands are, and marks what it cut", async () => {
    const names = Array.from({ length: 30 }, (_, at) => `in/${"é".repeat(120)}${at}`);
    using project = await makeProjectWithKey(Object.fromEntries(names.map((name) => [name, ""])));
    const script = `cp -r in out # ${"x".repeat(9000)}`;
    await runFacts(project, script, ["--unsigned", "--output", "out", "--id", "new"]);
    const { stdout } = await project.run(["sign", "new", "--yes"]);
    expect(stdout).toMatch(/x\n {9}… \(cut: the command is longer\)\n/);
    expect(stdout).toMatch(/^ {9}"out\/[^\n]* … \(cut\)$/m);
    expect(stdout.length).toBeLessThan(5000);
  });

  it("shows a name that could pass for words of runseal in quotes", async () => {
    using project = await makeProjectWithKey({ "out/a.txt": "alpha\n", "out/… and 5 more files": "" });
    await project.done(["seal", "out", "--unsigned", "--id", "new"]);
    const { stdout } = await project.run(["sign", "new", "--yes"]);
    expect(stdout).toContain('         "out/… and 5 more files"\n');
  });

  it("says that a command was not witnessed, whatever form it has in a task", () => {
    const binding = { sealedAt: "2026-11-25T01:02:03Z", signedAt: "2026-11-26T00:00:00Z" };
    for (const command of [["rm"], ["rm", null], "rm", null, []])
      expect(JSON.stringify(sealedFacts(binding, new Map([["command", command]])))).toContain(
        "not witnessed by the signer",
      );
    expect(JSON.stringify(sealedFacts(binding, new Map()))).not.toContain("witnessed");
  });
});
