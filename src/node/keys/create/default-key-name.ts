/**
 * How a new key is called if its user gives no name.
 *
 * @module
 */

import { userInfo } from "node:os";
import { unlessRefused } from "../../system/runtime/machine-reason.ts";

/** What goes into a file name and into a line of the trust file must be neither a path nor a pattern. */
const KEY_NAME = /^[A-Za-z0-9][A-Za-z0-9._@+-]{0,63}$/;

/** The name of a key whose user has no name that can be a key's. */
const NAMELESS = "default";

/** Whether a text can be the name of a key. */
export function isKeyName(text: string): boolean {
  return KEY_NAME.test(text);
}

/** The name of the user, as the system's list of users has it; "default" if that can't be the name of a key. */
export function defaultKeyName(): string {
  const username = unlessRefused(() => userInfo().username) ?? NAMELESS;
  return isKeyName(username) ? username : NAMELESS;
}
