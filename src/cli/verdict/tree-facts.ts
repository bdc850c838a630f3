/** What `verify` says of a tree, in JSON and in words. @module */

import {
  countTree,
  type SealedTree,
  type SeenTree,
  type TreeCounts,
  type TreeDemand,
  treeWords,
} from "../../core/internal.ts";
import { foundNothingElse, ignoresModes } from "../../node/judge/verify/match-tree.ts";
import type { JudgedTreeFacts } from "../results/judged.ts";

/** What was found of a bundle's tree. */
export interface TreeAnswer {
  /** Undefined where there is none, or where it was not looked at. */
  readonly seen: SeenTree | undefined;
  /** Whether a tree is there that the signature does not name. */
  readonly isUnbound: boolean;
  readonly demand: TreeDemand;
}

/** The tree for a program. */
export function treeFacts({ demand, isUnbound, seen }: TreeAnswer): JudgedTreeFacts {
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

/** The tree for a person; undefined for a bundle without one. */
export function treeAnswerWords({ demand, isUnbound, seen }: TreeAnswer): string | undefined {
  if (seen === undefined)
    return isUnbound ? "there is one, but the signature does not name it: not looked at" : undefined;
  const notes = [
    ...(seen.state === "declared" ? ["as the signer says"] : []),
    ...(seen.state === "checked" && ignoresModes(demand) ? ["modes not compared"] : []),
    ...exactNotes(seen, demand),
  ];
  return [treeWords(countsOf(treeOf(seen))), ...notes].join("; ");
}

/** Where patterns may hide something, it is not said that nothing else is there. */
function exactNotes(seen: SeenTree, demand: TreeDemand): readonly string[] {
  if (demand.exact !== true) return [];
  return [foundNothingElse(seen, demand) ? "nothing else is there" : "nothing else but what patterns ignore"];
}

function treeOf(seen: SeenTree | undefined): SealedTree | undefined {
  return seen?.tree.ok === true ? seen.tree.value : undefined;
}

function countsOf(tree: SealedTree | undefined): TreeCounts {
  if (tree === undefined) return { links: 0, linksOutside: 0, emptyFolders: 0, programs: 0 };
  return countTree(tree);
}
