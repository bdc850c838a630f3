import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { caseOf } from "../../support/command/case-of.ts";
import { MAIN, makeSealedProject, type Project } from "../../support/command/cli.ts";
import { itWith, runTool, type Tool } from "../../support/evidence/real-tools.ts";
import { readTar, type TarEntry, tarOf } from "../../support/registry/archive.ts";

/** A project with an archive of its run, and the entries of that. */
async function makePacked(): Promise<{ readonly project: Project; readonly entries: readonly TarEntry[] }> {
  const project = await makeSealedProject();
  await project.done(["push", "one", "one.runseal"]);
  return { project, entries: readTar(readFileSync(project.at("one.runseal"))) };
}

type Change = (entries: readonly TarEntry[]) => Buffer;

/** The archive with one entry replaced. */
function instead(path: string, ...others: readonly TarEntry[]): Change {
  return (entries) => tarOf(entries.flatMap((entry) => (entry.path === path ? others : [entry])));
}

const LINK = { type: "2", mode: 0o777 };

const HOSTILE: readonly (readonly [string, Change, string])[] = [
  [
    "a link in the place of a folder",
    instead("out/", { ...LINK, path: "out", target: "/etc" }),
    "CARRIED_RUN_MALFORMED kind",
  ],
  [
    "a path that climbs",
    (entries) => tarOf([...entries, { path: "../evil" }]),
    "CARRIED_RUN_MALFORMED order",
  ],
  [
    "an escape sequence in a path",
    (entries) => tarOf([...entries, { path: "@PaxPath", records: { path: "\u001b[2J" } }]),
    "CARRIED_RUN_MALFORMED order",
  ],
  [
    "more bytes than the run declares",
    instead("out/a.txt", { path: "out/a.txt", content: Buffer.alloc(2 ** 26) }),
    "HASH_MISMATCH",
  ],
];

describe.concurrent("runseal verify refuses an archive with", () => {
  it.each(HOSTILE)("%s, from a file and from stdin, and writes nothing", async (_name, change, code) => {
    const { entries, project } = await makePacked();
    using _ = project;
    const bytes = change(entries);
    writeFileSync(project.at("hostile"), bytes);
    const end = await project.changesNothing(["verify", "./hostile", "--any-signer"]);
    expect(end).toMatchObject({ exitCode: 1 });
    expect(end.stderr).toContain(`error: ${code.split(" ")[0]}: `);
    expect(end.stderr).not.toContain("\u001b");
    const facts = await project.json(["verify", "-", "--any-signer"], { input: bytes, process: true });
    expect(facts).toMatchObject({ ok: false, exit_code: 1 });
    expect(caseOf(facts)).toBe(code);
  });
});

const TARS: readonly (readonly [Tool, readonly string[]])[] = [
  ["tar", ["cf", "../other.tar", ".runseal", "out"]],
  ["tar", ["--format=pax", "-cf", "../other.tar", ".runseal", "out"]],
  [
    "tar",
    [
      "--format=ustar",
      "--sort=name",
      "--mtime=@0",
      "--owner=0",
      "--group=0",
      "-cf",
      "../other.tar",
      ".runseal",
      "out",
    ],
  ],
  ["bsdtar", ["-cf", "../other.tar", ".runseal", "out"]],
  ["python3", ["-c", "import tarfile; tarfile.open('../other.tar', 'w').add('.')"]],
];

describe.concurrent("runseal verify refuses the archive that", () => {
  for (const [tool, args] of TARS) {
    itWith("tar", tool)(`${tool} ${args[0]} makes of the unpacked files`, async () => {
      const { project } = await makePacked();
      using _ = project;
      mkdirSync(project.at("unpacked"));
      const cwd = project.at("unpacked");
      expect(runTool("tar", ["xf", "../one.runseal"], { cwd }).status).toBe(0);
      expect(runTool(tool, args, { cwd }).status).toBe(0);
      const end = await project.changesNothing(["verify", "./other.tar", "--any-signer"]);
      expect(end.exitCode).toBe(1);
      expect(end.stderr).toMatch(/^error: CARRIED_RUN_MALFORMED: this is a plain tar or zip/);
    });
  }
});

describe("runseal verify accepts", () => {
  it("an archive from a pipe, and says what it is", async () => {
    const { project } = await makePacked();
    using _ = project;
    const input = readFileSync(project.at("one.runseal"));
    const facts = await project.json(["verify", "-"], { input, process: true });
    expect(facts).toMatchObject({ ok: true, run_id: "one", source: "archive", files: 2, bytes: 11 });
    expect(facts["tree"]).toMatchObject({ state: "checked" });
  });

  it("an archive whose first bytes are late", async () => {
    const { project } = await makePacked();
    using _ = project;
    const script = `(sleep 1; cat one.runseal) | "$0" "$1" verify -`;
    const { status, text } = runTool("env", ["sh", "-c", script, process.execPath, MAIN], {
      cwd: project.root,
      env: project.env,
    });
    expect({ status, text }).toEqual({ status: 0, text: expect.stringContaining("accepted") });
  });
});
