import { rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { sha256 } from "../../support/bundles/bundle.ts";
import { makeProject, type Project } from "../../support/command/cli.ts";

/** A user with the keys of these names. */
async function withKeys(...names: readonly string[]): Promise<Project> {
  const project = makeProject();
  for (const name of names) await project.done(["init", "--name", name, "--no-passphrase"]);
  return project;
}

const HEX = /^[0-9a-f]{64}$/;

describe.concurrent("runseal key list", () => {
  it("says that there are none, and how to make one", async () => {
    using project = makeProject();
    const { exitCode, stdout } = await project.changesNothing(["key", "list"]);
    expect({ exitCode, stdout }).toEqual({ exitCode: 0, stdout: "no keys yet; runseal init makes one\n" });
    const facts = await project.json(["key", "list"]);
    expect(facts).toMatchObject({ ok: true, code: "OK", keys: [], exit_code: 0 });
  });

  it("lists them by name: key id, name and file", async () => {
    using project = await withKeys("zoe", "alice");
    const { stdout } = await project.done(["key", "list"]);
    expect(stdout.replaceAll(project.config, "…")).toMatch(
      /^[0-9a-f]{8} {2}alice {2}SHA256:\S{43} {2}…\/runseal\/keys\/alice\.key\n[0-9a-f]{8} {2}zoe {2}SHA256:\S{43} {2}…\/runseal\/keys\/zoe\.key\n$/,
    );
  });

  it("gives the same with --json", async () => {
    using project = await withKeys("alice");
    const { keys } = await project.json(["key", "list"]);
    expect(keys).toEqual([
      {
        name: "alice",
        key_id: expect.stringMatching(/^[0-9a-f]{8}$/),
        validator_id: expect.stringMatching(HEX),
        fingerprint: expect.stringMatching(/^SHA256:[A-Za-z0-9+/]{43}$/),
        public_key: expect.stringMatching(HEX),
        key_file: join(project.config, "runseal", "keys", "alice.key"),
        encrypted: false,
        trust_line: expect.stringMatching(/^alice runseal-ed25519 [0-9a-f]{64}$/),
      },
    ]);
  });

  it("ignores files that are not the public half of a key", async () => {
    using project = await withKeys("alice");
    writeFileSync(join(project.config, "runseal", "keys", "junk.pub"), "not a key\n");
    const { stdout } = await project.done(["key", "list"]);
    expect(stdout).toMatch(/^[0-9a-f]{8} {2}alice {2}[^\n]*\n$/);
  });
});

describe.concurrent("runseal key show", () => {
  it("shows the public half of the only key, and the line for a trust file", async () => {
    using project = await withKeys("alice");
    const facts = await project.json(["key", "show"]);
    const key = String(facts["public_key"]);
    const id = sha256(Buffer.from(key, "hex"));
    expect(facts).toEqual({
      ok: true,
      code: "OK",
      message: expect.any(String),
      details: {},
      name: "alice",
      key_id: id.slice(0, 8),
      validator_id: id,
      fingerprint: expect.stringMatching(/^SHA256:[A-Za-z0-9+/]{43}$/),
      public_key: expect.stringMatching(HEX),
      key_file: join(project.config, "runseal", "keys", "alice.key"),
      encrypted: false,
      trust_line: `alice runseal-ed25519 ${key}`,
      exit_code: 0,
    });
    const { stdout } = await project.done(["key", "show"]);
    for (const shown of ["alice", id.slice(0, 8), id, key, `alice runseal-ed25519 ${key}`]) {
      expect(stdout).toContain(` ${shown}\n`);
    }
  });

  it("needs the public half only", async () => {
    using project = await withKeys("alice");
    rmSync(join(project.config, "runseal", "keys", "alice.key"));
    expect(await project.json(["key", "show"])).toMatchObject({ name: "alice" });
  });
});
