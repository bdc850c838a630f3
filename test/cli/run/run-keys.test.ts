import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { RIGHT } from "../../support/bundles/keys.ts";
import { type CliSetting, makeProject, makeProjectWithKey, type Project } from "../../support/command/cli.ts";
import { runFacts, runFactsOf, shell } from "../../support/command/run.ts";
import { RealAgent } from "../../support/evidence/ssh-agent.ts";

const COULD_SIGN = /^note: the command could have signed too: [^\n]+$/gm;

function towards(project: Project, agent: RealAgent): Partial<CliSetting> {
  return { env: { ...project.env, SSH_AUTH_SOCK: agent.socket } };
}

describe.concurrent("runseal run: who else could sign", () => {
  it("keeps the ssh-agent that signs from the command, which can't seal a run of its own", async () => {
    using project = makeProject();
    await using agent = await RealAgent.start();
    agent.addNew("alice");
    const script = 'echo "[$SSH_AUTH_SOCK]"; ssh-add -l; test $? -eq 2';
    const end = await project.run(shell(script, "--key", "agent:"), towards(project, agent));
    expect(end).toMatchObject({ exitCode: 0, stdout: "[]\n" });
    expect(end.stderr).not.toMatch(COULD_SIGN);
    const facts = await runFacts(project, "true", ["--key", "agent:"], towards(project, agent));
    expect(facts).toMatchObject({ command_could_sign: null });
  });

  it("leaves an agent that does not sign to the command", async () => {
    using project = await makeProjectWithKey();
    const env = { ...project.env, SSH_AUTH_SOCK: "/tmp/agent" };
    expect((await project.run(shell('echo "$SSH_AUTH_SOCK"'), { env })).stdout).toBe("/tmp/agent\n");
  });

  it("says once that a command could read a key file without a passphrase, and not of an encrypted one", async () => {
    using project = makeProject();
    await project.done(["init", "--name", "plain", "--no-passphrase"]);
    const end = await project.run(shell("true"));
    expect(end.stderr.match(COULD_SIGN)).toHaveLength(1);
    expect(end.stderr).toContain("hint: runseal key passwd encrypts the key");
    expect(await runFacts(project, "true")).toMatchObject({ command_could_sign: "plain-file" });
    const env = { ...project.env, RUNSEAL_PASSPHRASE: RIGHT };
    await project.done(["key", "passwd"], { env: { ...project.env, RUNSEAL_NEW_PASSPHRASE: RIGHT } });
    expect((await project.run(shell("true"), { env })).stderr).not.toMatch(COULD_SIGN);
    expect(await runFacts(project, "true", [], { env })).toMatchObject({ command_could_sign: null });
  });

  it.each(["7", "200", "0200"])("gives the command no descriptor of a passphrase: %s", async (name) => {
    using project = await makeProjectWithKey();
    project.write({ pass: "correct horse\n" });
    const script = `cat /proc/self/fd/${Number(name)} 2>/dev/null; ls -l /proc/self/fd | grep -c /pass; true`;
    const line = `exec bash -c 'exec ${Number(name)}<pass; exec "$@"' bash "$@"`;
    for (const options of [[], ["--unsigned"]]) {
      const env = { ...project.env, RUNSEAL_PASSPHRASE_FD: name, RUNSEAL_NEW_PASSPHRASE_FD: name };
      const end = await project.run(shell(script, ...options), { env, under: ["sh", "-c", line, "sh"] });
      expect(end).toMatchObject({ exitCode: 0, stdout: "0\n" });
    }
  });

  it("refuses a passphrase on a stream of the command, and runs nothing", async () => {
    using project = await makeProjectWithKey();
    const env = { ...project.env, RUNSEAL_PASSPHRASE_FD: "0" };
    const end = await project.changesNothing(shell("touch ran", "--json"), { env });
    expect(runFactsOf(end)).toMatchObject({ code: "USAGE", exit_code: 2 });
  });

  it("gives a program that signs no descriptor of a passphrase", async () => {
    using project = makeProject();
    project.write({ pass: "correct horse\n" });
    const line = `exec bash -c 'exec 200<pass; exec "$@"' bash "$@"`;
    const command = "cat /proc/self/fd/200 > stolen; env > seen; exit 1";
    const signer = ["--key", `exec:${command}`, "--public-key", "ab".repeat(32)];
    const env = { ...project.env, RUNSEAL_PASSPHRASE_FD: "200", RUNSEAL_PASSPHRASE_FILE: "pass" };
    await project.run(["seal", "out", ...signer], { env, under: ["sh", "-c", line, "sh"] });
    expect(readFileSync(project.at("stolen"), "utf8")).toBe("");
    expect(readFileSync(project.at("seen"), "utf8")).not.toContain("RUNSEAL_PASSPHRASE");
  });

  it("gives the command no variable that leads to a passphrase", async () => {
    using project = await makeProjectWithKey();
    const env = {
      ...project.env,
      RUNSEAL_PASSPHRASE: "p",
      RUNSEAL_NEW_PASSPHRASE: "p",
      RUNSEAL_PASSPHRASE_FILE: "p",
      RUNSEAL_NEW_PASSPHRASE_COMMAND: "c",
      RUNSEAL_PASSPHRASED: "kept",
    };
    const end = await project.run(shell("env"), { env });
    expect(end.stdout).not.toMatch(/PASSPHRASE(?:_|=)/);
    expect(end.stdout).toContain("RUNSEAL_PASSPHRASED=kept\n");
  });
});
