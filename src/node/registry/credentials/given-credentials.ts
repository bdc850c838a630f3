/** Credentials that the user gives to one command: `--username`, and the password on stdin. @module */

import { ok, type Result } from "../../../core/internal.ts";
import { readSource } from "../../keys/passphrase/passphrase-source.ts";
import type { SecretBytes } from "../../keys/secret-bytes.ts";
import { type OperationFault, operationFault } from "../../runtime/operation-fault.ts";
import { type CredentialSource, type Credentials, joinPassword, makeCredentials } from "./credentials.ts";

/** The credentials that a caller gave, for any host. Disposing of it clears them. */
export class GivenCredentials implements CredentialSource, Disposable {
  readonly #credentials: Credentials;

  constructor(credentials: Credentials) {
    this.#credentials = credentials;
  }

  find(): Promise<Result<Credentials, OperationFault>> {
    // A copy: its owner disposes of it.
    return Promise.resolve(ok(makeCredentials("password", this.#credentials.secret.copy())));
  }

  [Symbol.dispose](): void {
    this.#credentials[Symbol.dispose]();
  }
}

/** No credentials, for callers that never have any. */
export const NO_CREDENTIALS: CredentialSource = { find: () => Promise.resolve(ok(undefined)) };

/**
 * Reads a password from stdin, without its line end, and joins it with a name. Fails with CREDENTIALS_MALFORMED where stdin is a
 * terminal, gives nothing or more than 1024 bytes, and for a name with a colon. Throws an Interruption.
 */
export async function readGivenCredentials(
  username: string,
  environment: { readonly [name: string]: string | undefined },
  signal?: AbortSignal,
): Promise<Result<GivenCredentials, OperationFault>> {
  const source = { kind: "FD", variable: "--password-stdin", value: "0" } as const;
  const read: SecretBytes | string = await readSource(source, { environment, signal });
  if (typeof read === "string") return operationFault("CREDENTIALS_MALFORMED", { path: "--password-stdin" });
  using password = read;
  const credentials = joinPassword(username, password);
  return credentials === undefined
    ? operationFault("CREDENTIALS_MALFORMED", { path: "--username" })
    : ok(new GivenCredentials(credentials));
}
