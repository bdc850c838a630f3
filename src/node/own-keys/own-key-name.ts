/**
 * How a new key is called if its user gives no name.
 *
 * @module
 */

import { userInfo } from "node:os";
import { listKeyFiles } from "../keys/key-store.ts";
import type { Environment } from "../keys/user-home.ts";
import { machineReason } from "../runtime/machine-reason.ts";

/** What goes into a file name and into a line of the trust file must be neither a path nor a pattern. */
const KEY_NAME = /^[A-Za-z0-9][A-Za-z0-9._@+-]{0,63}$/;

/** The name of every key that older versions made without one, and of one whose user has no name that can be a key's. */
const OLD_NAME = "default";

/** Whether a text can be the name of a key. */
export function isKeyName(text: string): boolean {
  return KEY_NAME.test(text);
}

/** "default" in a home that has a key of that name; else the name of the user, as the system's list of users has it. */
export function ownKeyName(environment: Environment): string {
  const files = listKeyFiles(environment);
  const hasOld =
    files.ok && files.value.some((file) => file === `${OLD_NAME}.key` || file === `${OLD_NAME}.pub`);
  if (hasOld) return OLD_NAME;
  try {
    const { username } = userInfo();
    return isKeyName(username) ? username : OLD_NAME;
  } catch (thrown) {
    if (machineReason(thrown) === undefined) throw thrown;
    return OLD_NAME;
  }
}
