import { readdirSync, readFileSync, symlinkSync } from "node:fs";
import { basename, join } from "node:path";
import { describe, expect, it } from "vitest";
import { makeProjectWithKey, type Project } from "../../support/command/cli.ts";
import { injectionObstacle } from "../../support/files/injected-error.ts";

/** The calls that matter, in their order: what was synced, and where a bundle got its name. */
async function callsOf(project: Project, args: readonly string[]): Promise<readonly string[]> {
  const log = join(project.folder, "strace.log");
  const under = ["strace", "-f", "-qq", "-y", "-s", "4096", "-o", log, "-e", "trace=fsync,rename,renameat2"];
  await project.run(args, { under });
  const lines = readFileSync(log, "utf8").split("\n");
  return lines.flatMap((line) => {
    const synced = /fsync\(\d+<([^>]*)>\) += 0/.exec(line)?.[1];
    if (synced !== undefined) return [`sync ${synced}`];
    return /rename.*\/one"(?:, 0)?\) += 0/.test(line) ? ["bundle"] : [];
  });
}

describe.skipIf(injectionObstacle() !== undefined).concurrent("the first bundle of a project", () => {
  it.each<[string, readonly string[], readonly string[]]>([
    ["a seal that keeps nothing", ["seal", "out", "--id", "one", "--no-keep"], ["", ".runseal"]],
    ["a seal that keeps the outputs", ["seal", "out", "--id", "one"], ["", ".runseal"]],
    ["a run that keeps nothing", ["run", "--id", "one", "--no-keep", "--", "true"], ["", ".runseal"]],
    ["a run that failed", ["run", "--id", "one", "--", "false"], ["", ".runseal"]],
    ["a seal into new folders", ["seal", "out", "--id", "one", "--out", "new/deep"], ["", "new"]],
  ])("appears after the name of each folder above it is durable: %s", async (_what, args, folders) => {
    using project = await makeProjectWithKey();
    const calls = await callsOf(project, args);
    expect(calls).toContain("bundle");
    const before = calls.slice(0, calls.indexOf("bundle"));
    for (const folder of folders) expect(before).toContain(`sync ${join(project.root, folder)}`);
  });

  it.each([
    ["a seal", ["seal", "out", "--id", "one"]],
    ["a run", ["run", "--id", "one", "--", "true"]],
  ])("appears after each of its files is durable, that of its tree among them: %s", async (_what, args) => {
    using project = await makeProjectWithKey();
    symlinkSync("a.txt", join(project.root, "out/link"));
    const calls = await callsOf(project, args);
    const before = calls.slice(0, calls.indexOf("bundle")).map((call) => basename(call));
    const files = readdirSync(join(project.root, ".runseal/runs/one"));
    expect(files).toContain("OUTPUT_TREE.json");
    expect(files.filter((name) => !before.includes(name))).toEqual([]);
  });
});
