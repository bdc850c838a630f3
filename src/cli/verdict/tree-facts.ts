/** What `verify` says of a tree, in JSON and in words. @module */

import { LinkJudge, type SealedTree } from "../../core/internal.ts";
import type { TreeCounts } from "../../node/index.ts";
import { ignoresModes, type SeenTree, type TreeDemand } from "../../node/verify/look-at-tree.ts";
import { treeWords } from "../text/tree-text.ts";

/** What was found of a bundle's tree. */
export interface TreeAnswer {
  /** Undefined where there is none, or where it was not looked at. */
  readonly seen: SeenTree | undefined;
  /** Whether a tree is there that the signature does not name. */
  readonly isUnbound: boolean;
  readonly demand: TreeDemand;
}

const OWNER_MAY_EXECUTE = 0o100;

/** The tree for a program. */
export function treeFacts({ demand, isUnbound, seen }: TreeAnswer): object {
  const { emptyFolders, links, linksOutside, programs } = countsOf(treeOf(seen));
  return {
    state: seen?.state ?? (isUnbound ? "unbound" : "none"),
    links,
    links_outside: linksOutside,
    empty_folders: emptyFolders,
    programs,
    modes_ignored: seen !== undefined && ignoresModes(demand),
    exact: demand.exact === true,
    extra_ignored: seen?.extrasIgnored ?? 0,
  };
}

/** One line for a person, or nothing for a bundle without a tree. */
export function treeLine({ demand, isUnbound, seen }: TreeAnswer): string {
  if (seen === undefined)
    return isUnbound ? "tree     there is one, but the signature does not name it: not looked at\n" : "";
  const tree = treeOf(seen);
  const notes = [
    ...(seen.state === "declared" ? ["as the signer says"] : []),
    ...(seen.state === "checked" && ignoresModes(demand) ? ["modes not compared"] : []),
    ...(demand.exact === true ? ["nothing else is there"] : []),
  ];
  return `tree     ${[treeWords(countsOf(tree)), ...notes].join("; ")}\n`;
}

function treeOf(seen: SeenTree | undefined): SealedTree | undefined {
  return seen?.tree.ok === true ? seen.tree.value : undefined;
}

function countsOf(tree: SealedTree | undefined): TreeCounts {
  if (tree === undefined) return { links: 0, linksOutside: 0, emptyFolders: 0, programs: 0 };
  const judge = new LinkJudge(tree, tree.files);
  const links = tree.links.paths.length;
  let linksOutside = 0;
  for (let link = 0; link < links; link++) if (judge.leadsOutside(link)) linksOutside++;
  const mayExecute = (mode: string): boolean => (Number.parseInt(mode, 8) & OWNER_MAY_EXECUTE) !== 0;
  const programs = tree.modes.reduce(
    (sum, { mode, paths }) => sum + (mayExecute(mode) ? paths.length : 0),
    0,
  );
  return { links, linksOutside, emptyFolders: tree.emptyFolders.length, programs };
}
