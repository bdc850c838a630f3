import { mkdirSync, readdirSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { makeProjectWithKey } from "../../support/command/cli.ts";
import { durableCalls } from "../../support/command/durable-calls.ts";
import { injectionObstacle } from "../../support/files/injected-error.ts";

describe.skipIf(injectionObstacle() !== undefined).concurrent("the record of a run", () => {
  it.each([
    ["of the first run of a project", []],
    ["in folders that another run made and may not have synced", [".runseal/unlisted"]],
  ])("is durable before the command starts, and so are the folders above it: %s", async (_which, folders) => {
    using project = await makeProjectWithKey();
    for (const folder of folders) mkdirSync(project.at(folder), { recursive: true });
    const calls = await durableCalls(project, ["run", "--id", "one", "--", "false"]);
    expect(calls).toContain("start false");
    const before = calls.slice(0, calls.indexOf("start false"));
    const [record = "none"] = readdirSync(project.at(".runseal/unlisted"));
    for (const path of ["", ".runseal", ".runseal/unlisted", `.runseal/unlisted/${record}`])
      expect(before).toContain(`sync ${project.at(path).replace(/\/$/, "")}`);
  });
});
