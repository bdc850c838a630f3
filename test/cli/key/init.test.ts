import { chmodSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { makeProject, modeOf, namesIn, type Project } from "../../support/command/cli.ts";

/** An address in the user's own runseal folder. */
function own(project: Project, ...path: readonly string[]): string {
  return join(project.config, "runseal", ...path);
}

function readOwn(project: Project, ...path: readonly string[]): string {
  return readFileSync(own(project, ...path), "utf8");
}

describe.concurrent("runseal init", () => {
  it("makes a key, its public half and a trust file, and says what to give to others", async () => {
    using project = makeProject();
    const { stdout } = await project.done(["init", "--name", "default", "--no-passphrase"]);
    expect(namesIn(own(project))).toEqual(["keys", "trust"]);
    expect(namesIn(own(project, "keys"))).toEqual(["default.key", "default.pub"]);
    expect(readOwn(project, "keys", "default.key")).toMatch(/^[0-9a-f]{64}\n$/);
    const line = readOwn(project, "keys", "default.pub");
    expect(line).toMatch(/^default runseal-ed25519 [0-9a-f]{64}\n$/);
    expect(readOwn(project, "trust")).toBe(line);
    expect(stdout).toContain(`\n    ${line}`);
    for (const file of ["keys/default.key", "keys/default.pub", "trust"]) {
      expect(stdout).toContain(own(project, file));
    }
    expect(stdout, "the private key is never shown").not.toContain(
      readOwn(project, "keys", "default.key").trim(),
    );
  });

  it("closes the private key and its folders to everybody else, whatever the umask", async () => {
    using project = makeProject();
    const { exitCode } = await project.run(["init", "--name", "default", "--no-passphrase"], {
      under: ["sh", "-c", 'umask 000; exec "$@"', "sh"],
    });
    expect(exitCode).toBe(0);
    expect(modeOf(own(project))).toBe("0700");
    expect(modeOf(own(project, "keys"))).toBe("0700");
    expect(modeOf(own(project, "keys", "default.key"))).toBe("0600");
    expect(modeOf(own(project, "keys", "default.pub"))).toBe("0644");
    expect(modeOf(own(project, "trust")), "only this user may edit the trust file").toBe("0644");
  });

  it("does not overwrite a key whose public half was lost, nor a public half without its key", async () => {
    for (const left of ["default.key", "default.pub"]) {
      using project = makeProject();
      mkdirSync(own(project, "keys"), { recursive: true });
      writeFileSync(own(project, "keys", left), "precious\n");
      const { exitCode } = await project.changesNothing(["init", "--name", "default", "--no-passphrase"]);
      expect(exitCode).toBe(4);
    }
  });

  it("makes a second key under another name, and trusts both", async () => {
    using project = makeProject();
    await project.done(["init", "--name", "default", "--no-passphrase"]);
    await project.done(["init", "--name", "build@example.org", "--no-passphrase"]);
    expect(namesIn(own(project, "keys"))).toEqual([
      "build@example.org.key",
      "build@example.org.pub",
      "default.key",
      "default.pub",
    ]);
    expect(readOwn(project, "trust")).toMatch(/^default \S+ \S+\nbuild@example\.org \S+ \S+\n$/);
  });

  it.each(["", "-x", "../up", "a b", "a,b", "*", "a\n\u001b[31m", "é", "x".repeat(65)])(
    "refuses the name %j and makes nothing",
    async (name) => {
      using project = makeProject();
      const { exitCode, stdout, stderr } = await project.changesNothing([
        "init",
        `--name=${name}`,
        "--no-passphrase",
      ]);
      expect({ exitCode, stdout }).toEqual({ exitCode: 2, stdout: "" });
      expect(stderr).toContain("can't be a key's name\nhint: use letters, digits");
      expect(stderr).not.toMatch(/[^\n -~é]/);
    },
  );

  it("prints one object with --json", async () => {
    using project = makeProject();
    const facts = await project.json(["init", "--name", "alice", "--no-passphrase"]);
    expect(facts).toEqual({
      ok: true,
      code: "OK",
      message: expect.any(String),
      details: {},
      name: "alice",
      public_key: expect.stringMatching(/^[0-9a-f]{64}$/),
      key_file: own(project, "keys", "alice.key"),
      public_file: own(project, "keys", "alice.pub"),
      trust_file: own(project, "trust"),
      encrypted: false,
      finished: false,
      exit_code: 0,
    });
  });

  it("uses ~/.config where XDG_CONFIG_HOME is not set or empty", async () => {
    for (const xdg of [{}, { XDG_CONFIG_HOME: "" }]) {
      using project = makeProject();
      const { PATH = "", HOME = "" } = project.env;
      const env = { PATH, HOME, ...xdg };
      await project.done(["init", "--name", "default", "--no-passphrase"], { env });
      expect(namesIn(join(HOME, ".config", "runseal", "keys"))).toEqual(["default.key", "default.pub"]);
      expect(namesIn(project.root)).toEqual(["out"]);
    }
  });

  it("leaves no key behind when the trust file can't be written", async ({ skip }) => {
    using project = makeProject();
    mkdirSync(own(project));
    writeFileSync(own(project, "trust"), "# mine\n");
    if (!(await project.becomeOrdinaryUser())) skip("no ordinary user can run the program here");
    chmodSync(own(project, "trust"), 0o444);
    const { exitCode, stderr } = await project.run(["init", "--name", "default", "--no-passphrase"]);
    expect(exitCode).toBe(4);
    expect(stderr).toContain(
      'error: WRITE_FAILED: could not write "$XDG_CONFIG_HOME/runseal": permission denied\nhint: ',
    );
    expect(namesIn(own(project, "keys"))).toEqual([]);
    expect(readOwn(project, "trust")).toBe("# mine\n");
  });
});
