/**
 * Asks git which pattern decides about each entry of many small trees. One process answers for all trees: each tree is a folder
 * of one repository, and has a `.gitignore` of its own.
 *
 * @module
 */

import { execFileSync } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";

/** The entries of a tree, folders before what is in them. */
export type Entries = readonly (readonly [path: string, isFolder: boolean])[];

/** Trees on a disk, which git is asked about. */
export class IgnoreArena {
  readonly #folder: string;
  readonly #trees: readonly Entries[];

  /** Makes the trees below a folder, which must be empty. */
  constructor(folder: string, trees: readonly Entries[]) {
    this.#folder = folder;
    this.#trees = trees;
    execFileSync("git", ["init", "-q", folder]);
    for (const [index, tree] of trees.entries()) {
      mkdirSync(join(folder, `t${index}`));
      for (const [path, isFolder] of tree) {
        if (isFolder) mkdirSync(join(folder, `t${index}`, path));
        else writeFileSync(join(folder, `t${index}`, path), "");
      }
    }
  }

  /**
   * For each tree, the pattern that decides about each of its entries, by path. It begins with `!` if it includes the entry, and
   * is that of the folder above if git does not enter that one. Entries without such a pattern have none.
   */
  decide(ignoreFiles: readonly string[]): readonly ReadonlyMap<string, string>[] {
    const asked = this.#trees.slice(0, ignoreFiles.length);
    for (const [index, text] of ignoreFiles.entries())
      writeFileSync(join(this.#folder, `t${index}`, ".gitignore"), text);
    const input = asked.flatMap((tree, index) => tree.map(([path]) => `t${index}/${path}`)).join("\0");
    const decisions = asked.map(() => new Map<string, string>());
    const fields = this.#run(input).split("\0");
    for (let at = 0; at + 3 < fields.length; at += 4) {
      const [source = "", , pattern = "", path = ""] = fields.slice(at, at + 4);
      const slash = path.indexOf("/");
      if (source !== "") decisions[Number(path.slice(1, slash))]?.set(path.slice(slash + 1), pattern);
    }
    return decisions;
  }

  #run(input: string): string {
    const settings = ["-c", "core.excludesFile=/dev/null", "-c", "core.ignoreCase=false"];
    const check = ["check-ignore", "--no-index", "--stdin", "-z", "-v", "-n"];
    const env = { PATH: process.env["PATH"] ?? "", GIT_CONFIG_NOSYSTEM: "1", HOME: this.#folder };
    try {
      const options = { cwd: this.#folder, input, env, maxBuffer: 1 << 30 };
      return execFileSync("git", [...settings, ...check], options).toString("utf8");
    } catch (thrown) {
      // Exit code 1: no entry is left out. The answer is complete.
      if (typeof thrown !== "object" || thrown === null || !("status" in thrown) || thrown.status !== 1)
        throw thrown;
      return "stdout" in thrown ? String(thrown.stdout) : "";
    }
  }
}
