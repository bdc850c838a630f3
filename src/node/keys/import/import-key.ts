/**
 * Taking over a private key that another program made. Parsed in a short-lived child (import/), which gets
 * the opened file and the passphrase by descriptors and gives back nothing but the seed.
 *
 * @module
 */

import { spawnSync } from "node:child_process";
import { fstatSync, writeSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { ok, type Result } from "../../../core/internal.ts";
import { publishCause } from "../../system/runtime/cause-channel.ts";
import { Interruption } from "../../system/runtime/interruption.ts";
import { type OperationFault, operationFault } from "../../system/runtime/operation-fault.ts";
import { readSeed, withKeyFile } from "../key-file.ts";
import { openKernelPipe } from "../passphrase/kernel-pipe.ts";
import type { Passphrases } from "../passphrase/passphrase.ts";
import { readNow } from "../passphrase/read-secret.ts";
import { SecretBytes } from "../secret-bytes.ts";
import { SEED_BYTES } from "../secret-key-signer.ts";
import { WORKER_EXIT } from "./parsed-key.ts";

const WORKER: string = fileURLToPath(new URL("./import-worker.js", import.meta.url));

/** bcrypt at the highest cost that is accepted takes a minute or so. */
const PATIENCE_MS = 300_000;

/** An Ed25519 key has a few hundred bytes, and a comment. */
const MAX_IMPORT_BYTES = 65_536;

/** A key that was read, and the passphrase that it had. Both are the caller's to dispose of. */
export interface ImportedSeed {
  readonly seed: SecretBytes;
  readonly passphrase: SecretBytes | undefined;
}

/**
 * Reads the seed of an Ed25519 key in runseal's own form, in OpenSSH's, or in PKCS#8's PEM form. Fails with KEY_NOT_FOUND,
 * KEY_FILE_UNUSABLE, READ_FAILED or PASSPHRASE_UNUSABLE.
 */
export async function importSeed(
  path: string,
  passphrases: Passphrases,
): Promise<Result<ImportedSeed, OperationFault>> {
  const own = await readOwnForm(path, passphrases);
  if (own.ok || own.code !== "KEY_FILE_UNUSABLE" || own.details.reason !== "form") return own;
  const first = parseInChild(path, undefined);
  if (!first.ok) return first;
  if (first.value !== "needs-passphrase") return ok({ seed: first.value, passphrase: undefined });
  const passphrase = await passphrases.toOpen(path);
  if (!passphrase.ok) return passphrase;
  let isKept = false;
  try {
    const second = parseInChild(path, passphrase.value);
    if (!second.ok) return second;
    if (second.value === "needs-passphrase")
      return operationFault("PASSPHRASE_UNUSABLE", { reason: "wrong", path });
    isKept = true;
    return ok({ seed: second.value, passphrase: passphrase.value });
  } finally {
    if (!isKept) passphrase.value.dispose();
  }
}

/** A key file of runseal's own is read as any. KEY_FILE_UNUSABLE: it has another form. */
async function readOwnForm(
  path: string,
  passphrases: Passphrases,
): Promise<Result<ImportedSeed, OperationFault>> {
  let passphrase: SecretBytes | undefined;
  let isKept = false;
  try {
    const seed = await readSeed(path, path, {
      ...passphrases,
      toOpen: async (shown) => {
        const given = await passphrases.toOpen(shown);
        if (given.ok) passphrase = given.value.copy();
        return given;
      },
    });
    isKept = seed.ok;
    return seed.ok ? ok({ seed: seed.value, passphrase }) : seed;
  } finally {
    if (!isKept) passphrase?.dispose();
  }
}

function parseInChild(
  path: string,
  passphrase: SecretBytes | undefined,
): Result<SecretBytes | "needs-passphrase", OperationFault> {
  return withKeyFile<SecretBytes | "needs-passphrase">(path, path, "import", (file) => {
    if (fstatSync(file).size > MAX_IMPORT_BYTES)
      return operationFault("KEY_FILE_UNUSABLE", { reason: "import", path });
    using input = openKernelPipe();
    using output = openKernelPipe();
    if (input === undefined || output === undefined) {
      return operationFault("SYSTEM_UNSUPPORTED", { path });
    }
    // Far less than a pipe holds: this does not wait for the child.
    passphrase?.use((bytes) => writeSync(input.writer, bytes));
    input.close(input.writer);
    const { error, signal, status } = spawnSync(process.execPath, [WORKER], {
      stdio: [file, "ignore", "ignore", input.reader, output.writer],
      // Neither options nor secrets that were meant for us.
      env: {},
      timeout: PATIENCE_MS,
      killSignal: "SIGKILL",
    });
    // It could not be started, or took too long.
    if (error !== undefined) publishCause(error);
    // A person's Ctrl-C goes to the child too.
    if (signal === "SIGINT" || signal === "SIGTERM") throw new Interruption("interrupted");
    if (status === WORKER_EXIT["needs-passphrase"]) return ok("needs-passphrase");
    if (status === WORKER_EXIT["wrong-passphrase"])
      return operationFault("PASSPHRASE_UNUSABLE", { reason: "wrong", path });
    const seed = status === WORKER_EXIT.seed ? readSeedFrom(output.reader) : undefined;
    return seed === undefined ? operationFault("KEY_FILE_UNUSABLE", { reason: "import", path }) : ok(seed);
  });
}

function readSeedFrom(fd: number): SecretBytes | undefined {
  const seed = new SecretBytes(SEED_BYTES);
  if (seed.use((bytes) => readNow(fd, bytes, 0)) === SEED_BYTES) return seed;
  seed.dispose();
  return undefined;
}
