import { randomBytes } from "node:crypto";
import { mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { sealPlain } from "../../support/bundles/plain-run.ts";
import {
  MAIN,
  makeProjectWithKey,
  makeSealedProject,
  modeOf,
  namesIn,
  type Project,
  setMode,
} from "../../support/command/cli.ts";
import { stopAt } from "../../support/command/stopped-cli.ts";
import { itWith, runTool, type Tool } from "../../support/evidence/real-tools.ts";
import { snapshotTree } from "../../support/files/tree.ts";
import { readTar } from "../../support/registry/archive.ts";

const LONG_NAME = "long/".repeat(30);

/** A project with a run `one` of a tree that has everything that an archive can have. */
async function makeTreeProject(): Promise<Project> {
  const project = await makeProjectWithKey({
    "out/a.txt": "alpha\n",
    "out/bin/run": "#!/bin/sh\n",
    "out/empty": "",
    "out/ü\n.txt": "name\n",
    [`out/${LONG_NAME}b.txt`]: "beta\n",
  });
  setMode(project.at("out/bin/run"), 0o755);
  mkdirSync(project.at("out/hollow"));
  symlinkSync("a.txt", project.at("out/link"));
  symlinkSync(`${LONG_NAME}b.txt`, project.at("out/longer"));
  await project.done(["seal", "out", "--id", "one", "--names", "posix"]);
  return project;
}

/** An empty folder of the same user. */
function makeElsewhere({ env, folder }: Project): { readonly at: string; readonly setting: object } {
  const at = `${folder}/elsewhere`;
  mkdirSync(at);
  return { at, setting: { cwd: at, env } };
}

const UNPACKERS: readonly (readonly [Tool, readonly string[]])[] = [
  ["tar", ["tar", "xf"]],
  ["bsdtar", ["bsdtar", "-x", "-f"]],
  ["python3", ["python3", "-c", "import sys, tarfile; tarfile.open(sys.argv[1]).extractall()"]],
];

describe.concurrent("an archive of one run", () => {
  for (const [tool, [, ...words]] of UNPACKERS) {
    itWith(tool)(
      `that ${tool} unpacks is a project in which the run is accepted, and nothing else is`,
      async () => {
        using project = await makeTreeProject();
        await project.done(["push", "one", "one.runseal"]);
        const { at, setting } = makeElsewhere(project);
        // bsdtar takes names of UTF-8 only in a locale of UTF-8.
        const env = { PATH: process.env["PATH"] ?? "", LC_ALL: "C.UTF-8" };
        expect(runTool(tool, [...words, project.at("one.runseal")], { cwd: at, env }).status).toBe(0);
        const { stdout } = await project.done(["verify", "one", "--exact"], setting);
        expect(stdout).toContain("nothing else is there");
        expect(namesIn(at)).toEqual([".runseal", "out"]);
        expect(namesIn(`${at}/.runseal`)).toEqual(["runs"]);
      },
    );
  }

  it("has the same bytes whenever and wherever it is made", async () => {
    using project = await makeTreeProject();
    await project.done(["push", "one", "./first"]);
    writeFileSync(project.at("out/a.txt"), "later\n");
    setMode(project.at("out/bin/run"), 0o700);
    await project.done(["push", ".runseal/runs/one", "./second"]);
    expect(readFileSync(project.at("second"))).toEqual(readFileSync(project.at("first")));
  });

  it("goes to stdout as -, and what it is goes to stderr", async () => {
    using project = await makeSealedProject();
    await project.done(["push", "one", "one.runseal"]);
    const { status, text } = runTool(
      "env",
      ["sh", "-c", `"$0" "$1" push one - > piped`, process.execPath, MAIN],
      {
        cwd: project.root,
        env: project.env,
      },
    );
    expect({ status, text }).toEqual({
      status: 0,
      text: expect.stringContaining("note: pushed run one with 2 files"),
    });
    expect(readFileSync(project.at("piped"))).toEqual(readFileSync(project.at("one.runseal")));
  });

  it("has the modes of a bundle without a tree that its owner could execute", async () => {
    using project = await makeProjectWithKey({ "out/a.txt": "alpha\n", "out/run": "beta\n" });
    setMode(project.at("out/run"), 0o700);
    await sealPlain(project, "one", "out");
    await project.done(["push", "one", "one.runseal"]);
    const modes = readTar(readFileSync(project.at("one.runseal"))).map(
      ({ mode, path }) => `${path} ${mode?.toString(8)}`,
    );
    expect(modes.slice(-3)).toEqual(["out/ 755", "out/a.txt 644", "out/run 755"]);
  });

  it("has the outputs of an older run from the store", async () => {
    using project = await makeSealedProject();
    writeFileSync(project.at("out/a.txt"), "newer\n");
    await project.done(["seal", "out", "--id", "two"]);
    await project.done(["push", "one", "one.runseal"]);
    const contents = readTar(readFileSync(project.at("one.runseal"))).map(({ content }) =>
      content.toString(),
    );
    expect(contents.slice(-2)).toEqual(["alpha\n", "beta\n"]);
  });

  it("carries what stands beside the artifacts", async () => {
    using project = await makeSealedProject();
    await project.done(["key", "new", "bob", "--no-passphrase"]);
    await project.done(["sign", "--counter", "one", "--key", "bob"]);
    await project.done(["push", "one", "one.runseal"]);
    const names = readTar(readFileSync(project.at("one.runseal"))).map(({ path }) =>
      path.replace(/^.*\//, ""),
    );
    expect(names).toEqual(
      expect.arrayContaining(["COUNTERSIGNATURES.json", "OUTPUTS_ROOT.json", "OUTPUT_TREE.json"]),
    );
  });
});

describe.concurrent("an archive of several runs", () => {
  /** Runs `one` and `two` that share a large and a small output, and a third run. */
  async function makeChain(): Promise<Project> {
    const project = await makeSealedProject({
      "out/big": "big".repeat(500_000),
      "out/a.txt": "alpha\n",
      "out/b.txt": "beta\n",
    });
    writeFileSync(project.at("out/a.txt"), "newer\n");
    await project.done(["seal", "out", "--id", "two"]);
    writeFileSync(project.at("out/a.txt"), "newest\n");
    await project.done(["seal", "out", "--id", "three"]);
    return project;
  }

  itWith("tar")("that tar unpacks is a project whose store holds their outputs, and no others", async () => {
    using project = await makeChain();
    await project.done(["push", "one", "two", "runs.runseal"]);
    const { at, setting } = makeElsewhere(project);
    expect(runTool("tar", ["xf", project.at("runs.runseal")], { cwd: at }).status).toBe(0);
    for (const run of ["one", "two"]) await project.done(["verify", run, "--stored"], setting);
    await project.done(["verify", "--history", "one", "two", "--stored"], setting);
    await project.done(["store", "check"], setting);
    await project.done(["restore", "one", "--to", "restored", "--mkdir"], setting);
    expect(readFileSync(`${at}/restored/out/a.txt`, "utf8")).toBe("alpha\n");
    expect(namesIn(`${at}/.runseal/runs`)).toEqual(["one", "two"]);
    const archive = readFileSync(project.at("runs.runseal"));
    expect(archive.includes("newest")).toBe(false);
    expect(archive.toString("latin1").split("big".repeat(500_000))).toHaveLength(2);
  });

  it("has the whole history with --all, oldest first, and verifies as a history", async () => {
    using project = await makeChain();
    const facts = await project.json(["push", "--all", "history.runseal"]);
    expect(facts).toMatchObject({ runs: ["one", "two", "three"].map((run_id) => ({ run_id })) });
    await project.done(["verify", "--history", "history.runseal"]);
    const pushed = await project.json(["push", "--all", "oci-layout:layout"]);
    expect(pushed).toMatchObject({ runs: ["one", "two", "three"].map((run_id) => ({ run_id })) });
  });

  it("has the same bytes wherever the bytes of the outputs are", async () => {
    using project = await makeChain();
    await project.done(["push", "one", "three", "./first"]);
    await project.done(["prune"]);
    await project.done(["push", "one", "three", "./second"]);
    expect(readFileSync(project.at("second"))).toEqual(readFileSync(project.at("first")));
  });
});

describe.concurrent("runseal push writes no archive", () => {
  it("if outputs are nowhere as they were sealed, and names all of them", async () => {
    using project = await makeSealedProject();
    rmSync(project.at(".runseal/packs"), { recursive: true });
    rmSync(project.at(".runseal/objects"), { recursive: true, force: true });
    writeFileSync(project.at("out/a.txt"), "ALPHA\n");
    rmSync(project.at("out/b.txt"));
    const facts = await project.json(["push", "one", "one.runseal"]);
    expect(facts).toMatchObject({ code: "PACK_SOURCE_MISSING", exit_code: 4 });
    expect(facts["details"]).toEqual({ run_id: "one", names: ["out/a.txt", "out/b.txt"], more: 0 });
    await project.changesNothing(["push", "one", "one.runseal"]);
  });

  it("of one run twice, of no run, or to a terminal and as JSON at once", async () => {
    using project = await makeSealedProject();
    for (const args of [["one", ".runseal/runs/one", "./x"], ["./x"], ["one"], ["one", "-", "--json"]]) {
      const end = await project.changesNothing(["push", ...args]);
      expect(end, args.join(" ")).toMatchObject({ exitCode: 2 });
    }
  });

  it("to a disk that is full, and leaves no part", async () => {
    using project = await makeSealedProject({ "out/a.txt": "a".repeat(100_000) });
    const before = snapshotTree(project.root);
    const script = `ulimit -f 16; trap "" XFSZ; exec "$0" "$1" push one one.runseal`;
    const { status, text } = runTool("env", ["bash", "-c", script, process.execPath, MAIN], {
      cwd: project.root,
      env: project.env,
    });
    expect({ status, text }).toEqual({ status: 4, text: expect.stringContaining("WRITE_FAILED") });
    expect(snapshotTree(project.root)).toEqual(before);
  });

  it("and exits with a failure if the reader of stdout goes away", async () => {
    using project = await makeSealedProject({ "out/a.txt": "a".repeat(3_000_000) });
    const script = `("$0" "$1" push one -; echo "exit $?" >&2) | head -c 9 > /dev/null`;
    const { text } = runTool("env", ["bash", "-c", script, process.execPath, MAIN], {
      cwd: project.root,
      env: project.env,
    });
    expect(text).toContain("exit 4");
  });

  it("with a mode that the umask does not allow", async () => {
    using project = await makeSealedProject();
    runTool("env", ["sh", "-c", `umask 077; "$0" "$1" push one one.runseal`, process.execPath, MAIN], {
      cwd: project.root,
      env: project.env,
    });
    expect(modeOf(project.at("one.runseal"))).toBe("0600");
  });
});

describe.concurrent("a push to an archive that is interrupted", () => {
  it("leaves nothing", async () => {
    // So many bytes that the signal arrives before the last of them is written.
    using project = await makeSealedProject({ "out/a.txt": randomBytes(60_000_000).toString("base64") });
    const before = snapshotTree(project.root);
    const args = ["push", "one", "one.runseal"];
    const end = await project.run(args, stopAt(project, "writeSync:2:SIGINT", ".partial"));
    expect(end, end.stderr).toMatchObject({ exitCode: 130, stderr: expect.stringContaining("INTERRUPTED") });
    expect(snapshotTree(project.root)).toEqual(before);
  });
});
