/**
 * The user's own keys and trust file: `$XDG_CONFIG_HOME/runseal`, else `~/.config/runseal`.
 *
 *     runseal/trust            whom this user trusts (PROTOCOL 12)
 *     runseal/keys/NAME.key    a private key, mode 0600
 *     runseal/keys/NAME.pub    its public half, as a line for somebody's trust file
 *
 * @module
 */

import {
  existsSync,
  readdirSync,
  readFileSync,
  rmSync,
  truncateSync,
  unlinkSync,
  writeFileSync,
} from "node:fs";
import { homedir } from "node:os";
import { isAbsolute, join } from "node:path";
import { compareUtf8, ok, parseTrustFile, type Result, toHex } from "../../core/index.ts";
import { createFile } from "../files/durable-file.ts";
import { machineReason } from "../files/machine-reason.ts";
import { makeFolders } from "../files/make-folders.ts";
import { nodeCrypto } from "../node-crypto.ts";
import { type OperationFault, operationFault } from "../operation-fault.ts";
import { createKeyFile } from "./key-file.ts";

const LINE_FEED = 0x0a;

/** The part of the environment that says where the user's files are. */
export interface Environment {
  readonly [name: string]: string | undefined;
}

/** A key of the user's, by its public half. */
export interface StoredKey {
  readonly name: string;
  /** 64 lowercase hex characters. */
  readonly publicKeyHex: string;
  readonly keyFile: string;
  /** The key file as an error may show it: below a variable of the environment, not where it is on this machine. */
  readonly shownFile: string;
}

/** What `makeOwnKey` made. */
export interface MadeKey extends StoredKey {
  readonly publicFile: string;
  readonly trustFile: string;
}

/** Where runseal keeps the user's own files. A relative XDG_CONFIG_HOME is ignored, as its specification says. */
export function configFolder(environment: Environment): string {
  const xdg = environment["XDG_CONFIG_HOME"];
  if (xdg !== undefined && isAbsolute(xdg)) return join(xdg, "runseal");
  return join(environment["HOME"] || homedir(), ".config", "runseal");
}

/** The same as an error may show it. */
function shownFolder(environment: Environment): string {
  const xdg = environment["XDG_CONFIG_HOME"];
  return xdg !== undefined && isAbsolute(xdg) ? "$XDG_CONFIG_HOME/runseal" : "$HOME/.config/runseal";
}

/** The user's own trust file. */
export function ownTrustFile(environment: Environment): string {
  return join(configFolder(environment), "trust");
}

/** The line that makes somebody trust a key. */
export function trustLine(name: string, publicKeyHex: string): string {
  return `${name} runseal-ed25519 ${publicKeyHex}`;
}

/**
 * Makes a key of that name, its public file, and the line in the user's own trust file that makes him
 * trust himself. Fails with KEY_NAME_INVALID, KEY_EXISTS (nothing is ever overwritten) or WRITE_FAILED.
 */
export function makeOwnKey(environment: Environment, name: string): Result<MadeKey, OperationFault> {
  // What goes into a file name and into a line of the trust file must be neither a path nor a pattern.
  if (!/^[A-Za-z0-9][A-Za-z0-9._@+-]{0,63}$/.test(name))
    return operationFault("KEY_NAME_INVALID", { path: name });
  const keys = join(configFolder(environment), "keys");
  const keyFile = join(keys, `${name}.key`);
  const publicFile = join(keys, `${name}.pub`);
  const trustFile = ownTrustFile(environment);
  const shownFile = `${shownFolder(environment)}/keys/${name}.key`;
  try {
    makeFolders(keys, 0o700, []);
    if (existsSync(publicFile)) return operationFault("KEY_EXISTS", { path: shownFile });
    const created = createKeyFile(keyFile, shownFile);
    if (!created.ok) return created;
    using signer = created.value;
    const publicKeyHex = toHex(signer.publicKey());
    publish(trustLine(name, publicKeyHex), { keyFile, publicFile, trustFile });
    return ok({ name, publicKeyHex, keyFile, shownFile, publicFile, trustFile });
  } catch (thrown) {
    const reason = machineReason(thrown);
    if (reason === undefined) throw thrown;
    return operationFault("WRITE_FAILED", { path: shownFolder(environment), reason });
  }
}

/** Writes the public file and the line of the trust file; where one of them fails, the key goes too. */
function publish(
  line: string,
  { keyFile, publicFile, trustFile }: Pick<MadeKey, "keyFile" | "publicFile" | "trustFile">,
): void {
  const written = [keyFile];
  try {
    createFile(publicFile, Buffer.from(`${line}\n`), 0o644);
    written.push(publicFile);
    appendLine(trustFile, line);
  } catch (thrown) {
    for (const file of written) unlinkSync(file);
    throw thrown;
  }
}

/** Appends a line. What an editor left without a line feed at its end stays a line of its own. */
function appendLine(file: string, line: string): void {
  const before = existsSync(file) ? readFileSync(file) : undefined;
  const gap = before === undefined || before.length === 0 || before.at(-1) === LINE_FEED ? "" : "\n";
  try {
    writeFileSync(file, `${gap}${line}\n`, { flag: "a", mode: 0o644 });
  } catch (thrown) {
    // Half a line would make the whole file mean nothing.
    if (before === undefined) rmSync(file, { force: true });
    else truncateSync(file, before.length);
    throw thrown;
  }
}

/** The user's keys in byte order of their names, read from the public files alone. */
export function listKeys(environment: Environment): Result<readonly StoredKey[], OperationFault> {
  const keys = join(configFolder(environment), "keys");
  try {
    if (!existsSync(keys)) return ok([]);
    const names = readdirSync(keys).filter((file) => file.endsWith(".pub"));
    const shown = `${shownFolder(environment)}/keys`;
    const found = names.map((file) => readPublicFile(keys, shown, file.slice(0, -".pub".length)));
    return ok(found.filter((key) => key !== undefined).sort((a, b) => compareUtf8(a.name, b.name)));
  } catch (thrown) {
    const reason = machineReason(thrown);
    if (reason === undefined) throw thrown;
    return operationFault("READ_FAILED", { path: shownFolder(environment), reason });
  }
}

/** The one key to sign with where none was named. Fails with KEY_NOT_FOUND or KEY_AMBIGUOUS. */
export function onlyKey(environment: Environment): Result<StoredKey, OperationFault> {
  const keys = listKeys(environment);
  if (!keys.ok) return keys;
  const [first, ...others] = keys.value;
  if (first === undefined) return operationFault("KEY_NOT_FOUND", {});
  if (others.length === 0) return ok(first);
  return operationFault("KEY_AMBIGUOUS", { names: keys.value.map((key) => key.name) });
}

/** A public file that isn't one line of the trust file's form is no key, and not listed. */
function readPublicFile(folder: string, shown: string, name: string): StoredKey | undefined {
  const parsed = parseTrustFile(readFileSync(join(folder, `${name}.pub`)), nodeCrypto);
  const line = parsed.ok ? parsed.value[0] : undefined;
  if (line === undefined) return undefined;
  return {
    name,
    publicKeyHex: line.publicKeyHex,
    keyFile: join(folder, `${name}.key`),
    shownFile: `${shown}/${name}.key`,
  };
}
