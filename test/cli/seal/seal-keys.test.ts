import { chmodSync, copyFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { FIRST_SEED, testSigner } from "../../support/bundles/bundle.ts";
import { makeProject, makeProjectWithKey, type Project } from "../../support/command/cli.ts";

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
    expect(stderr).toContain(
      `error: KEY_FILE_UNUSABLE: other users can read the key file "it's mine", or own it`,
    );
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
});
