/**
 * Where this user's machine keeps what runseal remembers: `$XDG_STATE_HOME/runseal`, else `~/.local/state/runseal`.
 *
 * @module
 */

import { homedir } from "node:os";
import { isAbsolute, join } from "node:path";
import type { Environment } from "../keys/key-store.ts";

/** A folder of the user's own. */
export interface StateFolder {
  readonly path: string;
  /** As it may be shown: below a variable of the environment, not where it is on this machine. */
  readonly shown: string;
}

/** The folder for one kind of memory. A relative XDG_STATE_HOME is ignored, as its specification says. */
export function stateFolderOf(environment: Environment, kind: string): StateFolder {
  const xdg = environment["XDG_STATE_HOME"];
  const isSet = xdg !== undefined && isAbsolute(xdg);
  const state = isSet ? xdg : join(environment["HOME"] || homedir(), ".local", "state");
  return {
    path: join(state, "runseal", kind),
    shown: `${isSet ? "$XDG_STATE_HOME" : "$HOME/.local/state"}/runseal/${kind}`,
  };
}
