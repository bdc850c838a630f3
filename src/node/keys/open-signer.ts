/**
 * From what a caller says about who is to sign to a signer.
 *
 * @module
 */

import { looksLikeKeyDigest, ok, parseKeyText, type Result, toHex } from "../../core/internal.ts";
import { nodeCrypto } from "../system/runtime/node-crypto.ts";
import { type OperationFault, operationFault } from "../system/runtime/operation-fault.ts";
import { isWindows } from "../system/runtime/this-system.ts";
import type { Environment } from "../system/runtime/user-home.ts";
import { openAgentSigner } from "./agent/ssh-agent.ts";
import { CommandSigner, type SignerCommand } from "./exec-signer.ts";
import { findKey } from "./find-key.ts";
import type { importSeed } from "./import/import-key.ts";
import { openKeyDescriptor, openKeyFile } from "./key-file.ts";
import { inspectKeyFolder } from "./key-folder.ts";
import { placesOf } from "./key-store.ts";
import { NO_PASSPHRASES, type Passphrases } from "./passphrase/passphrase.ts";
import { SecretKeySigner } from "./secret-key-signer.ts";
import type { Signer } from "./signer.ts";

/** Who is to sign. */
export type SignerChoice =
  /**
   * One of the user's keys by name, public key or digest, or a key file by its path; default: as `findKey` has it. A text with a
   * slash is a path. Any other is a key of the user's before it is a file of the current folder.
   */
  | { readonly kind: "key-file"; readonly path: string | undefined }
  /** A key in the form of a key file, read from a descriptor that is then closed. */
  | { readonly kind: "key-descriptor"; readonly fd: number }
  /** A key of the ssh-agent at SSH_AUTH_SOCK, by fingerprint, public key or comment; default: the only one. */
  | { readonly kind: "ssh-agent"; readonly key: string | undefined; readonly seconds: number }
  /** A program, and the public key that it signs with. */
  | ({ readonly kind: "command" } & Omit<SignerCommand, "environment">);

/** What signers need of their surroundings. */
export interface SignerSurroundings {
  readonly environment: Environment;
  /** For encrypted key files; default: none, so that such a key can't be opened. */
  readonly passphrases?: Passphrases | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** Opens a signer. Fails as its kind does. The caller disposes of it. */
export async function openSigner(
  choice: SignerChoice,
  surroundings: SignerSurroundings,
): Promise<Result<Signer, OperationFault>> {
  const { environment, signal } = surroundings;
  switch (choice.kind) {
    case "key-file":
      return await openKey(choice.path, surroundings);
    case "key-descriptor": {
      const shown = choice.fd === 0 ? "stdin" : `descriptor ${choice.fd}`;
      const { passphrases = NO_PASSPHRASES } = surroundings;
      return await openKeyDescriptor(choice.fd, shown, passphrases, { environment, signal });
    }
    case "ssh-agent":
      return await openAgentSigner({ ...choice, environment, signal });
    case "command":
      return ok(new CommandSigner({ ...choice, environment }));
  }
}

async function openKey(
  text: string | undefined,
  { environment, passphrases }: SignerSurroundings,
): Promise<Result<Signer, OperationFault>> {
  const named = text ?? environment["RUNSEAL_KEY"];
  if (named !== undefined && isPath(named)) return await openAnyKeyFile(named, passphrases);
  const key = findKey(environment, text);
  if (!key.ok) {
    if (named === undefined) return key.code === "KEY_NOT_FOUND" ? (unfinishedKey(environment) ?? key) : key;
    if (key.code === "AMBIGUOUS" || looksLikeKeyDigest(named)) return key;
    const opened = await openAnyKeyFile(named, passphrases);
    // Of two reasons, the one that is not "there is no such file" is the better one.
    return opened.ok || opened.code !== "KEY_NOT_FOUND" || key.code === "KEY_NOT_FOUND" ? opened : key;
  }
  const { keyFile, publicKeyHex, shownFile } = key.value;
  const opened = await openKeyFile(keyFile, shownFile, passphrases);
  if (!opened.ok || toHex(opened.value.publicKey()) === publicKeyHex) return opened;
  // A reader who got the public file could not verify what this key signs.
  opened.value[Symbol.dispose]();
  return operationFault("KEY_FILE_UNUSABLE", { reason: "unfinished", path: shownFile });
}

/** A key file of runseal's, or one of OpenSSH's or in PEM, which a child reads. Fails as `importSeed` does. */
async function openAnyKeyFile(
  path: string,
  passphrases: Passphrases = NO_PASSPHRASES,
): Promise<Result<Signer, OperationFault>> {
  const own = await openKeyFile(path, path, passphrases);
  if (own.ok || own.code !== "KEY_FILE_UNUSABLE" || own.details.reason !== "form") return own;
  const foreign = await importForeign(path, passphrases);
  if (!foreign.ok) return foreign;
  using seed = foreign.value.seed;
  using passphrase = foreign.value.passphrase;
  return ok(new SecretKeySigner(seed, passphrase === undefined ? "plain-file" : undefined));
}

/** Apart: TypeScript leaves an import as it is beside `using`. */
async function importForeign(path: string, passphrases: Passphrases): ReturnType<typeof importSeed> {
  return await (await import("./import/import-key.ts")).importSeed(path, passphrases);
}

/** Whether a person's words for a key can only be a path. The base64 of a fingerprint or a key may have a slash too. */
function isPath(text: string): boolean {
  if (looksLikeKeyDigest(text) || parseKeyText(text, nodeCrypto) !== undefined) return false;
  return text === "" || text.includes("/") || (isWindows && text.includes("\\"));
}

/** The fault of a user whose only key has no public file. */
function unfinishedKey(environment: Environment): OperationFault | undefined {
  const found = inspectKeyFolder(environment);
  const [name, ...others] = found.ok ? found.value.unfinished : [];
  if (name === undefined || others.length > 0) return undefined;
  return operationFault("KEY_FILE_UNUSABLE", {
    reason: "unfinished",
    path: placesOf(environment, name).shownFile,
  });
}
