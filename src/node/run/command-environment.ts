/**
 * The environment of the command of a run: runseal's own without what would let the command sign.
 *
 * @module
 */

import { withoutPassphrases } from "../keys/passphrase/program-surroundings.ts";
import type { SharedAccess } from "../keys/signer.ts";
import type { Environment } from "../system/runtime/user-home.ts";

/** Leaves out the passphrase variables, and SSH_AUTH_SOCK if the ssh-agent signs. */
export function commandEnvironment(
  environment: Environment,
  sharedAccess: SharedAccess | undefined,
): Environment {
  const { SSH_AUTH_SOCK: _agent, ...withoutAgent } = environment;
  return withoutPassphrases(sharedAccess === "agent" ? withoutAgent : environment);
}
