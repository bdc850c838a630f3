/**
 * The user's own keys and trust file: `$XDG_CONFIG_HOME/runseal`, else `~/.config/runseal`.
 *
 *     runseal/trust            whom this user trusts (PROTOCOL 12)
 *     runseal/keys/NAME.key    a private key, mode 0600
 *     runseal/keys/NAME.pub    its public half, as a line for a trust file
 *
 * @module
 */

import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { compareUtf8, ok, parseTrustFile, type Result } from "../../core/internal.ts";
import { errnoOf, reasonOf } from "../system/runtime/machine-reason.ts";
import { nodeCrypto } from "../system/runtime/node-crypto.ts";
import { type OperationFault, operationFault } from "../system/runtime/operation-fault.ts";
import {
  configFolder,
  type Environment,
  shownFolder,
  unusableVariable,
} from "../system/runtime/user-home.ts";

/** A key of the user's, by its public half. */
export interface StoredKey {
  readonly name: string;
  /** 64 lowercase hex characters. */
  readonly publicKeyHex: string;
  readonly keyFile: string;
  readonly publicFile: string;
  /** The key file as an error may show it: below a variable of the environment, not where it is on this machine. */
  readonly shownFile: string;
}

/** The user's own trust file. */
export function userTrustFile(environment: Environment): string {
  return join(configFolder(environment), "trust");
}

/** Where a key of that name is, or would be. */
export function placesOf(
  environment: Environment,
  name: string,
): Pick<StoredKey, "keyFile" | "publicFile" | "shownFile"> {
  const keys = join(configFolder(environment), "keys");
  return {
    keyFile: join(keys, `${name}.key`),
    publicFile: join(keys, `${name}.pub`),
    shownFile: `${shownFolder(environment)}/keys/${name}.key`,
  };
}

/** The line of a trust file that makes its owner trust a key. */
export function trustLine(name: string, publicKeyHex: string): string {
  return `${name} runseal-ed25519 ${publicKeyHex}`;
}

/** HOME_UNUSABLE if the environment names no folder for private keys. */
export function missingKeyFolder(environment: Environment): OperationFault | undefined {
  const variable = unusableVariable(environment, "XDG_CONFIG_HOME");
  return variable === undefined ? undefined : operationFault("HOME_UNUSABLE", { names: [variable] });
}

/**
 * The names of the files in the folder of keys, in byte order; none if the folder is missing. Fails with HOME_UNUSABLE
 * or READ_FAILED: a folder that can't be read is not an empty one.
 */
export function listKeyFiles(environment: Environment): Result<readonly string[], OperationFault> {
  const missing = missingKeyFolder(environment);
  if (missing !== undefined) return missing;
  try {
    return ok(readdirSync(join(configFolder(environment), "keys")).sort(compareUtf8));
  } catch (thrown) {
    const reason = reasonOf(thrown);
    if (errnoOf(thrown) === "ENOENT") return ok([]);
    return operationFault("READ_FAILED", { path: shownFolder(environment), reason });
  }
}

/**
 * The user's keys in byte order of their names, read from the public files alone. Fails with HOME_UNUSABLE or
 * READ_FAILED.
 */
export function listKeys(environment: Environment): Result<readonly StoredKey[], OperationFault> {
  const files = listKeyFiles(environment);
  if (!files.ok) return files;
  try {
    const names = files.value.filter((file) => file.endsWith(".pub"));
    const found = names.map((file) => readPublicFile(environment, file.slice(0, -".pub".length)));
    return ok(found.filter((key) => key !== undefined).sort((a, b) => compareUtf8(a.name, b.name)));
  } catch (thrown) {
    return operationFault("READ_FAILED", { path: shownFolder(environment), reason: reasonOf(thrown) });
  }
}

/** Reads a public file. One that is not one line of the trust file's form is not a key's: `undefined`. Throws what the system says. */
export function readPublicFile(environment: Environment, name: string): StoredKey | undefined {
  const places = placesOf(environment, name);
  const parsed = parseTrustFile(readFileSync(places.publicFile), nodeCrypto);
  const line = parsed.ok ? parsed.value.lines[0] : undefined;
  return line === undefined ? undefined : { name, publicKeyHex: line.publicKeyHex, ...places };
}
