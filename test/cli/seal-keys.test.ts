import {
  chmodSync,
  copyFileSync,
  mkdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { FIRST_SEED, testSigner } from "../support/bundle.ts";
import { BUNDLE, makeFifo, makeProject, makeProjectWithKey, type Project } from "../support/cli.ts";

/** The user's own key file of that name. */
function keyFile(project: Project, name = "default"): string {
  return join(project.config, "runseal", "keys", `${name}.key`);
}

/** Tries to seal; nothing may come of it. Gives what stderr says. */
async function refusal(project: Project, args: readonly string[], exitCode: number): Promise<string> {
  const end = await project.changesNothing(["seal", "out", ...args]);
  expect(end, end.stderr).toMatchObject({ exitCode, stdout: "" });
  expect(end.stderr).toMatch(/^error: [^\n]+\nhint: [^\n]+\n$/);
  return end.stderr;
}

describe.concurrent("runseal seal: the key", () => {
  it("must be there", async () => {
    using project = makeProject();
    expect(await refusal(project, [], 4)).toBe(
      "error: KEY_NOT_FOUND: you have no key yet\nhint: runseal init makes one\n",
    );
    expect(await refusal(project, ["--key", "nope.key"], 4)).toContain('there is no key file "nope.key"\n');
    expect(await refusal(project, ["--key", ""], 4)).toContain('there is no key file ""\n');
    expect(await refusal(project, ["--key", "out/a.txt/x"], 4)).toContain("there is no key file");
  });

  it("must be named where there are several", async () => {
    using project = makeProject();
    await project.done(["init", "--name", "alice", "--no-passphrase"]);
    await project.done(["init", "--name", "bob", "--no-passphrase"]);
    const stderr = await refusal(project, [], 2);
    expect(stderr).toContain('error: KEY_AMBIGUOUS: there are several keys: "alice", "bob"\n');
    expect(stderr).toContain("--key NAME");
    await project.done(["seal", "out", "--id", "one", "--key", keyFile(project, "bob")]);
    const { signer } = await project.json(["verify", BUNDLE]);
    expect(signer).toMatchObject({ name: "bob" });
  });

  it("may be any file of 64 hex digits, as other SPECTRUM tools write it", async () => {
    using project = makeProject();
    for (const [id, text] of Object.entries({
      lf: `${FIRST_SEED}\n`,
      crlf: `${FIRST_SEED}\r\n`,
      none: FIRST_SEED,
    })) {
      writeFileSync(project.at("key"), text, { mode: 0o600 });
      const { signer } = await project.json(["seal", "out", "--key", "key", "--id", id]);
      expect(signer).toMatchObject({ public_key: testSigner(FIRST_SEED).publicKeyHex });
    }
  });

  it.each([0o644, 0o640, 0o601])("is refused with mode %o, with the chmod to run", async (mode) => {
    using project = await makeProjectWithKey();
    copyFileSync(keyFile(project), project.at("it's mine"));
    chmodSync(project.at("it's mine"), mode);
    const stderr = await refusal(project, ["--key", "it's mine"], 4);
    expect(stderr).toContain(`error: KEY_EXPOSED: other users can read the key file "it's mine", or own it`);
    expect(stderr).toContain("chmod 600 'it'\\''s mine'\n");
  });

  it("gives a chmod that works for the user's own key, without telling where it is", async () => {
    using project = await makeProjectWithKey();
    chmodSync(keyFile(project), 0o644);
    const stderr = await refusal(project, [], 4);
    expect(stderr).not.toContain(project.folder);
    const [, command = ""] = /(chmod [^\n]+)\n/.exec(stderr) ?? [];
    const { exitCode } = await project.run([], { under: ["sh", "-c", command] });
    expect(exitCode).toBe(0);
    await project.done(["seal", "out"]);
  });

  it("is refused when it belongs to another user", async ({ skip }) => {
    using project = await makeProjectWithKey();
    copyFileSync(keyFile(project), project.at("key"));
    chmodSync(project.at("key"), 0o600);
    if (process.getuid?.() !== 0) skip("only root can give a file away");
    const { chownSync } = await import("node:fs");
    chownSync(project.at("key"), 65_534, 65_534);
    expect(await refusal(project, ["--key", "key"], 4)).toContain("or own it");
  });

  it.each([
    ["too long", `${FIRST_SEED}0`],
    ["uppercase", FIRST_SEED.toUpperCase()],
    ["no hex", FIRST_SEED.replace("0", "g")],
    ["a space before it", ` ${FIRST_SEED}`],
    ["a PEM file", "-----BEGIN PRIVATE KEY-----\nMC4CAQAwBQYDK2VwBCIEIAABAgME\n-----END PRIVATE KEY-----\n"],
    ["binary", "\0".repeat(64)],
  ])(
    "is refused when it is malformed: %s; one sentence for all, and none of it shown",
    async (_what, text) => {
      using project = makeProject();
      writeFileSync(project.at("key"), text, { mode: 0o600 });
      expect(await refusal(project, ["--key", "key"], 4)).toBe(
        'error: KEY_FILE_MALFORMED: "key" is not a key file\nhint: a key file holds 64 lowercase hex characters or one runseal-key-v1 line, and is not a link\n',
      );
    },
  );

  it("is refused when it is empty, as an unset secret of a CI job is", async () => {
    using project = makeProject();
    writeFileSync(project.at("key"), "", { mode: 0o600 });
    expect(await refusal(project, ["--key", "key"], 4)).toBe(
      'error: KEY_FILE_MALFORMED: there is no key in "key": it is empty\nhint: if the key comes from a variable or a secret, check that it is set\n',
    );
  });

  it("is refused when it is a link, a folder, a FIFO or a device, and none is opened to be read", async () => {
    using project = await makeProjectWithKey();
    symlinkSync(keyFile(project), project.at("link"));
    mkdirSync(project.at("folder"), { mode: 0o700 });
    makeFifo(project.at("fifo"));
    for (const key of ["link", "folder", "fifo", "/dev/zero"]) {
      expect(await refusal(project, ["--key", key], 4)).toMatch(
        /is not a key file\n|the key file "\/dev\/zero"/,
      );
    }
  });

  it("is refused when its own file is gone or a link in the user's folder", async () => {
    using project = await makeProjectWithKey();
    const seed = readFileSync(keyFile(project), "utf8");
    rmSync(keyFile(project));
    const stderr = await refusal(project, [], 4);
    expect(stderr).toContain('there is no key file "$XDG_CONFIG_HOME/runseal/keys/default.key"\n');
    writeFileSync(project.at("moved"), seed, { mode: 0o600 });
    symlinkSync(project.at("moved"), keyFile(project));
    expect(await refusal(project, [], 4)).toContain("is not a key file\n");
  });

  it("never appears in what is printed or written", async () => {
    using project = makeProject();
    writeFileSync(project.at("key"), `${FIRST_SEED}\n`, { mode: 0o600 });
    const ends = [
      await project.run(["seal", "out", "--key", "key", "--id", "one"]),
      await project.run(["seal", "out", "--key", "key", "--id", "two", "--json"]),
    ];
    expect(JSON.stringify(ends)).not.toContain(FIRST_SEED);
    expect(readFileSync(project.at(BUNDLE, "VALIDATOR_IDENTITY.json"), "utf8")).not.toContain(FIRST_SEED);
  });
});
