import { spawnSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import {
  BUNDLE,
  type CliSetting,
  makeSealedProject,
  type Project,
  runProcess,
} from "../support/command/cli.ts";
import { type RunningServer, reply, serve } from "../support/evidence/authority-server.ts";

const page = readFileSync(new URL("../../docs/timestamps.md", import.meta.url), "utf8");
const [check = "", make = "", answer = "", ...others] = [...page.matchAll(/```sh\n(.*?)```/gs)].map(
  ([, text = ""]) => text,
);
const missing = ["openssl version", "jq --version", "xxd -v"].find((call) => {
  const [program = "", ...args] = call.split(" ");
  return spawnSync(program, args).status !== 0;
});

function settingOf({ env, root }: Project): CliSetting {
  return { cwd: root, env: { ...env, BUNDLE } };
}

/** Runs a block of the page as a shell would; gives what it printed. */
async function sh(text: string, project: Project): Promise<string> {
  const end = await runProcess("sh", ["-ec", text], settingOf(project));
  expect(end.exitCode, end.stderr).toBe(0);
  return end.stdout + end.stderr;
}

describe.skipIf(missing !== undefined)("the commands in docs/timestamps.md", () => {
  it("make an authority, whose timestamp openssl accepts without runseal", async () => {
    expect(others).toEqual([]);
    using project = await makeSealedProject();
    await sh(make, project);
    const server: RunningServer = await serve((query, response) => {
      writeFileSync(project.at("request.tsq"), query);
      const { status, stderr } = spawnSync("sh", ["-ec", answer], { cwd: project.root, encoding: "utf8" });
      expect(status, stderr).toBe(0);
      reply(response, readFileSync(project.at("reply.tsr")));
    });
    try {
      await project.done(["trust", "add", "ours", "--tsa", "ca.pem"]);
      await project.done(["sign", "--time", "one", "--tsa", server.url]);
    } finally {
      await server.close();
    }
    const facts = await project.json(["verify", "one", "--require-timestamp"]);
    const { time } = facts as { time: { before: string } };
    const printed = await sh(check, project);
    expect(printed).toContain("Verification: OK\n");
    const stated = /Time stamp: (.*) GMT/.exec(printed)?.[1] ?? "";
    expect(Date.parse(`${stated} UTC`)).toBe(Date.parse(time.before));
  });

  it("fail where the signature is another one", async () => {
    using project = await makeSealedProject();
    await sh(make, project);
    writeFileSync(project.at(BUNDLE, "TIMESTAMPS.json"), '{"tokens":["MAA="],"version":1}');
    const end = await runProcess("sh", ["-ec", check], settingOf(project));
    expect(end.exitCode).not.toBe(0);
  });
});
