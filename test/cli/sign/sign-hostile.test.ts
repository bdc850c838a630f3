import {
  chmodSync,
  cpSync,
  linkSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { canonical, sha256 } from "../../support/bundles/bundle.ts";
import { caseOf } from "../../support/command/case-of.ts";
import {
  factsOf,
  makeFifo,
  makeProject,
  makeProjectWithKey,
  makeSealedProject,
  type Project,
  runCli,
} from "../../support/command/cli.ts";
import { runFacts, shell } from "../../support/command/run.ts";
import { snapshotTree } from "../../support/files/tree.ts";

const FOLDER = ".runseal/unsigned/new";

async function makeUnsignedProject(): Promise<Project> {
  const project = await makeSealedProject();
  await project.done(["seal", "out", "--unsigned", "--id", "new"]);
  return project;
}

/** Rewrites one artifact of the unsigned bundle. */
function rewrite(name: string, change: (text: string) => string): (project: Project) => void {
  return (project) => {
    const path = project.at(FOLDER, name);
    writeFileSync(path, change(readFileSync(path, "utf8")));
  };
}

type Members = Readonly<Record<string, unknown>>;

/** Rewrites OUTPUT_HASHES.json as a sealer who lies would: its digest and its count are right. */
function claim(hashes: Members, bytes: number): (project: Project) => void {
  return (project) => {
    const path = project.at(FOLDER, "OUTPUT_HASHES.json");
    const list = canonical({ ...(JSON.parse(readFileSync(path, "utf8")) as Members), hashes });
    writeFileSync(path, list);
    rewrite("STATUS.json", (text) => {
      const status = JSON.parse(text) as Members & { readonly runseal: Members };
      const bound = { output_hashes_sha256: sha256(list), files: Object.keys(hashes).length, bytes };
      const { output_tree_sha256: _tree, ...runseal } = status.runseal;
      return canonical({ ...status, runseal: { ...runseal, ...bound } });
    })(project);
    rmSync(project.at(FOLDER, "OUTPUT_TREE.json"));
  };
}

const digestOf = (text: string): string => `sha256:${sha256(text)}`;
const BOTH = { "out/a.txt": digestOf("alpha\n"), "out/b.txt": digestOf("beta\n") };

describe.concurrent("sign, of outputs that are not as they were sealed", () => {
  it.each([
    [
      "an output that became larger than all were",
      "HASH_MISMATCH",
      (project: Project) => truncateSync(project.at("out/a.txt"), 2 ** 26),
    ],
    [
      "an output that became a program",
      "TREE_ENTRY_DIFFERS",
      (project: Project) => chmodSync(project.at("out/a.txt"), 0o755),
    ],
    [
      "an output that became a link that leads out",
      "OUTPUT_MISSING",
      (project: Project) => {
        writeFileSync(join(project.folder, "secret"), "alpha\n");
        rmSync(project.at("out/a.txt"));
        symlinkSync("../../secret", project.at("out/a.txt"));
      },
    ],
    [
      "an output that became a FIFO",
      "OUTPUT_MISSING",
      (project: Project) => {
        rmSync(project.at("out/a.txt"));
        makeFifo(project.at("out/a.txt"));
      },
    ],
    ["more bytes declared than there are", "UNSIGNED_INVALID mismatch", claim(BOTH, 12)],
    ["fewer bytes declared than there are", "UNSIGNED_INVALID mismatch", claim(BOTH, 10)],
    [
      "an output of runseal's own",
      "ENTRIES_REFUSED names-unlawful",
      claim({ ".runseal/HEAD": digestOf("x") }, 1),
    ],
    [
      "a name that a restore keeps",
      "ENTRIES_REFUSED names-unlawful",
      claim({ "RESTORE_REPORT.json": digestOf("x") }, 1),
    ],
  ] as const)("refuses %s", async (_what, code, arrange) => {
    using project = await makeUnsignedProject();
    arrange(project);
    const end = await project.sealsNothing(["sign", "new", "--yes", "--json"]);
    expect(caseOf(factsOf(end))).toBe(code);
    expect(end).toMatchObject({ exitCode: 1 });
  });

  it("refuses a changed link, and an empty folder that is not empty any more", async () => {
    using project = await makeProjectWithKey({ "out/a.txt": "alpha\n" });
    symlinkSync("a.txt", project.at("out/link"));
    mkdirSync(project.at("out/hollow"));
    await project.done(["seal", "out", "--unsigned", "--id", "new"]);
    writeFileSync(project.at("out/hollow/x"), "");
    expect(await project.json(["sign", "new", "--yes"])).toMatchObject({
      code: "TREE_ENTRY_DIFFERS",
      details: { path: "out/hollow" },
    });
    rmSync(project.at("out/hollow/x"));
    rmSync(project.at("out/link"));
    symlinkSync("/etc/passwd", project.at("out/link"));
    expect(await project.json(["sign", "new", "--yes"])).toMatchObject({
      code: "TREE_ENTRY_DIFFERS",
      details: { path: "out/link", aspect: "target" },
    });
  });

  it("refuses a link that leads outside without --links any, and shows programs, links and folders", async () => {
    using project = await makeProjectWithKey({ "out/a.txt": "alpha\n" });
    symlinkSync("/etc/passwd", project.at("out/link"));
    symlinkSync("a.txt", project.at("out/near"));
    mkdirSync(project.at("out/hollow"));
    chmodSync(project.at("out/a.txt"), 0o755);
    await project.done(["seal", "out", "--unsigned", "--links", "any", "--id", "new"]);
    const end = await project.changesNothing(["sign", "new", "--yes"]);
    expect(end).toMatchObject({ exitCode: 1 });
    expect(end.stderr).toContain("error: ENTRIES_REFUSED: these links lead outside of what is sealed\n");
    const { stdout } = await project.done(["sign", "new", "--links", "any", "--yes"]);
    const shown = stdout.slice(0, stdout.indexOf("signed "));
    expect(shown).toContain("tree     1 program, 2 links (1 leads outside), 1 empty folder\n");
    expect(shown).toContain("         outside: out/link -> /etc/passwd\n");
    expect(shown).not.toContain("near");
  });
});

describe.concurrent("sign, of a folder that a sealer does not write", () => {
  it.each([
    [
      "a name with escape sequences",
      "UNSIGNED_INVALID extra",
      (p: Project) => writeFileSync(p.at(FOLDER, "\u001b[2J\n"), ""),
    ],
    [
      "a signature",
      "UNSIGNED_INVALID extra",
      (p: Project) => cpSync(p.at(".runseal/runs/one/SIGNATURE.json"), p.at(FOLDER, "SIGNATURE.json")),
    ],
    [
      "a FIFO",
      "UNSIGNED_INVALID malformed",
      (p: Project) => {
        rmSync(p.at(FOLDER, "STATUS.json"));
        makeFifo(p.at(FOLDER, "STATUS.json"));
      },
    ],
    [
      "an artifact of 65 MiB",
      "UNSIGNED_INVALID malformed",
      (p: Project) => truncateSync(p.at(FOLDER, "STATUS.json"), 65 * 2 ** 20),
    ],
    [
      "another run's id",
      "UNSIGNED_INVALID mismatch",
      (p: Project) => renameSync(p.at(FOLDER), p.at(".runseal/unsigned/other")),
    ],
  ] as const)("refuses one with %s, and changes nothing", async (_what, code, arrange) => {
    using project = await makeUnsignedProject();
    arrange(project);
    const id =
      code === "UNSIGNED_INVALID mismatch" && !snapshotTree(project.root).has(FOLDER) ? "other" : "new";
    const end = await project.changesNothing(["sign", id, "--yes"]);
    expect(end.stderr).toContain("error: UNSIGNED_INVALID: ");
    expect(caseOf(await project.json(["sign", id, "--yes"]))).toBe(code);
    expect(end.stderr).not.toContain("\u001b");
    expect(end).toMatchObject({ exitCode: 1 });
  });

  it("never enters the project's own folders through a link", async () => {
    using project = await makeUnsignedProject();
    renameSync(project.at(".runseal/unsigned"), project.at("moved"));
    symlinkSync("../moved", project.at(".runseal/unsigned"));
    const end = await project.changesNothing(["sign", "new", "--yes"]);
    expect(end.stderr).toContain("RUN_NOT_FOUND: there is no unsigned bundle");
  });

  it("takes a hard link for the file that it is, and does not change it", async () => {
    using project = await makeUnsignedProject();
    linkSync(project.at(FOLDER, "STATUS.json"), project.at("status"));
    const before = readFileSync(project.at("status"), "utf8");
    await project.done(["sign", "new", "--yes"]);
    expect(readFileSync(project.at("status"), "utf8")).toBe(before);
  });
});

describe.runIf(process.getuid?.() === 0)("two users", () => {
  it("run as a user who can't read the key, sign as another, and verify as both", async ({ skip }) => {
    using signer = await makeProjectWithKey({});
    using job = makeProject({});
    if (!(await job.becomeOrdinaryUser())) skip("another user can't run node here");
    // Its owner lets other users pass, so that nothing but the key's mode is in the way.
    chmodSync(signer.folder, 0o755);
    const key = join(signer.config, "runseal/keys/default.key");
    for (let above = key; above !== signer.folder; above = join(above, ".."))
      if (above !== key) chmodSync(above, 0o755);
    const script = `cat ${key}; echo made > made`;
    const ran = await job.run(shell(script, "--unsigned", "--output", "made", "--id", "new"));
    expect(ran.stderr).toContain("Permission denied");
    expect(ran).toMatchObject({ exitCode: 0, stdout: "" });
    const folder = job.at(FOLDER);
    const signed = await signer.json(["sign", folder, "--yes"]);
    expect(signed).toMatchObject({ ok: true, unsigned: "kept" });
    const { public_key: publicKey } = signed["signer"] as { readonly public_key: string };
    cpSync(signer.at(".runseal/runs/new"), job.at("signed/new"), { recursive: true });
    const verify = ["verify", "signed/new", "--files", ".", "--signer", publicKey];
    expect(await job.run(verify)).toMatchObject({ exitCode: 0 });
    expect((await signer.run(["verify", "new", "--project", job.root])).stderr).not.toContain("MISMATCH");
    // The other user changes an output in between: nothing is signed.
    const again = shell("echo more > more", "--unsigned", "--output", "more", "--id", "next");
    expect(await job.run(again)).toMatchObject({ exitCode: 0 });
    writeFileSync(job.at("more"), "MORE\n");
    const refused = await signer.sealsNothing(["sign", job.at(".runseal/unsigned/next"), "--yes"]);
    expect(refused.stderr).toContain("HASH_MISMATCH");
  });

  it("lets a user sign in a project whose unsigned bundle another user owns", async ({ skip }) => {
    using job = makeProject({});
    if (!(await job.becomeOrdinaryUser())) skip("another user can't run node here");
    using signer = await makeProjectWithKey({});
    const args = shell("echo made > made", "--unsigned", "--output", "made", "--id", "new");
    expect(await job.run(args)).toMatchObject({ exitCode: 0 });
    const end = await runCli(["sign", "new", "--yes"], { cwd: job.root, env: signer.env });
    expect(end).toMatchObject({ exitCode: 0 });
    expect(await runFacts(signer, "true", ["--unsigned"])).toMatchObject({ ok: true });
  });
});
