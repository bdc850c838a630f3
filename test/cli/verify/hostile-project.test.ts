import { existsSync, mkdirSync, renameSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { makeSealedProject, type Project } from "../../support/command/cli.ts";
import { snapshotTree } from "../../support/files/tree.ts";

/** What an attacker can arrange in a project that a user seals or clones. */
const COMMANDS: readonly (readonly string[])[] = [
  ["seal", "out", "--id", "two"],
  ["seal", "out", "--id", "two", "--no-keep"],
  ["run", "--id", "two", "--output", "out", "--", "true"],
  ["run", "--id", "two", "--", "false"],
  ["prune"],
];

/** Moves something of the project's own out of the project, and leaves a link to it, as a clone may bring one. */
function moveOutside(project: Project, name: string): void {
  const outside = join(project.folder, "outside");
  renameSync(project.at(name), outside);
  symlinkSync(outside, project.at(name));
}

/** Leaves a socket without a listener, as a killed program does. */
async function leaveSocket(path: string): Promise<void> {
  const server = createServer().listen(`${path}.new`);
  await new Promise((done) => server.once("listening", done));
  // Its name is unlinked when it is closed.
  renameSync(`${path}.new`, path);
  await new Promise((done) => server.close(done));
}

describe.concurrent("a project of another user, with links in place of folders", () => {
  it.each(COMMANDS)("writes and removes nothing behind a link to its folder: %s %s %s", async (...args) => {
    using project = await makeSealedProject();
    moveOutside(project, ".runseal");
    writeFileSync(join(project.folder, "outside/HEAD.0123456789abcdef.new"), "other user");
    expect([1, 4]).toContain((await project.changesNothing(args)).exitCode);
  });

  it.each(COMMANDS)("writes and removes nothing behind a link to its runs: %s %s %s", async (...args) => {
    using project = await makeSealedProject();
    moveOutside(project, ".runseal/runs");
    mkdirSync(join(project.folder, "outside/.partial"));
    writeFileSync(join(project.folder, "outside/.partial/file"), "other user");
    expect([1, 4]).toContain((await project.changesNothing(args)).exitCode);
  });

  it("lists no runs behind a link", async () => {
    using project = await makeSealedProject();
    moveOutside(project, ".runseal/runs");
    expect(await project.json(["log"])).toMatchObject({ code: "READ_FAILED", exit_code: 4 });
  });

  it("neither removes nor reports sockets behind a link", async () => {
    using project = await makeSealedProject();
    const outside = join(project.folder, "outside");
    mkdirSync(outside);
    await leaveSocket(join(outside, "somebodys"));
    symlinkSync(outside, project.at(".runseal/running"));
    const before = snapshotTree(outside);
    const end = await project.run(["run", "--id", "two", "--", "true"]);
    expect(end.exitCode).toBe(4);
    expect(end.stderr).not.toContain("somebodys");
    expect(snapshotTree(outside)).toEqual(before);
  });

  it("makes no folder where a link leads nowhere", async () => {
    using project = await makeSealedProject();
    rmSync(project.at(".runseal"), { recursive: true });
    symlinkSync("../outside", project.at(".runseal"));
    for (const args of COMMANDS.slice(0, -1)) {
      expect([1, 4]).toContain((await project.changesNothing(args)).exitCode);
    }
  });

  it("seals although a folder has the name of a temporary file, and leaves the folder", async () => {
    using project = await makeSealedProject();
    mkdirSync(project.at(".runseal/HEAD.0123456789abcdef.new"));
    expect((await project.run(["seal", "out", "--id", "two"])).exitCode).toBe(0);
    expect(existsSync(project.at(".runseal/HEAD.0123456789abcdef.new"))).toBe(true);
  });
});
