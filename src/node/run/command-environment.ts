/**
 * The environment of the command of a run: runseal's own without what would let the command sign.
 *
 * @module
 */

import type { SharedAccess } from "../keys/signer.ts";
import type { Environment } from "../keys/user-home.ts";

/** Every variable that gives a passphrase, or names the place of one. */
const PASSPHRASE = /^RUNSEAL_(?:NEW_)?PASSPHRASE(?:_|$)/;

/** How the signer of a run is shared with its command. */
export interface AgentSharing {
  readonly sharedAccess: SharedAccess | undefined;
  /** Leaves SSH_AUTH_SOCK to the command though the agent signs. */
  readonly shareAgent: boolean;
}

/** Leaves out the passphrase variables, and SSH_AUTH_SOCK if the ssh-agent signs and is not shared. */
export function commandEnvironment(
  environment: Environment,
  { shareAgent, sharedAccess }: AgentSharing,
): Environment {
  const isHidden = (name: string): boolean =>
    PASSPHRASE.test(name) || (name === "SSH_AUTH_SOCK" && sharedAccess === "agent" && !shareAgent);
  return Object.fromEntries(Object.entries(environment).filter(([name]) => !isHidden(name)));
}

/** The way by which the command could have signed with the run's key; undefined if runseal knows of none. */
export function accessOfCommand({ shareAgent, sharedAccess }: AgentSharing): SharedAccess | undefined {
  return sharedAccess === "agent" && !shareAgent ? undefined : sharedAccess;
}
