import { execFileSync } from "node:child_process";
import { createPublicKey } from "node:crypto";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { createKeyFile } from "../../../src/node/keys/write-key-file.ts";
import { CHEAP, RIGHT, secretOf, WRONG } from "../../support/bundles/keys.ts";
import { caseOf } from "../../support/command/case-of.ts";
import { factsOf, makeProject, modeOf, namesIn, type Project } from "../../support/command/cli.ts";
import { HAS_PTY, runAtTerminal, type Step } from "../../support/command/pty.ts";
import { drawn, longIt } from "../../support/rings/ring.ts";

function keyFile(project: Project, name = "default"): string {
  return join(project.config, "runseal", "keys", `${name}.key`);
}

function textOf(project: Project, name?: string): string {
  return readFileSync(keyFile(project, name), "utf8");
}

const PLAIN = /^[0-9a-f]{64}\n$/;
const ENCRYPTED = /^runseal-key-v1 [A-Za-z0-9+/=]{132}\n$/;
const NEW = 'New passphrase for "$XDG_CONFIG_HOME/runseal/keys/default.key": ';
const AGAIN = "The same again: ";

/** What a person types who chooses a passphrase. */
function choosing(first: string, second: string): readonly Step[] {
  return [
    { expect: NEW, type: `${first}\r` },
    { expect: AGAIN, type: `${second}\r` },
  ];
}

/** Makes the user's key one that costs little to open. */
async function withCheapKey(): Promise<Project> {
  const project = makeProject();
  await project.done(["init", "--name", "default", "--no-passphrase"]);
  using passphrase = secretOf(RIGHT);
  const made = await createKeyFile(keyFile(project), { passphrase, cost: CHEAP, replace: true });
  if (!made.ok) throw new Error(made.code);
  using signer = made.value;
  const publicKey = Buffer.from(signer.publicKey()).toString("hex");
  writeFileSync(keyFile(project).replace(/key$/, "pub"), `default runseal-ed25519 ${publicKey}\n`);
  return project;
}

describe.skipIf(!HAS_PTY)("runseal init at a terminal", () => {
  it.concurrent("asks twice for a passphrase and encrypts the key", async () => {
    using project = makeProject();
    const setting = { cwd: project.root, env: project.env };
    const end = await runAtTerminal(["init", "--name", "default"], choosing(RIGHT, RIGHT), setting);
    expect(end, end.terminal).toMatchObject({ exitCode: 0, stderr: "", unasked: 0 });
    expect(end.stdout).toContain("encrypted with your passphrase");
    expect(textOf(project)).toMatch(ENCRYPTED);
    expect(modeOf(keyFile(project))).toBe("0600");
    const env = { ...project.env, RUNSEAL_PASSPHRASE: RIGHT };
    await project.done(["seal", "out", "--id", "one"], { env });
    await project.done(["verify", ".runseal/runs/one"]);
  });

  const REFUSED: readonly (readonly [string, readonly Step[], string, number])[] = [
    ["two that differ", choosing(RIGHT, WRONG), "PASSPHRASE_UNUSABLE mismatch", 4],
    ["none", [{ expect: NEW, type: "\r" }], "PASSPHRASE_UNUSABLE empty", 4],
    ["none the second time", choosing(RIGHT, ""), "PASSPHRASE_UNUSABLE empty", 4],
    ["Ctrl-C", [{ expect: NEW, type: "\u0003" }], "INTERRUPTED", 130],
    ["Ctrl-C the second time", choosing(RIGHT, "\u0003"), "INTERRUPTED", 130],
  ];
  it.concurrent.each(drawn(REFUSED, 2))("makes nothing of %s", async (_what, steps, code, exitCode) => {
    using project = makeProject();
    const end = await runAtTerminal(["init", "--name", "default", "--json"], steps, {
      cwd: project.root,
      env: project.env,
    });
    const facts = factsOf(end);
    expect(facts).toMatchObject({ exit_code: exitCode });
    expect(caseOf(facts)).toBe(code);
    expect(end.exitCode).toBe(exitCode);
    expect(namesIn(project.config)).toEqual([]);
  });

  it.concurrent("asks nothing with --no-passphrase, nor where there is a key already", async () => {
    using project = makeProject();
    const setting = { cwd: project.root, env: project.env };
    const made = await runAtTerminal(["init", "--name", "default", "--no-passphrase", "--json"], [], setting);
    expect(JSON.parse(made.stdout)).toMatchObject({ ok: true, encrypted: false });
    const again = await runAtTerminal(["init", "--name", "default", "--json"], [], setting);
    expect(JSON.parse(again.stdout)).toMatchObject({ code: "KEY_EXISTS" });
    expect(made.terminal + again.terminal).toBe("");
  });

  it.concurrent("changes a passphrase: the old one first, then the new one twice", async () => {
    using project = await withCheapKey();
    const steps = [
      { expect: "Passphrase for", type: `${RIGHT}\r` },
      ...choosing("another one", "another one"),
    ];
    const end = await runAtTerminal(["key", "passwd"], steps, { cwd: project.root, env: project.env });
    expect(end, end.terminal).toMatchObject({ exitCode: 0, unasked: 0 });
    expect(end.stdout).toContain("default has a new passphrase");
    const seal = (passphrase: string): Promise<unknown> =>
      project.json(["seal", "out"], { env: { ...project.env, RUNSEAL_PASSPHRASE: passphrase } });
    expect(await seal("another one")).toMatchObject({ code: "OK" });
    expect(await seal(RIGHT)).toMatchObject({ code: "PASSPHRASE_UNUSABLE", details: { reason: "wrong" } });
  });
});

describe.concurrent("runseal init and key new without a terminal", () => {
  it("makes a plain key with --no-passphrase, and says so", async () => {
    using project = makeProject();
    const { stdout } = await project.done(["init", "--name", "default", "--no-passphrase"]);
    expect(stdout).toContain("not encrypted: keep it to yourself");
    expect(textOf(project)).toMatch(PLAIN);
    expect(await project.json(["key", "new", "second", "--no-passphrase"])).toMatchObject({
      name: "second",
      encrypted: false,
    });
  });

  it("encrypts where a variable gives one, and not with --no-passphrase", async () => {
    using project = makeProject();
    const env = { ...project.env, RUNSEAL_PASSPHRASE: RIGHT };
    expect(await project.json(["init", "--name", "default"], { env })).toMatchObject({ encrypted: true });
    expect(textOf(project)).toMatch(ENCRYPTED);
    expect(await project.json(["key", "new", "b", "--no-passphrase"], { env })).toMatchObject({
      encrypted: false,
    });
    expect(textOf(project, "b")).toMatch(PLAIN);
    const { keys } = await project.json(["key", "list"]);
    expect(keys).toMatchObject([
      { name: "b", encrypted: false },
      { name: "default", encrypted: true },
    ]);
    expect((await project.done(["key", "show", "default"])).stdout).toContain("kept          encrypted\n");
  });

  it("replaces a key with --force only, and keeps trusting the old one", async () => {
    using project = makeProject();
    const first = await project.json(["init", "--name", "default", "--no-passphrase"]);
    await project.done(["seal", "out", "--id", "one"]);
    await project.changesNothing(["init", "--name", "default", "--no-passphrase"]);
    await project.changesNothing(["key", "new", "default"]);
    const second = await project.json(["init", "--name", "default", "--no-passphrase", "--force"]);
    expect(second["public_key"]).not.toBe(first["public_key"]);
    expect(namesIn(join(project.config, "runseal", "keys"))).toEqual(["default.key", "default.pub"]);
    expect(await project.json(["key", "show"])).toMatchObject({ public_key: second["public_key"] });
    await project.done(["verify", ".runseal/runs/one"]);
    await project.done(["seal", "out", "--id", "two"]);
    await project.done(["verify", ".runseal/runs/two"]);
  });
});

describe.concurrent("runseal key passwd", () => {
  longIt("encrypts a plain key, changes the passphrase, and takes it away", async () => {
    using project = makeProject();
    await project.done(["init", "--name", "default", "--no-passphrase"]);
    const { public_key } = await project.json(["key", "show"]);
    const passwd = (
      more: Readonly<Record<string, string>>,
      ...options: readonly string[]
    ): Promise<unknown> => project.json(["key", "passwd", ...options], { env: { ...project.env, ...more } });
    expect(await passwd({ RUNSEAL_NEW_PASSPHRASE: "a" })).toMatchObject({ ok: true, encrypted: true });
    expect(textOf(project)).toMatch(ENCRYPTED);
    expect(await passwd({ RUNSEAL_PASSPHRASE: "b", RUNSEAL_NEW_PASSPHRASE: "c" })).toMatchObject({
      code: "PASSPHRASE_UNUSABLE",
      details: { reason: "wrong" },
    });
    expect(await passwd({ RUNSEAL_PASSPHRASE: "a" })).toMatchObject({
      code: "PASSPHRASE_UNUSABLE",
      details: { reason: "missing" },
    });
    expect(await passwd({ RUNSEAL_PASSPHRASE: "a", RUNSEAL_NEW_PASSPHRASE: "" })).toMatchObject({
      code: "PASSPHRASE_UNUSABLE",
      details: { reason: "empty", names: ["RUNSEAL_NEW_PASSPHRASE"] },
    });
    writeFileSync(project.at("new"), "c\n");
    expect(await passwd({ RUNSEAL_PASSPHRASE: "a", RUNSEAL_NEW_PASSPHRASE_FILE: "new" })).toMatchObject({
      ok: true,
    });
    expect(await passwd({ RUNSEAL_PASSPHRASE: "c" }, "--no-passphrase")).toMatchObject({ encrypted: false });
    expect(textOf(project)).toMatch(PLAIN);
    expect(modeOf(keyFile(project))).toBe("0600");
    const { signer } = await project.json(["seal", "out"]);
    expect(signer).toMatchObject({ public_key });
    expect(namesIn(join(project.config, "runseal", "keys"))).toEqual(["default.key", "default.pub"]);
  });
});

/** The key in OpenSSH's form or in PEM, by another reader. */
function createPublicKeyHex(text: string): string {
  const [, base64] = /^ssh-ed25519 (\S+) alice\n$/.exec(text) ?? [];
  const bytes =
    base64 === undefined
      ? createPublicKey(text).export({ format: "der", type: "spki" })
      : Buffer.from(base64, "base64");
  return bytes.subarray(-32).toString("hex");
}

describe.concurrent("runseal key import and export", () => {
  longIt(
    "imports an encrypted OpenSSH key, which keeps its passphrase, and gives back its public half",
    async () => {
      using project = makeProject();
      execFileSync("ssh-keygen", [
        "-q",
        "-t",
        "ed25519",
        "-N",
        RIGHT,
        "-a",
        "1",
        "-C",
        "alice",
        "-f",
        project.at("id"),
      ]);
      const before = readFileSync(project.at("id"));
      writeFileSync(project.at("passphrase"), `${RIGHT}\n`);
      const env = { ...project.env, RUNSEAL_PASSPHRASE_FD: "7" };
      const under = ["sh", "-c", 'exec 7<passphrase; exec "$@"', "sh"];
      const end = await project.run(["key", "import", "id", "--name", "alice", "--json"], { env, under });
      expect(JSON.parse(end.stdout)).toMatchObject({ ok: true, name: "alice", encrypted: true });
      expect(readFileSync(project.at("id"))).toEqual(before);
      expect(textOf(project, "alice")).toMatch(ENCRYPTED);
      const seal = await project.run(["seal", "out", "--id", "one", "--json"], { env, under });
      expect(JSON.parse(seal.stdout)).toMatchObject({ ok: true });
      const openssh = await project.done(["key", "export", "--format", "openssh"]);
      expect(openssh.stdout).toBe(readFileSync(project.at("id.pub"), "utf8"));
      writeFileSync(project.at("trust"), openssh.stdout.replace(/^/, "alice "));
      await project.done(["verify", ".runseal/runs/one", "--trust", "trust"]);
    },
  );

  longIt("gives an imported key another passphrase where one is given, or none on request", async () => {
    using project = makeProject();
    execFileSync("ssh-keygen", ["-q", "-t", "ed25519", "-N", "old", "-a", "1", "-f", project.at("id")]);
    const env = { ...project.env, RUNSEAL_PASSPHRASE: "old" };
    const renewed = { ...env, RUNSEAL_NEW_PASSPHRASE: "new" };
    expect(await project.json(["key", "import", "id", "--name", "a"], { env: renewed })).toMatchObject({
      encrypted: true,
    });
    const seal = ["seal", "out", "--key", keyFile(project, "a")];
    expect(await project.json(seal, { env })).toMatchObject({
      code: "PASSPHRASE_UNUSABLE",
      details: { reason: "wrong" },
    });
    expect(await project.json(seal, { env: { ...env, RUNSEAL_PASSPHRASE: "new" } })).toMatchObject({
      code: "OK",
    });
    const plain = ["key", "import", "id", "--name", "b", "--no-passphrase"];
    expect(await project.json(plain, { env })).toMatchObject({ encrypted: false });
    expect(textOf(project, "b")).toMatch(PLAIN);
    await project.changesNothing(plain, { env });
  });

  it("imports a key of openssl's", async () => {
    using project = makeProject();
    execFileSync("openssl", ["genpkey", "-algorithm", "ed25519", "-out", project.at("key.pem")]);
    execFileSync("chmod", ["600", project.at("key.pem")]);
    await project.done(["key", "import", "key.pem", "--name", "default", "--no-passphrase"]);
    const { stdout } = await project.done(["key", "export", "--format", "pem"]);
    expect(stdout).toBe(
      execFileSync("openssl", ["pkey", "-in", project.at("key.pem"), "-pubout"], { encoding: "utf8" }),
    );
  });

  it("exports a private key as its file has it, to a new file of its owner's, after a yes alone", async () => {
    using project = makeProject();
    await project.done(["init", "--name", "alice", "--no-passphrase"]);
    const kept = readFileSync(keyFile(project, "alice"), "utf8");
    const asked = await project.run(["key", "export", "-o", "backup"]);
    expect(asked.exitCode).toBe(2);
    expect(asked.stderr).toContain(
      "not encrypted: every holder of it can sign as you\nhint: nothing was done: --yes does it without asking",
    );
    expect(existsSync(project.at("backup"))).toBe(false);
    const facts = await project.json(["key", "export", "alice", "-o", "backup", "--yes"]);
    expect(facts).toMatchObject({ name: "alice", encrypted: false, key_file: "backup" });
    expect(JSON.stringify(facts)).not.toContain(kept.trim());
    expect(readFileSync(project.at("backup"), "utf8")).toBe(kept);
    expect(modeOf(project.at("backup"))).toBe("0600");
    const again = await project.json(["key", "export", "alice", "-o", "backup", "--yes"]);
    expect(again).toMatchObject({ code: "WRITE_FAILED" });
    expect((await project.done(["key", "export", "--yes"])).stdout).toBe(kept);
    expect(await project.json(["key", "export", "--yes"])).toMatchObject({ code: "USAGE" });
    expect(await project.json(["key", "export", "--format", "pem", "--yes"])).toMatchObject({
      code: "USAGE",
    });
    await project.done(["key", "import", "backup", "--name", "again", "--no-passphrase"]);
  });

  longIt("exports an encrypted key encrypted, and asks for no passphrase", async () => {
    using project = makeProject();
    const env = { ...project.env, RUNSEAL_PASSPHRASE: RIGHT };
    await project.done(["init", "--name", "alice"], { env });
    expect(await project.json(["key", "export", "-o", "backup", "--yes"])).toMatchObject({ encrypted: true });
    expect(readFileSync(project.at("backup"), "utf8")).toBe(textOf(project, "alice"));
    expect(textOf(project, "alice")).toMatch(ENCRYPTED);
  });

  it("prints one form, which a trust file and trust add take as it is", async () => {
    using project = makeProject();
    await project.done(["init", "--name", "alice", "--no-passphrase"]);
    const { public_key } = await project.json(["key", "show"]);
    const { stdout } = await project.done(["key", "export", "--format", "runseal"]);
    expect(stdout).toBe(`alice runseal-ed25519 ${public_key}\n`);
    const { hint: _, ...facts } = await project.json(["key", "export", "alice", "--format", "runseal"]);
    expect(facts).toMatchObject({ name: "alice", runseal: stdout });
    expect(facts).not.toHaveProperty("openssh");
    await project.done(["trust", "add", "ci", stdout.trimEnd(), "--trust", "added"]);
    expect(await project.json(["trust", "list", "--trust", "added"])).toMatchObject({
      lines: [{ names: ["ci"], public_key }],
    });
    project.write({ copied: stdout, "out/a.txt": "a\n" });
    await project.done(["seal", "out", "--id", "one"]);
    await project.done(["verify", "one", "--trust", "copied"]);
    await project.done(["verify", "one", "--trust", "added"]);
    await project.done(["verify", "one", "--signer", stdout.trimEnd()]);
    const limited = stdout.trimEnd().replace(" ", " revoked ");
    const refused = await project.run(["trust", "add", "ci", limited, "--trust", "added"]);
    expect(refused, "its options would be lost").toMatchObject({ exitCode: 2 });
    for (const format of ["openssh", "pem"]) {
      const other = await project.json(["key", "export", "--format", format]);
      expect(createPublicKeyHex(String(other[format]))).toBe(public_key);
    }
    expect(await project.json(["key", "export", "bob", "--format", "runseal"])).toMatchObject({
      code: "KEY_NOT_FOUND",
    });
    const wrong = await project.run(["key", "export", "--format", "jwk"]);
    expect(wrong.exitCode).toBe(2);
  });
});
