import { cpSync } from "node:fs";
import { dirname } from "node:path";
import { expect, it } from "vitest";
import { MAIN, makeProjectWithKey, runProcess } from "../../support/command/cli.ts";
import { shell } from "../../support/command/run.ts";

it("runseal run has read all of itself before its command begins, which may replace it", async () => {
  using project = await makeProjectWithKey();
  cpSync(dirname(MAIN), project.at("runseal"), { recursive: true });
  const args = shell("rm -r runseal; echo made > made", "--output", "made", "--id", "r");
  const end = await runProcess(process.execPath, [project.at("runseal/main.js"), ...args], {
    cwd: project.root,
    env: project.env,
  });
  expect(end).toMatchObject({ exitCode: 0, stderr: expect.stringMatching(/^sealed {3}1 file, 5 bytes\n/) });
});
