/**
 * The environment that programs of the caller's are started with.
 *
 * @module
 */

import type { Environment } from "../user-home.ts";

/** A passphrase of runseal's own is none of a program's business; all else it may need. */
export function withoutPassphrase(environment: Environment): NodeJS.ProcessEnv {
  const { RUNSEAL_PASSPHRASE: _own, RUNSEAL_NEW_PASSPHRASE: _next, ...rest } = environment;
  return rest;
}
