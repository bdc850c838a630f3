import {
  chmodSync,
  existsSync,
  linkSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { isKeyFileEncrypted, openKeyFile } from "../../../src/node/keys/key-file.ts";
import { passphrasesFrom } from "../../../src/node/keys/passphrase/passphrase.ts";
import { createKeyFile } from "../../../src/node/keys/write-key-file.ts";
import type { OperationDetails } from "../../../src/node/system/runtime/operation-fault.ts";
import { CHEAP, RIGHT, secretOf, WRONG } from "../../support/bundles/keys.ts";
import { caseOf } from "../../support/command/case-of.ts";
import { makeFolder, removeTree } from "../../support/files/tree.ts";

let folder = "";
let key = "";
beforeEach(() => {
  folder = makeFolder();
  key = join(folder, "key");
});
afterEach(() => removeTree(folder));

function given(passphrase: string): ReturnType<typeof passphrasesFrom> {
  return passphrasesFrom({ environment: { RUNSEAL_PASSPHRASE: passphrase } });
}

/** Makes a key and gives its public half. */
async function make(options: Parameters<typeof createKeyFile>[1]): Promise<string> {
  const made = await createKeyFile(key, options);
  if (!made.ok) throw new Error(made.code);
  using signer = made.value;
  return Buffer.from(signer.publicKey()).toString("hex");
}

async function makeEncrypted(): Promise<string> {
  using passphrase = secretOf(RIGHT);
  return await make({ passphrase, cost: CHEAP });
}

/** The public half of a key, or why it can't be opened. */
async function open(passphrase?: string): Promise<string> {
  const opened = await openKeyFile(key, "KEY", passphrase === undefined ? undefined : given(passphrase));
  if (!opened.ok) {
    const { reason }: OperationDetails = opened.details;
    expect(opened.details).toEqual(reason === "missing" ? { reason } : { path: "KEY", reason });
    return caseOf(opened);
  }
  using signer = opened.value;
  return Buffer.from(signer.publicKey()).toString("hex");
}

/** The bytes behind the word of an encrypted key. */
function payloadOf(text: string): Buffer {
  return Buffer.from(text.slice("runseal-key-v1 ".length), "base64");
}

function writePayload(payload: Uint8Array): void {
  writeFileSync(key, `runseal-key-v1 ${Buffer.from(payload).toString("base64")}\n`, { mode: 0o600 });
}

describe("an encrypted key file", () => {
  it("is laid out as docs/key-file.md says", async () => {
    await makeEncrypted();
    const text = readFileSync(key, "utf8");
    expect(text).toMatch(/^runseal-key-v1 [A-Za-z0-9+/]{130}==\n$/);
    const payload = payloadOf(text);
    expect(payload).toHaveLength(97);
    expect([payload[0], payload.readUInt32BE(1), payload.readUInt32BE(5)]).toEqual([1, 1, 8]);
    expect(statSync(key).mode & 0o777).toBe(0o600);
    expect(isKeyFileEncrypted(key)).toBe(true);
  });

  it("costs 256 MiB and three passes where nothing else was said", async () => {
    using passphrase = secretOf(RIGHT);
    await make({ passphrase });
    const payload = payloadOf(readFileSync(key, "utf8"));
    expect([payload.readUInt32BE(1), payload.readUInt32BE(5)]).toEqual([3, 256 * 1024]);
  });

  it("opens with its passphrase and no other, and not without one", async () => {
    const publicKey = await makeEncrypted();
    expect(await open(RIGHT)).toBe(publicKey);
    for (const wrong of [WRONG, RIGHT.slice(1), `${RIGHT} `, RIGHT.toUpperCase()]) {
      expect(await open(wrong)).toBe("PASSPHRASE_UNUSABLE wrong");
    }
    expect(await open()).toBe("PASSPHRASE_UNUSABLE missing");
  });

  it("has another salt and nonce each time", async () => {
    await makeEncrypted();
    const first = payloadOf(readFileSync(key, "utf8"));
    key = join(folder, "other");
    await makeEncrypted();
    const second = payloadOf(readFileSync(key, "utf8"));
    expect(first.subarray(9, 25)).not.toEqual(second.subarray(9, 25));
    expect(first.subarray(25, 49)).not.toEqual(second.subarray(25, 49));
  });

  it("does not open once any byte of it was changed", async () => {
    await makeEncrypted();
    const text = readFileSync(key);
    for (let at = 0; at < text.length; at++) {
      for (const change of [1, 0x20, 0x80]) {
        const changed = Buffer.from(text);
        changed[at] = (changed[at] ?? 0) ^ change;
        writeFileSync(key, changed);
        expect(await open(RIGHT), `byte ${at} ^ ${change}`).toMatch(
          /^(?:KEY_FILE_UNUSABLE form|PASSPHRASE_UNUSABLE wrong)$/,
        );
      }
    }
  });

  it("does not open once any bit of what its base64 holds was changed", async () => {
    await makeEncrypted();
    const payload = payloadOf(readFileSync(key, "utf8"));
    for (let bit = 0; bit < payload.length * 8; bit++) {
      const changed = Buffer.from(payload);
      changed[bit >> 3] = (changed[bit >> 3] ?? 0) ^ (1 << (bit & 7));
      writePayload(changed);
      const expected =
        bit >= 9 * 8
          ? /^PASSPHRASE_UNUSABLE wrong$/
          : /^(?:KEY_FILE_UNUSABLE form|PASSPHRASE_UNUSABLE wrong)$/;
      expect(await open(RIGHT), `bit ${bit}`).toMatch(expected);
    }
  });

  it("does not open cut short or with anything behind it", async () => {
    const publicKey = await makeEncrypted();
    const text = readFileSync(key, "latin1");
    for (let length = 0; length < text.length - 1; length++) {
      writeFileSync(key, text.slice(0, length), "latin1");
      expect(await open(RIGHT), `${length} bytes`).toBe(
        `KEY_FILE_UNUSABLE ${length === 0 ? "empty" : "form"}`,
      );
    }
    for (const tail of ["\n", " ", "x", "\0", "\r", "\n\n"]) {
      writeFileSync(key, `${text}${tail}`, "latin1");
      expect(await open(RIGHT)).toBe("KEY_FILE_UNUSABLE form");
    }
    for (const end of ["", "\n", "\r\n"]) {
      writeFileSync(key, `${text.trimEnd()}${end}`, "latin1");
      expect(await open(RIGHT)).toBe(publicKey);
    }
  });

  it("may not ask for more than 1 GiB or ten passes, nor for nothing: refused before any work", async () => {
    await makeEncrypted();
    const payload = payloadOf(readFileSync(key, "utf8"));
    for (const [operations, memoryKib] of [
      [0, 8],
      [11, 8],
      [2 ** 32 - 1, 8],
      [1, 7],
      [1, 0],
      [1, 1024 * 1024 + 1],
      [1, 2 ** 32 - 1],
    ] as const) {
      payload.writeUInt32BE(operations, 1);
      payload.writeUInt32BE(memoryKib, 5);
      writePayload(payload);
      // No passphrase is asked for either.
      expect(await open()).toBe("KEY_FILE_UNUSABLE form");
    }
    await expect(
      make({ passphrase: secretOf(RIGHT), cost: { operations: 11, memoryKib: 8 }, replace: true }),
    ).rejects.toThrow(RangeError);
  });
});

describe("a plain key file", () => {
  it("is 64 hex characters and a line feed", async () => {
    const publicKey = await make({});
    expect(readFileSync(key, "utf8")).toMatch(/^[0-9a-f]{64}\n$/);
    expect(isKeyFileEncrypted(key)).toBe(false);
    expect(await open()).toBe(publicKey);
    expect(await open(WRONG), "no passphrase is asked for").toBe(publicKey);
  });

  it("decodes every byte", async () => {
    const { createPrivateKey, createPublicKey } = await import("node:crypto");
    for (let block = 0; block < 8; block++) {
      const seed = Buffer.from(Array.from({ length: 32 }, (_, index) => block * 32 + index));
      writeFileSync(key, seed.toString("hex"), { mode: 0o600 });
      const der = Buffer.concat([Buffer.from("302e020100300506032b657004220420", "hex"), seed]);
      const expected = createPublicKey(createPrivateKey({ key: der, format: "der", type: "pkcs8" }));
      expect(await open()).toBe(
        expected.export({ format: "der", type: "spki" }).subarray(-32).toString("hex"),
      );
    }
  });

  it.each(["/", ":", "`", "g", "G", "A", "F", "@", "\0", "\u00ff"])(
    "refuses %j anywhere",
    async (character) => {
      for (const at of [0, 1, 62, 63]) {
        const text = "0123456789abcdef".repeat(4);
        writeFileSync(key, `${text.slice(0, at)}${character}${text.slice(at + 1)}\n`, {
          encoding: "latin1",
          mode: 0o600,
        });
        expect(await open()).toBe("KEY_FILE_UNUSABLE form");
      }
    },
  );
});

describe.each([
  ["plain", undefined],
  ["encrypted", RIGHT],
])("writing a key file, %s", (_what, passphrase) => {
  const options = (): Parameters<typeof createKeyFile>[1] =>
    passphrase === undefined ? {} : { passphrase: secretOf(passphrase), cost: CHEAP };

  it("never overwrites, not even a dangling link", async () => {
    for (const arrange of [
      () => writeFileSync(key, "precious"),
      () => symlinkSync("nowhere", key),
      () => mkdirSync(key),
    ]) {
      arrange();
      expect(await createKeyFile(key, { ...options(), shown: "KEY" })).toMatchObject({
        code: "KEY_EXISTS",
        details: { path: "KEY" },
      });
      expect(existsSync(join(folder, "nowhere"))).toBe(false);
      expect(readdirSync(folder)).toEqual(["key"]);
      removeTree(key);
    }
  });

  it("is 0600 whatever the umask", async () => {
    const before = process.umask(0o277);
    try {
      await make(options());
    } finally {
      process.umask(before);
    }
    expect(statSync(key).mode & 0o7777).toBe(0o600);
  });

  it("replaces in one step and leaves nothing beside it: other names of the old file keep the old key", async () => {
    await make(options());
    const old = readFileSync(key);
    linkSync(key, join(folder, "backup"));
    chmodSync(key, 0o644);
    const publicKey = await make({ ...options(), replace: true });
    expect(await open(RIGHT)).toBe(publicKey);
    expect(readFileSync(join(folder, "backup"))).toEqual(old);
    expect(statSync(key).mode & 0o7777).toBe(0o600);
    expect(readdirSync(folder).sort()).toEqual(["backup", "key"]);
  });

  it("leaves everything as it was where it can't be replaced", async () => {
    mkdirSync(key);
    writeFileSync(join(key, "inside"), "");
    expect(await createKeyFile(key, { ...options(), replace: true })).toMatchObject({ code: "WRITE_FAILED" });
    expect(readdirSync(folder)).toEqual(["key"]);
  });
});

describe("a key file that is exposed", () => {
  it.each([0o604, 0o640, 0o660, 0o601, 0o610])(
    "is refused with mode %o, before a passphrase is asked for",
    async (mode) => {
      await makeEncrypted();
      chmodSync(key, mode);
      expect(await open()).toBe("KEY_FILE_UNUSABLE exposed");
      chmodSync(key, 0o400);
      expect(await open(RIGHT)).toMatch(/^[0-9a-f]{64}$/);
    },
  );
});
