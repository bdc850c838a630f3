/**
 * Making a key of the user's own: the private half, the public half, and the line in the user's trust file
 * that makes him trust himself. All three or none.
 *
 * @module
 */

import {
  existsSync,
  lstatSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  unlinkSync,
  writeFileSync,
} from "node:fs";
import { dirname } from "node:path";
import { ok, type Result, toHex } from "../../core/index.ts";
import { createFile } from "../files/durable-file.ts";
import { machineReason } from "../files/machine-reason.ts";
import { makeFolders } from "../files/make-folders.ts";
import { replaceFile } from "../files/replace-file.ts";
import { type OperationFault, operationFault } from "../operation-fault.ts";
import { canEncryptKeys, type KeyCost } from "./encrypted-key.ts";
import {
  type Environment,
  ownTrustFile,
  placesOf,
  type StoredKey,
  shownFolder,
  trustLine,
} from "./key-store.ts";
import type { Passphrases } from "./passphrase.ts";
import type { SecretBytes } from "./secret-bytes.ts";
import { SecretKeySigner } from "./secret-key-signer.ts";
import { newSeed, writeKeyFile } from "./write-key-file.ts";

const LINE_FEED = 0x0a;

/** What is to be made. */
export interface NewKeyRequest {
  readonly name: string;
  /** Where the new key's passphrase comes from. Without it, or where it has none to give, the key is plain. */
  readonly passphrases?: Passphrases | undefined;
  readonly cost?: KeyCost;
  /** Replaces a key of that name for good. */
  readonly replace?: boolean;
  /** Gives the private key; default: a new one. */
  readonly obtainSeed?: () => Promise<Result<SecretBytes, OperationFault>>;
}

/** What was made. */
export interface MadeKey extends StoredKey {
  readonly trustFile: string;
  readonly isEncrypted: boolean;
}

/**
 * Makes a key. Fails with KEY_NAME_INVALID, KEY_EXISTS, WRITE_FAILED, KEY_ENCRYPTION_UNAVAILABLE, a code of
 * passphrases, or as `obtainSeed` does; nothing is asked before what can be known without is known.
 */
export async function makeOwnKey(
  environment: Environment,
  request: NewKeyRequest,
): Promise<Result<MadeKey, OperationFault>> {
  const { name, obtainSeed, passphrases, replace = false } = request;
  // What goes into a file name and into a line of the trust file must be neither a path nor a pattern.
  if (!/^[A-Za-z0-9][A-Za-z0-9._@+-]{0,63}$/.test(name))
    return operationFault("KEY_NAME_INVALID", { path: name });
  const { shownFile } = placesOf(environment, name);
  const taken = isTaken(environment, name);
  if (!taken.ok) return taken;
  if (!replace && taken.value) return operationFault("KEY_EXISTS", { path: shownFile });
  const isToBeEncrypted = passphrases?.isAvailable() === true;
  if (isToBeEncrypted && !canEncryptKeys()) return operationFault("KEY_ENCRYPTION_UNAVAILABLE");
  const obtained = obtainSeed === undefined ? ok(newSeed()) : await obtainSeed();
  if (!obtained.ok) return obtained;
  using seed = obtained.value;
  if (!isToBeEncrypted) return putInPlace(environment, seed, undefined, request);
  const given = await passphrases.toMake(shownFile);
  if (!given.ok) return given;
  using passphrase = given.value;
  return putInPlace(environment, seed, passphrase, request);
}

/** A key without its public half, or the other way round, is a key all the same. */
function isTaken(environment: Environment, name: string): Result<boolean, OperationFault> {
  const { keyFile, publicFile } = placesOf(environment, name);
  try {
    return ok([keyFile, publicFile].some((file) => lstatSync(file, { throwIfNoEntry: false }) !== undefined));
  } catch (thrown) {
    // There can't even be a folder of keys, as where a file has its name.
    const reason = machineReason(thrown);
    if (reason === undefined) throw thrown;
    return operationFault("WRITE_FAILED", { path: shownFolder(environment), reason });
  }
}

/** The private key last: what can fail before it can be undone, and an older key is still there. */
function putInPlace(
  environment: Environment,
  seed: SecretBytes,
  passphrase: SecretBytes | undefined,
  { cost, name, replace = false }: NewKeyRequest,
): Result<MadeKey, OperationFault> {
  const places = placesOf(environment, name);
  const { keyFile, publicFile, shownFile } = places;
  const trustFile = ownTrustFile(environment);
  using signer = new SecretKeySigner(seed);
  const publicKeyHex = toHex(signer.publicKey());
  const line = trustLine(name, publicKeyHex);
  const undo: (() => void)[] = [];
  let isDone = false;
  try {
    makeFolders(dirname(keyFile), 0o700, []);
    undo.push(placePublic(publicFile, Buffer.from(`${line}\n`), replace));
    undo.push(addLine(trustFile, line));
    const options = { shown: shownFile, passphrase, replace, ...(cost === undefined ? {} : { cost }) };
    const written = writeKeyFile(keyFile, seed, options);
    if (!written.ok) return written;
    isDone = true;
    return ok({ name, publicKeyHex, ...places, trustFile, isEncrypted: passphrase !== undefined });
  } catch (thrown) {
    const reason = machineReason(thrown);
    if (reason === undefined) throw thrown;
    return operationFault("WRITE_FAILED", { path: shownFolder(environment), reason });
  } finally {
    if (!isDone) for (const step of undo.toReversed()) step();
  }
}

/** Writes the public half; gives what undoes it. */
function placePublic(file: string, bytes: Buffer, replace: boolean): () => void {
  const before = replace && existsSync(file) ? readFileSync(file) : undefined;
  if (before === undefined) {
    createFile(file, bytes, 0o644);
    return () => unlinkSync(file);
  }
  replaceFile(file, bytes, 0o644);
  return () => replaceFile(file, before, 0o644);
}

/** Adds a line that is not there yet; gives what undoes it. What an editor left without a line feed stays a line. */
function addLine(file: string, line: string): () => void {
  const before = existsSync(file) ? readFileSync(file) : undefined;
  if (before?.toString("latin1").split(/\r?\n/).includes(line) === true) return () => undefined;
  const gap = before === undefined || before.length === 0 || before.at(-1) === LINE_FEED ? "" : "\n";
  const undo = (): void => {
    // Half a line would make the whole file mean nothing.
    if (before === undefined) rmSync(file, { force: true });
    else if (statSync(file).size > before.length) truncateSync(file, before.length);
  };
  try {
    writeFileSync(file, `${gap}${line}\n`, { flag: "a", mode: 0o644 });
    return undo;
  } catch (thrown) {
    undo();
    throw thrown;
  }
}
