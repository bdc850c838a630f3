import { execFileSync } from "node:child_process";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { describe, expect, it } from "vitest";
import { FIRST_SEED, testSigner } from "../../support/bundles/bundle.ts";
import { BUNDLE, type CliSetting, makeProject, type Project } from "../../support/command/cli.ts";
import { RealAgent } from "../../support/evidence/ssh-agent.ts";
import { makeFolder, removeTree } from "../../support/files/tree.ts";

const OWN = testSigner(FIRST_SEED);

/** Seals with a signer that fails: one sentence and a hint on stderr, the same in JSON, and nothing changes. */
async function refusal(
  project: Project,
  args: readonly string[],
  over: Partial<CliSetting>,
  end: { readonly code: string; readonly details: object; readonly exitCode?: number },
): Promise<string> {
  const { code, details, exitCode = 4 } = end;
  const said = await project.sealsNothing(["seal", "out", ...args], over);
  expect(said, said.stderr).toMatchObject({ exitCode, stdout: "" });
  expect(said.stderr).toMatch(/^error: [^\n]+\n(?:hint: [^\n]+\n)+$/);
  const facts = await project.json(["seal", "out", ...args], over);
  expect(facts).toMatchObject({ ok: false, code, details, exit_code: exitCode });
  expect(said.stderr).toContain(String(facts["message"]));
  return said.stderr;
}

describe.concurrent("runseal seal --key agent:", () => {
  it("seals with a key of ssh-keygen's, and its own .pub line makes others trust it", async () => {
    using project = makeProject();
    await using agent = await RealAgent.start();
    const { line, publicKey } = agent.addNew("alice@laptop");
    await project.done(["seal", "out", "--id", "one", "--key", "agent:"], towards(project, agent));
    writeFileSync(project.at("trust"), `alice ${line}\n`);
    const facts = await project.json(["verify", BUNDLE, "--trust", "trust"]);
    expect(facts).toMatchObject({ ok: true, code: "OK", bound: true, trust: { ok: true, name: "alice" } });
    expect(facts["signer"]).toMatchObject({ public_key: publicKey.toString("hex") });
    await project.done(["verify", BUNDLE, "--signer", line]);
    expect(existsSync(join(project.config, "runseal")), "no key file is needed or made").toBe(false);
  });

  it("says of each thing that can be wrong with an agent what it is", async () => {
    using project = makeProject();
    await using agent = await RealAgent.start();
    const over = towards(project, agent);
    const agentOnly = ["--key", "agent:"];
    const said = [
      await refusal(project, agentOnly, {}, { code: "AGENT_UNREACHABLE", details: { reason: "not-set" } }),
      await refusal(project, agentOnly, over, { code: "KEY_NOT_FOUND", details: { reason: "agent-empty" } }),
    ];
    agent.addNew("ecdsa-key", [], "ecdsa");
    said.push(
      await refusal(project, agentOnly, over, {
        code: "KEY_NOT_FOUND",
        details: { reason: "agent-no-ed25519" },
      }),
    );
    const alice = agent.addNew("alice");
    const { file, fingerprint } = agent.addNew("bob");
    const ambiguous = { code: "AMBIGUOUS", details: { reason: "agent-key" }, exitCode: 2 };
    const two = await refusal(project, agentOnly, over, ambiguous);
    expect(two).toContain(`"${alice.fingerprint} alice", "${fingerprint} bob"`);
    agent.sshAdd("-d", file);
    const gone = await refusal(project, ["--key", `agent:${fingerprint}`], over, {
      code: "KEY_NOT_FOUND",
      details: { reason: "agent" },
    });
    expect(gone).toContain(`does not hold the key "${fingerprint}"; it has "${alice.fingerprint} alice"`);
    await agent.lock();
    const locked = await refusal(project, agentOnly, over, {
      code: "KEY_NOT_FOUND",
      details: { reason: "agent-empty" },
    });
    expect(locked).toContain("it is locked, or holds none");
    await agent.lock(false);
    agent.sshAdd("-D");
    agent.sshAdd("-c", alice.file);
    said.push(
      two,
      gone,
      await refusal(project, agentOnly, over, {
        code: "SIGNER_FAILED",
        details: { reason: "agent-refused" },
      }),
    );
    await agent.stop("SIGKILL");
    said.push(
      await refusal(project, agentOnly, over, {
        code: "AGENT_UNREACHABLE",
        details: { reason: "no-answer" },
      }),
    );
    expect(new Set(said).size, "each its own sentence").toBe(said.length);
    expect(said.join(), "no path that the user did not write").not.toContain(agent.folder);
  });
});

describe.concurrent("runseal seal --key exec:", () => {
  it("seals by a program, as docs/signers.md has it for OpenSSL", async () => {
    using project = makeProject();
    const page = readFileSync(new URL("../../../docs/signers.md", import.meta.url), "utf8");
    const [script = "", publicKey = ""] = [...page.matchAll(/```sh\n(.*?)```/gs)].map(
      (match) => match[1] ?? "",
    );
    writeFileSync(project.at("sign-openssl.sh"), script);
    execFileSync("openssl", ["genpkey", "-algorithm", "ed25519", "-out", project.at("key.pem")]);
    execFileSync("sh", ["-c", publicKey], { cwd: project.root });
    const signer = ["--key", "exec:sh sign-openssl.sh key.pem", "--public-key", "key.pub"];
    await project.done(["seal", "out", "--id", "one", ...signer]);
    await project.done(["verify", BUNDLE, "--signer", "key.pub"]);
  });

  it("gives the program the message, and the environment but for runseal's passphrase", async () => {
    using project = makeProject();
    const command = 'cat > got; printf %s "$RUNSEAL_PASSPHRASE$RUNSEAL_NEW_PASSPHRASE$OTHER" >> got';
    const env = {
      ...project.env,
      RUNSEAL_PASSPHRASE: "secret",
      RUNSEAL_NEW_PASSPHRASE: "next",
      OTHER: "other",
    };
    const end = await project.run(["seal", "out", ...byCommand(command)], { env });
    expect(end.exitCode).toBe(4);
    expect(readFileSync(project.at("got"), "utf8")).toMatch(
      /^CAT-DPT-SPECTRUM-04-v1:BUNDLE:\{"bundle_root":"[0-9a-f]{64}","decision":"ACCEPT",[^}]*\}other$/,
    );
  });

  it.each([
    ["hangs", 'echo $$ > "$PIDS"; exec sleep 600'],
    [
      "hangs with its input unread and half a signature given",
      'echo $$ > "$PIDS"; printf half; exec sleep 600 < /dev/null',
    ],
    ["hangs in a pipeline", 'echo $$ > "$PIDS"; sleep 600 | cat'],
    ["ends and leaves a child with its stdout", 'sleep 600 & echo $! > "$PIDS"'],
    [
      "ignores all signals that can be ignored",
      'trap "" TERM INT HUP; echo $$ > "$PIDS"; while :; do sleep 1; done',
    ],
  ])("that %s: killed with all that it started, nothing sealed", async (_what, command) => {
    using project = makeProject();
    const args = ["seal", "out", ...byCommand(command)];
    await using watch = new PidWatch(project, { RUNSEAL_SIGNER_TIMEOUT: "1" });
    const end = await project.sealsNothing(args, watch.over);
    expect(end).toMatchObject({ exitCode: 4, stdout: "" });
    expect(end.stderr).toContain("did not end within 1 second, and was killed\n");
    await watch.isGone();
    const facts = await project.json(args, watch.over);
    expect(facts).toMatchObject({
      code: "SIGNER_FAILED",
      details: { reason: "command-timeout", seconds: 1 },
    });
    await watch.isGone();
  });

  it("is killed when the seal is interrupted", async () => {
    using project = makeProject();
    await using watch = new PidWatch(project);
    const kill = { signal: "SIGINT", when: () => watch.hasStarted() } as const;
    const args = ["seal", "out", ...byCommand('sleep 600 & echo $! > "$PIDS"; wait')];
    const end = await project.sealsNothing(args, { ...watch.over, kill });
    expect(end).toMatchObject({ exitCode: 130, stdout: "" });
    await watch.isGone();
  });

  it("has its stderr shown as it is", async () => {
    using project = makeProject();
    const end = await project.sealsNothing(["seal", "out", ...byCommand("echo no token >&2; exit 1")], {
      // The signer's stderr is that of the process.
      process: true,
    });
    expect(end.stderr).toMatch(
      /^no token\nerror: SIGNER_FAILED: the signer command failed with exit code 1\nhint: /,
    );
  });
});

describe.concurrent("the options of signers", () => {
  it("leave a file of an odd name to be a key file", async () => {
    using project = makeProject();
    writeFileSync(project.at("SHA256:x"), `${FIRST_SEED}\n`, { mode: 0o600 });
    await project.done(["seal", "out", "--key", "./SHA256:x"]);
  });
});

function byCommand(command: string): readonly string[] {
  return ["--key", `exec:${command}`, "--public-key", OWN.publicKeyHex];
}

function towards(project: Project, agent: RealAgent): Partial<CliSetting> {
  return { env: { ...project.env, SSH_AUTH_SOCK: agent.socket } };
}

/** Where a command says which process of it must not outlive it. */
class PidWatch implements AsyncDisposable {
  readonly #folder = makeFolder();
  readonly #file = join(this.#folder, "pids");
  readonly over: Partial<CliSetting>;

  constructor(project: Project, more: Readonly<Record<string, string>> = {}) {
    this.over = { env: { ...project.env, ...more, PIDS: this.#file } };
  }

  hasStarted(): boolean {
    return this.#pids().length > 0;
  }

  /** Waits until none of them runs; a test that waits for ever fails by its own time limit. */
  async isGone(): Promise<void> {
    expect(this.hasStarted()).toBe(true);
    while (this.#pids().some(isRunning)) await sleep(5);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const pid of this.#pids().filter(isRunning)) process.kill(pid, "SIGKILL");
    removeTree(this.#folder);
  }

  #pids(): readonly number[] {
    return existsSync(this.#file)
      ? (readFileSync(this.#file, "utf8").match(/\d+(?=\n)/g) ?? []).map(Number)
      : [];
  }
}

/** A zombie does not run. */
function isRunning(pid: number): boolean {
  try {
    return !/^\d+ \(.*\) Z/s.test(readFileSync(`/proc/${pid}/stat`, "latin1"));
  } catch {
    return false;
  }
}
