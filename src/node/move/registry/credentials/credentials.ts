/** Credentials for one registry. They are sent in the headers of requests, and never printed or logged. @module */

import { type JsonObject, type Result, readAs, text } from "../../../../core/internal.ts";
import type { OperationFault } from "../../../system/runtime/operation-fault.ts";

/** Bytes of a user's name, and of a password or token. */
const MAX_USERNAME_BYTES = 1024;
export const MAX_SECRET_BYTES: number = 64 * 1024;

/** What a registry, or its token server, accepts. */
export interface Credentials {
  /** A user's name and password, `name:password`; or a token that a login gave, for which a token server gives others. */
  readonly kind: "password" | "identity-token";
  readonly secret: Buffer;
}

/** Where credentials come from. They are looked for once a registry asks for them. */
export interface CredentialSource {
  /**
   * The credentials for a registry, by its host as references have it; `undefined` where there are none. Fails with
   * CREDENTIALS_UNUSABLE. Throws an Interruption.
   */
  find(
    host: string,
    signal: AbortSignal | undefined,
  ): Promise<Result<Credentials | undefined, OperationFault>>;
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is refused.
const UNFIT_IN_NAME = /[:\u0000-\u001f\u007f]/;

/** Joins a name and a password. `undefined` for a name that Basic can't express: it has a colon or a control character. */
export function joinPassword(username: string, password: string): Credentials | undefined {
  const isFit = username !== "" && Buffer.byteLength(username) <= MAX_USERNAME_BYTES;
  if (!isFit || UNFIT_IN_NAME.test(username)) return undefined;
  return { kind: "password", secret: Buffer.from(`${username}:${password}`) };
}

/** The header `Authorization` that logs a user in. */
export function basicHeader({ secret }: Credentials): string {
  return `Basic ${secret.toString("base64")}`;
}

/** The text of a member; `undefined` for a missing one, and one of another kind. */
export function textOf(members: JsonObject | undefined, name: string): string | undefined {
  return readAs(text(), members?.get(name));
}
