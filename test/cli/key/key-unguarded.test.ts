import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { createKeyFile } from "../../../src/node/keys/write-key-file.ts";
import { CHEAP, RIGHT, secretOf } from "../../support/bundles/keys.ts";
import { type CliSetting, makeProject, type Project } from "../../support/command/cli.ts";

const PRELOAD = fileURLToPath(new URL("../../support/command/no-sodium.cjs", import.meta.url));
const SECRETS = new URL("../../../dist/node/keys/secret-bytes.js", import.meta.url).href;

/** As on a platform for which libsodium has no build. */
function unguarded(project: Project): Pick<CliSetting, "env"> {
  return { env: { ...project.env, NODE_OPTIONS: `--require=${PRELOAD}` } };
}

describe.concurrent("without libsodium", () => {
  it("secret memory keeps the weaker promise, says so, and is zeroed all the same", () => {
    const script = `
      import { SecretBytes, secretMemory } from ${JSON.stringify(SECRETS)};
      const secret = new SecretBytes(32);
      let kept;
      secret.use((bytes) => { kept = bytes.fill(7); });
      const isOffHeap = kept.buffer.byteLength > 64;
      secret.dispose();
      console.log(secretMemory(), isOffHeap, kept.every((byte) => byte === 0));
    `;
    const { stdout } = spawnSync(
      process.execPath,
      ["--require", PRELOAD, "--input-type=module", "-e", script],
      {
        encoding: "utf8",
      },
    );
    expect(stdout).toBe("unguarded true true\n");
  });

  it("keys are made, shown and used; init says what is weaker", async () => {
    using project = makeProject();
    const { stdout } = await project.done(
      ["init", "--name", "default", "--no-passphrase"],
      unguarded(project),
    );
    expect(stdout).toContain("libsodium can't be loaded here");
    const sealed = await project.json(["seal", "out", "--id", "one"], unguarded(project));
    // The same seed is the same key with and without libsodium.
    expect(await project.json(["verify", ".runseal/runs/one"])).toMatchObject({
      code: "OK",
      signer: { public_key: (await project.json(["key", "show"]))["public_key"] },
    });
    const again = await project.json(["seal", "out", "--id", "two"]);
    expect(again["signer"]).toEqual(sealed["signer"]);
  });

  it("a key is neither encrypted nor decrypted, and none is made plain instead", async () => {
    using project = makeProject();
    const { env } = unguarded(project);
    const given = { env: { ...env, RUNSEAL_PASSPHRASE: RIGHT } };
    expect(await project.json(["init", "--name", "default"], given)).toMatchObject({
      code: "SYSTEM_UNSUPPORTED",
      details: { reason: "key-encryption" },
      exit_code: 4,
    });
    expect(await project.json(["key", "list"])).toMatchObject({ keys: [] });
    using passphrase = secretOf(RIGHT);
    expect((await createKeyFile(project.at("key"), { passphrase, cost: CHEAP })).ok).toBe(true);
    expect(await project.json(["seal", "out", "--key", "key"], given)).toMatchObject({
      code: "SYSTEM_UNSUPPORTED",
      details: { reason: "key-encryption" },
    });
  });
});
