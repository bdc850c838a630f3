import { describe, expect, it } from "vitest";
import { openDebugLog } from "../../../src/cli/debug/debug-log.ts";
import { makeRedactor } from "../../../src/cli/debug/redaction.ts";
import { hasCauseListener, publishCause } from "../../../src/node/system/runtime/cause-channel.ts";
import { makeSealedProject } from "../../support/command/cli.ts";
import { quietIo } from "../../support/command/quiet-io.ts";

const SEED = "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60";

/** Opens a log, lets something happen, and gives what was written. */
async function logged(
  happens: () => void,
  environment: Readonly<Record<string, string>> = {},
): Promise<readonly string[]> {
  const lines: string[] = [];
  const io = quietIo({
    writeError: (text) => void lines.push(text),
    environment,
    now: () => 1_700_000_000,
  });
  const log = await openDebugLog(io);
  try {
    happens();
  } finally {
    log.close();
  }
  return lines;
}

describe("the debug log", () => {
  it("has one JSON object a line, with what a system error says of itself", async () => {
    const error = Object.assign(new Error("EACCES: permission denied, open '/srv/x'"), {
      code: "EACCES",
      syscall: "open",
      path: "/srv/x",
      spawnargs: ["--password", "whatever"],
    });
    const lines = await logged(() => publishCause(error));
    expect(lines).toHaveLength(1);
    expect(JSON.parse(lines[0] ?? "")).toMatchObject({
      level: "debug",
      time: "2023-11-14T22:13:20Z",
      msg: "cause",
      cause: { type: "Error", message: error.message, code: "EACCES", syscall: "open", path: "/srv/x" },
    });
    expect(lines[0]).toMatch(/^[^\n]*\n$/);
    expect(lines[0]).not.toContain("whatever");
  });

  it("follows causes of causes, though they go in circles", async () => {
    const inner = new Error("inner");
    const outer = new Error("outer", { cause: inner });
    inner.cause = outer;
    const [line = ""] = await logged(() => publishCause(outer));
    expect(JSON.parse(line)).toMatchObject({ cause: { message: "outer", cause: { message: "inner" } } });
  });

  it("has an exception once, though it passes several hands", async () => {
    const error = new Error("once");
    const lines = await logged(() => {
      publishCause(error);
      publishCause(error);
      publishCause(new Error("once"));
    });
    expect(lines).toHaveLength(2);
  });

  it("says of a thrown object that is no error only that it was one", async () => {
    const [line = ""] = await logged(() => publishCause({ passphrase: "hunter2hunter2" }));
    expect(JSON.parse(line)).toMatchObject({ cause: { type: "object", message: "" } });
  });

  it("can't repaint a terminal", async () => {
    const [line = ""] = await logged(() => publishCause(new Error("\u001b[2J\u009b2J\u202e\u2028")));
    expect(line.trimEnd()).toMatch(/^[ -~]+$/);
  });

  it("hears nothing before it is opened and after it is closed", async () => {
    publishCause(new Error("before"));
    expect(hasCauseListener()).toBe(false);
    const lines = await logged(() => publishCause(new Error("meanwhile")));
    publishCause(new Error("after"));
    expect(hasCauseListener()).toBe(false);
    expect(lines).toHaveLength(1);
  });

  it.each([
    [{ RUNSEAL_PASSPHRASE: "correct horse" }, "correct horse"],
    [{ RUNSEAL_PASSPHRASE: 'say "friend" \\ enter' }, 'say "friend" \\ enter'],
    [{ RUNSEAL_PASSPHRASE_COMMAND: "pass show runseal" }, "pass show runseal"],
    [{ GITHUB_TOKEN: "ghp_0123456789" }, "ghp_0123456789"],
    [{ MY_SECRET: "abcd", LONGER_SECRET: "abcdefgh" }, "abcdefgh"],
    [{}, SEED],
    [{}, `${SEED}${SEED}`.toUpperCase()],
    [{}, "-----BEGIN OPENSSH PRIVATE KEY-----\nb3BlbnNzaC1rZXk\n-----END OPENSSH PRIVATE KEY-----"],
  ])("takes secrets out of it, whatever member they are in: %o", async (environment, secret) => {
    const error = Object.assign(new Error(`before ${secret} after`), {
      code: secret,
      path: `/srv/${secret}`,
    });
    const lines = await logged(() => publishCause(new Error("outer", { cause: error })), environment);
    const { cause } = JSON.parse(lines[0] ?? "") as { cause: { cause: Record<string, unknown> } };
    expect(cause.cause).toMatchObject({
      message: "before [secret] after",
      code: "[secret]",
      path: "/srv/[secret]",
    });
  });

  it("leaves paths, short values and ordinary variables", () => {
    const environment = { RUNSEAL_PASSPHRASE_FILE: "/run/secrets/p", A_TOKEN: "abc", LANG: "C.UTF-8" };
    const line = '{"path":"/run/secrets/p","text":"abc C.UTF-8","digest":"0123abcd"}';
    expect(makeRedactor(environment)(line)).toBe(line);
  });

  it("is written by every command, in whatever place --debug stands, and by RUNSEAL_LOG=debug", async () => {
    using project = await makeSealedProject();
    const env = { ...project.env, XDG_CONFIG_HOME: "/nonexistent" };
    const line = /^\{"level":"debug".*"msg":"ended"\}\n/m;
    for (const args of [
      ["--debug", "key", "list"],
      ["key", "--debug", "list"],
      ["key", "list", "--debug"],
    ]) {
      expect((await project.run(args, { env })).stderr).toMatch(line);
    }
    expect((await project.run(["key", "list"], { env: { ...env, RUNSEAL_LOG: "debug" } })).stderr).toMatch(
      line,
    );
    expect((await project.run(["key", "list"], { env: { ...env, RUNSEAL_LOG: "info" } })).stderr).toBe("");
    expect((await project.run(["verify", "--", "--debug"], { env })).stderr).not.toMatch(line);
  });
});
