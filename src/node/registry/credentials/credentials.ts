/**
 * Credentials for one registry: in secret memory from the first byte, and a text only in the header of a request.
 *
 * @module
 */

import type { Result } from "../../../core/internal.ts";
import { SecretBytes } from "../../keys/secret-bytes.ts";
import type { OperationFault } from "../../runtime/operation-fault.ts";

/** Bytes of a user's name, and of a password or token. */
export const MAX_USERNAME_BYTES = 1024;
export const MAX_SECRET_BYTES: number = 64 * 1024;

/** What a registry, or its token server, accepts. Its owner disposes of it. */
export interface Credentials extends Disposable {
  /** A user's name and password, `name:password`; or a token that a login gave, for which a token server gives others. */
  readonly kind: "password" | "identity-token";
  readonly secret: SecretBytes;
}

/** Where credentials come from. They are looked for once a registry asks for them. */
export interface CredentialSource {
  /**
   * The credentials for a registry, by its host as references have it; `undefined` where there are none. Fails with
   * CREDENTIALS_MALFORMED or CREDENTIAL_HELPER_FAILED. Throws an Interruption.
   */
  find(
    host: string,
    signal: AbortSignal | undefined,
  ): Promise<Result<Credentials | undefined, OperationFault>>;
}

/** Makes credentials of what they own from now on. */
export function makeCredentials(kind: Credentials["kind"], secret: SecretBytes): Credentials {
  return { kind, secret, [Symbol.dispose]: () => secret.dispose() };
}

/** Joins a name and a password. `undefined` for a name that Basic can't express: it has a colon or a control character. */
export function joinPassword(username: string, password: SecretBytes): Credentials | undefined {
  const name = Buffer.from(username, "utf8");
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is refused.
  if (name.length === 0 || name.length > MAX_USERNAME_BYTES || /[:\u0000-\u001f\u007f]/.test(username))
    return undefined;
  const pair = new SecretBytes(name.length + 1 + password.length);
  pair.use((target) => {
    name.copy(target);
    target[name.length] = 0x3a;
    password.use((bytes) => bytes.copy(target, name.length + 1));
  });
  return makeCredentials("password", pair);
}
