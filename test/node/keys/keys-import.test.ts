import { execFileSync, spawnSync } from "node:child_process";
import { createPrivateKey, createPublicKey } from "node:crypto";
import { chmodSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { importOwnKey } from "../../../src/node/keys/create/keep-imported-key.ts";
import { openKeyFile } from "../../../src/node/keys/key-file.ts";
import { NO_PASSPHRASES, passphrasesFrom } from "../../../src/node/keys/passphrase/passphrase.ts";
import { CHEAP, RIGHT, WRONG } from "../../support/bundles/keys.ts";
import { caseOf } from "../../support/command/case-of.ts";
import { makeFolder, removeTree } from "../../support/files/tree.ts";
import { ofRing } from "../../support/rings/ring.ts";

let folder = "";
beforeAll(() => {
  folder = makeFolder();
});
afterAll(() => removeTree(folder));

const has = (program: string): boolean => spawnSync("sh", ["-c", `command -v ${program}`]).status === 0;

let made = 0;
function newName(): string {
  return `key${++made}`;
}

/** Makes a key with ssh-keygen; gives its file. */
function sshKeygen(...options: readonly string[]): string {
  const file = join(folder, newName());
  execFileSync("ssh-keygen", ["-q", "-f", file, ...options], { stdio: "ignore" });
  return file;
}

/** Makes a key with openssl; gives its file. */
function openssl(...options: readonly string[]): string {
  const file = join(folder, newName());
  execFileSync("openssl", ["genpkey", "-out", file, ...options], { stdio: "ignore" });
  chmodSync(file, 0o600);
  return file;
}

/** Imports a key and gives its public half, or why it can't be imported. */
async function importKey(file: string, passphrase?: string): Promise<string> {
  const name = newName();
  const filePassphrases =
    passphrase === undefined
      ? NO_PASSPHRASES
      : passphrasesFrom({ environment: { RUNSEAL_PASSPHRASE: passphrase } });
  const environment = { XDG_CONFIG_HOME: join(folder, "config") };
  const imported = await importOwnKey(environment, { file, name, filePassphrases, cost: CHEAP });
  if (!imported.ok) return caseOf(imported);
  const opened = await openKeyFile(imported.value.keyFile);
  if (!opened.ok) throw new Error(opened.code);
  using signer = opened.value;
  const publicKey = Buffer.from(signer.publicKey()).toString("hex");
  expect(publicKey).toBe(imported.value.publicKeyHex);
  return publicKey;
}

function sshPublicKey(file: string): string {
  const [, base64 = ""] = readFileSync(`${file}.pub`, "utf8").split(" ");
  return Buffer.from(base64, "base64").subarray(-32).toString("hex");
}

function pemPublicKey(file: string, passphrase?: string): string {
  const key = createPrivateKey({
    key: readFileSync(file),
    ...(passphrase === undefined ? {} : { passphrase }),
  });
  return createPublicKey(key).export({ format: "der", type: "spki" }).subarray(-32).toString("hex");
}

describe.skipIf(!has("ssh-keygen"))("importing what ssh-keygen made", () => {
  it("plain", async () => {
    for (const comment of ["", "alice@example.org", "c".repeat(7), "é"]) {
      const file = sshKeygen("-t", "ed25519", "-N", "", "-C", comment);
      expect(await importKey(file)).toBe(sshPublicKey(file));
      expect(await importKey(file, WRONG), "no passphrase is asked for").toBe(sshPublicKey(file));
    }
  });

  it.each<readonly [string, readonly string[]]>([
    ["with one round", ["-a", "1"]],
    ...ofRing<(readonly [string, readonly string[]])[]>(
      [["with two rounds", ["-a", "2"]]],
      [
        ["by default", []],
        ["with a hundred rounds", ["-a", "100"]],
      ],
    ),
    ["with aes256-ctr", ["-a", "1", "-Z", "aes256-ctr"]],
    ["with aes192-ctr", ["-a", "1", "-Z", "aes192-ctr"]],
    ["with aes128-ctr", ["-a", "1", "-Z", "aes128-ctr"]],
    ["with aes256-cbc", ["-a", "1", "-Z", "aes256-cbc"]],
    ["with aes256-gcm", ["-a", "1", "-Z", "aes256-gcm@openssh.com"]],
  ])("encrypted %s", async (_what, options) => {
    const file = sshKeygen("-t", "ed25519", "-N", RIGHT, ...options);
    expect(await importKey(file, RIGHT)).toBe(sshPublicKey(file));
    expect(await importKey(file, WRONG)).toBe("PASSPHRASE_UNUSABLE wrong");
    expect(await importKey(file)).toBe("PASSPHRASE_UNUSABLE missing");
  });

  it("refuses other kinds of keys, encrypted or not", async () => {
    // Short keys and one round: those take a fraction of the time to make.
    const rsa = ["-t", "rsa", "-b", "1024"];
    for (const type of [rsa, ["-t", "ecdsa"]]) {
      expect(await importKey(sshKeygen(...type, "-N", ""))).toBe("KEY_FILE_UNUSABLE import");
      const encrypted = sshKeygen(...type, "-a", "1", "-N", RIGHT);
      expect(await importKey(encrypted, RIGHT)).toBe("KEY_FILE_UNUSABLE import");
    }
    expect(await importKey(sshKeygen(...rsa, "-m", "PEM", "-N", ""))).toBe("KEY_FILE_UNUSABLE import");
    const chacha = sshKeygen("-t", "ed25519", "-a", "1", "-N", RIGHT, "-Z", "chacha20-poly1305@openssh.com");
    expect(await importKey(chacha, RIGHT)).toBe("KEY_FILE_UNUSABLE import");
  });

  it("refuses a public half, and a file whose parts are not of one key", async () => {
    const file = sshKeygen("-t", "ed25519", "-N", "");
    chmodSync(`${file}.pub`, 0o600);
    expect(await importKey(`${file}.pub`)).toBe("KEY_FILE_UNUSABLE public");
    const lines = readFileSync(file, "utf8").trimEnd().split("\n");
    const body = Buffer.from(lines.slice(1, -1).join(""), "base64");
    // The last 32 bytes of the secret half, before comment and padding, are the public key.
    const at = body.lastIndexOf(Buffer.from(sshPublicKey(file), "hex"));
    body[at] = (body[at] ?? 0) ^ 1;
    const forged = join(folder, newName());
    writeFileSync(forged, `${lines[0]}\n${body.toString("base64")}\n${lines.at(-1)}\n`, { mode: 0o600 });
    expect(await importKey(forged)).toBe("KEY_FILE_UNUSABLE import");
  });
});

describe.skipIf(!has("openssl"))("importing what openssl made", () => {
  it("plain and encrypted PKCS#8", async () => {
    const plain = openssl("-algorithm", "ed25519");
    expect(await importKey(plain)).toBe(pemPublicKey(plain));
    const encrypted = openssl("-algorithm", "ed25519", "-aes256", "-pass", `pass:${RIGHT}`);
    expect(await importKey(encrypted, RIGHT)).toBe(pemPublicKey(encrypted, RIGHT));
    expect(await importKey(encrypted, WRONG)).toBe("PASSPHRASE_UNUSABLE wrong");
    expect(await importKey(encrypted)).toBe("PASSPHRASE_UNUSABLE missing");
  });

  it("refuses other kinds of keys", async () => {
    for (const options of [
      ["-algorithm", "x25519"],
      ["-algorithm", "ed448"],
      ["-algorithm", "ec", "-pkeyopt", "ec_paramgen_curve:P-256"],
    ]) {
      expect(await importKey(openssl(...options))).toBe("KEY_FILE_UNUSABLE import");
    }
  });
});

describe("importing", () => {
  it.each([
    ["a damaged PEM", "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n"],
    ["an empty OpenSSH key", "-----BEGIN OPENSSH PRIVATE KEY-----\n\n-----END OPENSSH PRIVATE KEY-----\n"],
    [
      "an OpenSSH key that ends too early",
      `-----BEGIN OPENSSH PRIVATE KEY-----\n${Buffer.from("openssh-key-v1\0\0\0\0\u00ff").toString("base64")}\n-----END OPENSSH PRIVATE KEY-----\n`,
    ],
    ["binary", "\0".repeat(100_000)],
  ])("refuses %s", async (_what, text) => {
    const file = join(folder, newName());
    writeFileSync(file, text, { mode: 0o600 });
    expect(await importKey(file, RIGHT)).toBe("KEY_FILE_UNUSABLE import");
  });

  it("refuses an empty file, and says that it is empty", async () => {
    const file = join(folder, newName());
    writeFileSync(file, "", { mode: 0o600 });
    expect(await importKey(file, RIGHT)).toBe("KEY_FILE_UNUSABLE empty");
  });

  it("refuses links, devices, exposed files and files that aren't there", async () => {
    const file = join(folder, newName());
    writeFileSync(file, "x");
    chmodSync(file, 0o644);
    expect(await importKey(file)).toBe("KEY_FILE_UNUSABLE exposed");
    symlinkSync(file, `${file}.link`);
    expect(await importKey(`${file}.link`)).toBe("KEY_FILE_UNUSABLE import");
    expect(await importKey("/dev/zero")).toBe("KEY_FILE_UNUSABLE import");
    expect(await importKey(join(folder, "nope"))).toBe("KEY_NOT_FOUND stored");
  });
});
