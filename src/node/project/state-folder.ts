/**
 * Where this user's machine keeps what runseal remembers: `$XDG_STATE_HOME/runseal`, else `~/.local/state/runseal`.
 *
 * @module
 */

import { join } from "node:path";
import { type Environment, folderOfVariable, homeFolder } from "../keys/user-home.ts";

/** A folder of the user's own. */
export interface StateFolder {
  readonly path: string;
  /** As it may be shown: below a variable of the environment, not where it is on this machine. */
  readonly shown: string;
}

/** The folder for one kind of memory. A relative XDG_STATE_HOME is ignored, as its specification says. */
export function stateFolderOf(environment: Environment, kind: string): StateFolder {
  const state = folderOfVariable(environment, "XDG_STATE_HOME");
  return {
    path: join(state ?? join(homeFolder(environment), ".local", "state"), "runseal", kind),
    shown: `${state !== undefined ? "$XDG_STATE_HOME" : "$HOME/.local/state"}/runseal/${kind}`,
  };
}
