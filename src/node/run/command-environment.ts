/**
 * The environment of the command of a run: runseal's own without what would let the command sign.
 *
 * @module
 */

import type { SharedAccess } from "../keys/signer.ts";
import type { Environment } from "../keys/user-home.ts";

/** Every variable that gives a passphrase, or names the place of one. */
const PASSPHRASE = /^RUNSEAL_(?:NEW_)?PASSPHRASE(?:_|$)/;

/** Leaves out the passphrase variables, and SSH_AUTH_SOCK if the ssh-agent signs. */
export function commandEnvironment(
  environment: Environment,
  sharedAccess: SharedAccess | undefined,
): Environment {
  const isHidden = (name: string): boolean =>
    PASSPHRASE.test(name) || (name === "SSH_AUTH_SOCK" && sharedAccess === "agent");
  return Object.fromEntries(Object.entries(environment).filter(([name]) => !isHidden(name)));
}
