import { readdirSync, symlinkSync } from "node:fs";
import { basename, join } from "node:path";
import { describe, expect, it } from "vitest";
import { makeProjectWithKey } from "../../support/command/cli.ts";
import { durableCalls } from "../../support/command/durable-calls.ts";
import { injectionObstacle } from "../../support/files/injected-error.ts";

describe.skipIf(injectionObstacle() !== undefined).concurrent("the first bundle of a project", () => {
  it.each<[string, readonly string[], readonly string[]]>([
    ["a seal that keeps nothing", ["seal", "out", "--id", "one", "--no-keep"], ["", ".runseal"]],
    ["a seal that keeps the outputs", ["seal", "out", "--id", "one"], ["", ".runseal"]],
    ["a run that keeps nothing", ["run", "--id", "one", "--no-keep", "--", "true"], ["", ".runseal"]],
    ["a run that failed", ["run", "--id", "one", "--", "false"], ["", ".runseal"]],
    ["a seal into new folders", ["seal", "out", "--id", "one", "--out", "new/deep"], ["", "new"]],
  ])("appears after the name of each folder above it is durable: %s", async (_what, args, folders) => {
    using project = await makeProjectWithKey();
    const calls = await durableCalls(project, args);
    expect(calls).toContain("rename one");
    const before = calls.slice(0, calls.indexOf("rename one"));
    for (const folder of folders) expect(before).toContain(`sync ${join(project.root, folder)}`);
  });

  it.each([
    ["a seal", ["seal", "out", "--id", "one"]],
    ["a run", ["run", "--id", "one", "--", "true"]],
  ])("appears after each of its files is durable, that of its tree among them: %s", async (_what, args) => {
    using project = await makeProjectWithKey();
    symlinkSync("a.txt", join(project.root, "out/link"));
    const calls = await durableCalls(project, args);
    const before = calls.slice(0, calls.indexOf("rename one")).map((call) => basename(call));
    const files = readdirSync(join(project.root, ".runseal/runs/one"));
    expect(files).toContain("OUTPUT_TREE.json");
    expect(files.filter((name) => !before.includes(name))).toEqual([]);
  });
});
