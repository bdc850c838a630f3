import { readFileSync, writeFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { FakeAgent } from "../../support/agents/fake-agent.ts";
import { makeProjectWithKey, type Project, runProcess } from "../../support/command/cli.ts";

/** System calls for files and folders of a hook that finds nothing changed; undefined where they can't be counted. */
async function callsOf(folders: number, filesInEach: number): Promise<number | undefined> {
  const files: Record<string, string> = {};
  for (let folder = 0; folder < folders; folder++)
    for (let file = 0; file < filesInEach; file++) files[`work/f${folder}/a${file}`] = "1";
  using project = await makeProjectWithKey(files);
  const probe = await runProcess("sh", ["-c", "strace -f -o /dev/null true"], {
    cwd: project.root,
    env: project.env,
  });
  if (probe.exitCode !== 0) return undefined;
  await project.done(["snapshot", "work"]);
  // Files that changed when the look began are not in its index.
  writeFileSync(project.at("later"), "");
  await project.done(["snapshot", "work"]);
  const { from_index: known } = await project.json(["snapshot", "work"]);
  // Where change times can't be believed, as on tmpfs, all files are read.
  if (known !== folders * filesInEach) return undefined;
  await prompt(project);
  const calls = await prompt(project);
  // The latest snapshot has not been touched.
  expect(calls.filter((call) => call.includes("OUTPUT_HASHES.json") && call.includes("open"))).toEqual([]);
  return calls.length;
}

async function prompt(project: Project): Promise<readonly string[]> {
  const log = `${project.folder}/strace.log`;
  const input = new FakeAgent(project, "generic", "S").message("prompt");
  // Without what threads of Node do for memory and locks, which depends on the moment.
  const under = ["strace", "-f", "-qq", "-o", log, "-e", "trace=%file,getdents64,fstat,close"];
  const end = await project.run(["hook", "generic"], { input, under });
  expect(end).toMatchObject({ exitCode: 0, stdout: "" });
  return readFileSync(log, "utf8").split("\n");
}

describe("a hook that finds nothing changed", () => {
  it("makes one system call for a file, and few for a folder", async ({ skip }) => {
    const few = await callsOf(10, 10);
    const moreFiles = await callsOf(10, 110);
    const moreFolders = await callsOf(110, 10);
    if (few === undefined || moreFiles === undefined || moreFolders === undefined)
      skip("no strace, or a file system whose change times can't be believed");
    const ofFile = ((moreFiles ?? 0) - (few ?? 0)) / 1000;
    const ofFolder = ((moreFolders ?? 0) - (few ?? 0)) / 100 - 10 * ofFile;
    expect(ofFile).toBeGreaterThan(0.9);
    expect(ofFile).toBeLessThan(1.1);
    expect(ofFolder).toBeGreaterThan(5);
    expect(ofFolder).toBeLessThan(11);
  });
});
