/**
 * The folders above the path that was tested last, with the states of patterns after each. A walk tests the names of one folder
 * after the other, so a folder is matched once, and not once for each name in it.
 *
 * @module
 */

import { TestedName } from "./name-glob.ts";
import type { GlobState, PathGlob } from "./path-glob.ts";

interface ChainLink {
  readonly name: TestedName;
  /** The states after this folder, where they were asked for. */
  readonly states: Map<PathGlob, GlobState>;
}

/** A path's folders from the root down. */
export class FolderChain {
  #path = "";
  #links: ChainLink[] = [];

  /** Goes to a folder; the empty path is the root. Keeps what is known of the folders above both. */
  goTo(path: string): void {
    if (path === this.#path) return;
    const names = path === "" ? [] : path.split("/");
    let common = 0;
    while (common < names.length && names[common] === this.#links[common]?.name.text) common++;
    const below = names.slice(common).map((name) => ({ name: new TestedName(name), states: new Map() }));
    this.#links = [...this.#links.slice(0, common), ...below];
    this.#path = path;
  }

  /** How many folders there are. */
  get depth(): number {
    return this.#links.length;
  }

  /** The state of a pattern after all folders. */
  stateOf(glob: PathGlob): GlobState {
    let known = this.#links.length;
    while (known > 0 && this.#links[known - 1]?.states.has(glob) === false) known--;
    let state = this.#links[known - 1]?.states.get(glob) ?? glob.start();
    for (const [index, { name, states }] of this.#links.entries()) {
      if (index < known) continue;
      state = glob.next(state, index, name);
      states.set(glob, state);
    }
    return state;
  }
}
