/**
 * Finds the pattern that decides about a path. The patterns and the names may come from an attacker, a million names and a
 * thousand patterns: so literal patterns are looked up, the folders of a path are matched once for all names in them, and no
 * search steps back (`name-glob.ts`).
 *
 * @module
 */

import { FolderChain } from "./folder-chain.ts";
import { type GlobComponents, parseGlob } from "./glob-token.ts";
import { type NameTest, nameTest, TestedName } from "./name-glob.ts";
import { PathGlob } from "./path-glob.ts";

/** A pattern of a list. */
export interface IgnoreRule {
  /** As written in the list, without spaces at the end that don't count. */
  readonly text: string;
  /** Whether the rule includes what it matches. */
  readonly isNegative: boolean;
  readonly foldersOnly: boolean;
  /** The pattern without its sign and the slash at its end. */
  readonly body: string;
}

interface WildRule {
  /** Its place in the list. */
  readonly index: number;
  readonly rule: IgnoreRule;
  readonly matches: NameTest | PathGlob;
}

/** Rules in the order of their list. Remembers the folders of the last path. */
export class IgnoreMatcher {
  readonly #rules: readonly IgnoreRule[];
  /** The places of the rules without wildcards, by the name or by the path that they match. */
  readonly #byName = new Map<string, number[]>();
  readonly #byPath = new Map<string, number[]>();
  readonly #wild: WildRule[] = [];
  readonly #folders = new FolderChain();

  constructor(rules: readonly IgnoreRule[]) {
    this.#rules = rules;
    for (const [index, rule] of rules.entries()) this.#add(index, rule);
  }

  /** The last rule that matches a path, whose last component is `name`. */
  findLast(path: string, name: string, isFolder: boolean): IgnoreRule | undefined {
    const byName = this.#lastOf(this.#byName.get(name), isFolder);
    const literal = Math.max(byName, this.#lastOf(this.#byPath.get(path), isFolder));
    const tested = new TestedName(name);
    const folder = path.slice(0, Math.max(0, path.length - name.length - 1));
    for (let at = this.#wild.length - 1; at >= 0; at--) {
      const wild = this.#wild[at];
      if (wild === undefined || wild.index < literal) break;
      if (wild.rule.foldersOnly && !isFolder) continue;
      if (this.#isMatch(wild.matches, folder, tested)) return wild.rule;
    }
    return this.#rules[literal];
  }

  #isMatch(matches: NameTest | PathGlob, folder: string, name: TestedName): boolean {
    if (typeof matches === "function") return matches(name);
    this.#folders.goTo(folder);
    return matches.matches(name, this.#folders.depth, () => this.#folders.stateOf(matches));
  }

  /** The last of some rules that may match, -1 if there is none. */
  #lastOf(indexes: readonly number[] | undefined, isFolder: boolean): number {
    return indexes?.findLast((index) => isFolder || this.#rules[index]?.foldersOnly === false) ?? -1;
  }

  /** A rule without a slash before its end is for names. A glob that can match nothing is left out. */
  #add(index: number, rule: IgnoreRule): void {
    const { body } = rule;
    const isName = !body.includes("/");
    const anchored = body.startsWith("/") ? body.slice(1) : body;
    const wild = anchored.search(/[*?[\\]/);
    if (wild < 0) {
      const literals = isName ? this.#byName : this.#byPath;
      literals.set(anchored, [...(literals.get(anchored) ?? []), index]);
      return;
    }
    const glob = parseGlob(isName ? body : anchored.slice(wild));
    if (glob === undefined) return;
    const matches = isName ? nameTestOf(glob) : new PathGlob(anchored.slice(0, wild), glob);
    this.#wild.push({ index, rule, matches });
  }
}

/** For a pattern without slashes, which has one component. */
function nameTestOf([component]: GlobComponents): NameTest {
  return component === undefined || component === "any-number" ? () => true : nameTest(component);
}
