/**
 * From what a caller says about who is to sign to a signer.
 *
 * @module
 */

import { ok, type Result, toHex } from "../../core/index.ts";
import { type OperationFault, operationFault } from "../operation-fault.ts";
import { CommandSigner } from "./exec-signer.ts";
import { openKeyFile } from "./key-file.ts";
import { inspectKeyFolder } from "./key-folder.ts";
import { onlyKey, placesOf } from "./key-store.ts";
import type { Passphrases } from "./passphrase.ts";
import type { Signer } from "./signer.ts";
import { openAgentSigner } from "./ssh-agent.ts";
import type { Environment } from "./user-home.ts";

/** Who is to sign. */
export type SignerChoice =
  /** A key file; default: the user's only one. */
  | { readonly kind: "key-file"; readonly path: string | undefined }
  /** A key of the ssh-agent at SSH_AUTH_SOCK, by fingerprint, public key or comment; default: the only one. */
  | { readonly kind: "ssh-agent"; readonly key: string | undefined; readonly seconds: number }
  /** A program, and the public key that it signs with. */
  | {
      readonly kind: "command";
      readonly command: string;
      readonly publicKey: Uint8Array;
      readonly seconds: number;
    };

/** What signers need of their surroundings. */
export interface SignerSurroundings {
  readonly environment: Environment;
  /** Asked where a key file is encrypted; default: nobody, so that such a key can't be opened. */
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
    case "ssh-agent":
      return await openAgentSigner({ ...choice, environment, signal });
    case "command":
      return ok(new CommandSigner({ ...choice, environment }));
  }
}

async function openKey(
  path: string | undefined,
  { environment, passphrases }: SignerSurroundings,
): Promise<Result<Signer, OperationFault>> {
  if (path !== undefined) return await openKeyFile(path, path, passphrases);
  const key = onlyKey(environment);
  if (!key.ok) return key.code === "KEY_NOT_FOUND" ? (unfinishedKey(environment) ?? key) : key;
  const { keyFile, publicKeyHex, shownFile } = key.value;
  const opened = await openKeyFile(keyFile, shownFile, passphrases);
  if (!opened.ok || toHex(opened.value.publicKey()) === publicKeyHex) return opened;
  // A reader who got the public file could not verify what this key signs.
  opened.value[Symbol.dispose]();
  return operationFault("KEY_UNFINISHED", { path: shownFile });
}

/** The fault of a user whose only key has no public file. */
function unfinishedKey(environment: Environment): OperationFault | undefined {
  const found = inspectKeyFolder(environment);
  const [name, ...others] = found.ok ? found.value.unfinished : [];
  if (name === undefined || others.length > 0) return undefined;
  return operationFault("KEY_UNFINISHED", { path: placesOf(environment, name).shownFile });
}
