/**
 * The environment that programs of the caller's are started with.
 *
 * @module
 */

import type { Environment } from "../user-home.ts";

/** Removes runseal's passphrases, which a program does not need, and keeps everything else. */
export function withoutPassphrase(environment: Environment): NodeJS.ProcessEnv {
  const { RUNSEAL_PASSPHRASE: _own, RUNSEAL_NEW_PASSPHRASE: _next, ...rest } = environment;
  return rest;
}
