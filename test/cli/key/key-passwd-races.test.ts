import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { makeProject } from "../../support/command/cli.ts";

describe("runseal key passwd, while another command replaces the key", () => {
  it("keeps the new key, and says that the file has changed", async () => {
    using project = makeProject();
    await project.done(["init", "--name", "default", "--no-passphrase"]);
    const keyFile = join(project.config, "runseal/keys/default.key");
    const program = `${process.execPath} ${join(import.meta.dirname, "../../../dist/cli/main.js")}`;
    // Asked for after the old private key was read: the moment in which a person would type.
    const command = `${program} key new default --no-passphrase --force > /dev/null && printf secret`;
    const env = { ...project.env, RUNSEAL_NEW_PASSPHRASE_COMMAND: command };
    const changed = await project.json(["key", "passwd"], { env });
    expect(changed).toMatchObject({ code: "CHANGED_WHILE_READ", exit_code: 4 });
    expect(readFileSync(keyFile, "utf8"), "the new key is plain").toMatch(/^[0-9a-f]{64}\n$/);
    await project.done(["seal", "out", "--id", "after"]);
  });
});
