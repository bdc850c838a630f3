import { execFileSync } from "node:child_process";
import { readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { userInfo } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { FIRST_SEED, testSigner } from "../../support/bundles/bundle.ts";
import { RIGHT } from "../../support/bundles/keys.ts";
import { caseOf } from "../../support/command/case-of.ts";
import { type Facts, makeProject, namesIn, type Project } from "../../support/command/cli.ts";
import { HAS_PTY, runAtTerminal } from "../../support/command/pty.ts";

/** A user with plain keys of these names. */
async function withKeys(...names: readonly string[]): Promise<Project> {
  const project = makeProject();
  for (const name of names) await project.done(["init", "--name", name, "--no-passphrase"]);
  return project;
}

function keysOf(project: Project): string {
  return join(project.config, "runseal", "keys");
}

async function shown(project: Project, name: string): Promise<Facts> {
  return await project.json(["key", "show", name]);
}

/** The public key that a seal with these options signs with. */
async function signerOf(
  project: Project,
  options: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Promise<unknown> {
  const facts = await project.json(["seal", "out", ...options], { env: { ...project.env, ...env } });
  return (facts["signer"] as Facts | undefined)?.["public_key"] ?? caseOf(facts);
}

describe.concurrent("runseal seal --key", () => {
  it("takes a key of the user's by its name, fingerprint, validator id or public key", async () => {
    using project = await withKeys("alice", "bob");
    const { fingerprint, key_id, public_key, validator_id } = await shown(project, "bob");
    const names = ["bob", fingerprint, `id:${validator_id}`, `id:${key_id}`, validator_id, public_key];
    for (const name of names.map(String)) {
      expect(await signerOf(project, ["--key", name]), name).toBe(public_key);
    }
    for (const unknown of ["SHA256:x", `id:${"0".repeat(64)}`]) {
      expect(await signerOf(project, ["--key", unknown])).toBe("KEY_NOT_FOUND stored");
    }
  });

  it("still takes a key file, but prefers the user's key to a file of the project that has its name", async () => {
    using project = await withKeys("alice");
    const { public_key } = await shown(project, "alice");
    for (const name of ["alice", "other"]) {
      writeFileSync(project.at(name), `${FIRST_SEED}\n`, { mode: 0o600 });
    }
    expect(await signerOf(project, ["--key", "alice"])).toBe(public_key);
    expect(await signerOf(project, ["--key", "./alice"])).toBe(testSigner(FIRST_SEED).publicKeyHex);
    expect(await signerOf(project, ["--key", "other"])).toBe(testSigner(FIRST_SEED).publicKeyHex);
    const { PATH = "" } = project.env;
    const without = { env: { PATH } };
    const facts = await project.json(["seal", "out", "--key", "other"], without);
    expect(facts, "a key file needs no home").toMatchObject({ ok: true });
  });
});

describe.concurrent("the default key", () => {
  it("signs where none is named, and is shown by key list", async () => {
    using project = await withKeys("alice", "bob");
    expect(await signerOf(project, [])).toBe("AMBIGUOUS key");
    expect((await project.done(["key", "default", "bob"])).stdout).toBe("bob signs where no key is named\n");
    const { public_key } = await shown(project, "bob");
    expect(await signerOf(project, [])).toBe(public_key);
    expect(await project.json(["key", "show"])).toMatchObject({ name: "bob" });
    expect((await project.done(["key", "default"])).stdout).toBe("bob\n");
    const { stdout } = await project.done(["key", "list"]);
    expect(stdout).toMatch(
      / alice {2}SHA256:\S+ {2}\S+alice\.key\n.* bob {2}SHA256:\S+ {2}\S+bob\.key {2}\(default\)\n$/,
    );
    expect(await project.json(["key", "list"])).toMatchObject({ default_key: "bob", leftovers: [] });
  });

  it("gives way to RUNSEAL_KEY, and that to --key", async () => {
    using project = await withKeys("alice", "bob");
    await project.done(["key", "default", "bob"]);
    const { fingerprint, public_key } = await shown(project, "alice");
    expect(await signerOf(project, [], { RUNSEAL_KEY: "alice" })).toBe(public_key);
    expect(await signerOf(project, [], { RUNSEAL_KEY: String(fingerprint) })).toBe(public_key);
    expect(await signerOf(project, [], { RUNSEAL_KEY: join(keysOf(project), "alice.key") })).toBe(public_key);
    expect(await signerOf(project, ["--key", "alice"], { RUNSEAL_KEY: "bob" })).toBe(public_key);
    expect(await signerOf(project, [], { RUNSEAL_KEY: "" }), "a variable that went missing").toBe(
      "KEY_NOT_FOUND stored",
    );
  });

  it("is a key that is there", async () => {
    using project = await withKeys("alice", "bob");
    await project.changesNothing(["key", "default", "carol"]);
    expect(await project.json(["key", "default", "carol"])).toMatchObject({ code: "KEY_NOT_FOUND" });
    await project.done(["key", "default", "bob"]);
    await project.run(["key", "rm", "bob", "--yes"]);
    expect(await signerOf(project, []), "another key does not take its place").toBe("KEY_NOT_FOUND stored");
  });
});

describe.concurrent("runseal key rm", () => {
  it("removes both halves, and what the key sealed is still trusted", async () => {
    using project = await withKeys("alice", "bob");
    await project.done(["seal", "out", "--id", "one", "--key", "alice"]);
    const { exitCode, stderr, stdout } = await project.run(["key", "rm", "alice", "--yes"]);
    expect({ exitCode, stdout }).toEqual({ exitCode: 0, stdout: "removed the key alice\n" });
    expect(stderr).toContain("hint: if the key may have been stolen: runseal trust revoke 'alice'\n");
    expect(namesIn(keysOf(project))).toEqual(["bob.key", "bob.pub"]);
    await project.done(["verify", ".runseal/runs/one"]);
    expect(await project.json(["key", "rm", "alice"])).toMatchObject({ code: "KEY_NOT_FOUND", exit_code: 4 });
  });

  it("removes a private key without a public file, and takes no path for a name", async () => {
    using project = await withKeys("alice", "bob");
    rmSync(join(keysOf(project), "alice.pub"));
    writeFileSync(join(project.config, "runseal", "x.key"), "kept\n");
    expect(await project.json(["key", "rm", "../x"])).toMatchObject({ code: "KEY_NOT_FOUND" });
    expect(await project.json(["key", "rm", "alice", "--yes"])).toMatchObject({ ok: true });
    expect(namesIn(keysOf(project))).toEqual(["bob.key", "bob.pub"]);
  });
});

describe("runseal key rm without --yes", () => {
  it.each([
    ["alice", ["alice"], "alice, your only key: nothing brings a removed private key back"],
    ["alice", ["alice", "bob"], "alice: nothing brings a removed private key back"],
    ["bob", ["alice", "bob"], "bob, your default key: nothing brings a removed private key back"],
  ])("removes nothing where there is no terminal: %s of %s", async (name, keys, message) => {
    using project = await withKeys(...keys);
    if (keys.includes("bob")) await project.done(["key", "default", "bob"]);
    const { exitCode, stderr } = await project.changesNothing(["key", "rm", name]);
    expect(exitCode).toBe(2);
    expect(stderr).toContain(`error: USAGE: ${message}\n`);
    expect(stderr).toContain("hint: nothing was done: --yes does it without asking\n");
    expect(await project.json(["key", "rm", name])).toMatchObject({ code: "USAGE", exit_code: 2 });
    expect(namesIn(keysOf(project))).toContain(`${name}.key`);
  });

  it.runIf(HAS_PTY)("asks at a terminal, and removes after yes alone", async () => {
    using project = await withKeys("alice");
    const setting = { cwd: project.root, env: project.env, mayEcho: true } as const;
    const asked = { expect: "Remove alice for good? yes or no: ", type: "\n" };
    const declined = await runAtTerminal(["key", "rm", "alice"], [asked], setting);
    expect(declined).toMatchObject({ exitCode: 1, unasked: 0 });
    expect(declined.terminal).toContain("alice, your only key: nothing brings a removed private key back");
    expect(declined.stderr).toContain("error: DECLINED: nothing was changed");
    expect(namesIn(keysOf(project))).toEqual(["alice.key", "alice.pub"]);
    const removed = await runAtTerminal(["key", "rm", "alice"], [{ ...asked, type: "yes\n" }], setting);
    expect(removed).toMatchObject({ exitCode: 0, unasked: 0, stdout: "removed the key alice\n" });
    expect(namesIn(keysOf(project))).toEqual([]);
  });
});

describe.concurrent("the name of a new key", () => {
  it("is the user's where none is given, whatever keys are there", async () => {
    using project = makeProject();
    await project.done(["init", "--no-passphrase"]);
    const { username } = userInfo();
    expect(namesIn(keysOf(project))).toEqual([`${username}.key`, `${username}.pub`]);
    using other = await withKeys("default");
    await other.done(["init", "--no-passphrase"]);
    expect(namesIn(keysOf(other))).toContain(`${username}.key`);
    expect(await other.json(["init", "--no-passphrase"])).toMatchObject({ code: "KEY_EXISTS" });
  });
});

describe.concurrent("runseal key import", () => {
  it("takes over a key of runseal's own form, plain or encrypted", async () => {
    using project = await withKeys("plain");
    const { public_key } = await shown(project, "plain");
    renameSync(join(keysOf(project), "plain.key"), project.at("moved.key"));
    rmSync(join(keysOf(project), "plain.pub"));
    await project.done(["key", "import", "moved.key", "--name", "again", "--no-passphrase"]);
    expect(await shown(project, "again")).toMatchObject({ public_key, encrypted: false });
    const env = { ...project.env, RUNSEAL_NEW_PASSPHRASE: RIGHT };
    await project.done(["key", "passwd", "again"], { env });
    execFileSync("cp", ["-p", join(keysOf(project), "again.key"), project.at("encrypted.key")]);
    await project.run(["key", "rm", "again", "--yes"]);
    const importing = ["key", "import", "encrypted.key", "--name", "third"];
    expect(await project.json(importing)).toMatchObject({
      code: "PASSPHRASE_UNUSABLE",
      details: { reason: "missing" },
    });
    const kept = await project.json(importing, { env: { ...project.env, RUNSEAL_PASSPHRASE: RIGHT } });
    expect(kept).toMatchObject({ ok: true, public_key, encrypted: true });
    expect(readFileSync(join(keysOf(project), "third.key"), "utf8")).toMatch(/^runseal-key-v1 /);
  });
});
