/**
 * Which links a seal refuses: links that lead outside of the root, and targets that a tree, or another system, can't hold.
 *
 * @module
 */

import { isTarget, LinkJudge, type OutputTree, type TextViews } from "../../../core/internal.ts";
import type { ListedLinks } from "../../system/files/walk-tree.ts";
import {
  type RefusedEntries,
  type RefusedEntry,
  type RefusedPath,
  refuseEntries,
} from "../../system/runtime/operation-fault.ts";
import type { NameRule } from "./refuse-names.ts";

/** Which links a tree may hold: those that lead nowhere outside, any, or none. With `none`, links are left out. */
export type LinkRule = "inside" | "any" | "none";

/** Refuses targets that no tree can hold, as ENTRIES_REFUSED. */
export function refuseTargets({ paths, targets }: ListedLinks): RefusedEntries | undefined {
  const refused: RefusedPath[] = [];
  let index = 0;
  for (const target of targets) {
    if (!isTarget(target)) refused.push({ path: paths.at(index) ?? "", reason: "not-utf8" });
    index++;
  }
  return refuseEntries("link-target", refused);
}

/** Refuses links that lead outside, unless the rule allows them, as ENTRIES_REFUSED. */
export function refuseLeaving(
  tree: OutputTree,
  rule: LinkRule | undefined = "inside",
  files: () => TextViews,
): RefusedEntries | undefined {
  if (rule !== "inside" || tree.links.paths.length === 0) return undefined;
  const judge = new LinkJudge(tree, files());
  return refuse(tree, (index) => judge.leadsOutside(index));
}

/**
 * As `refuseLeaving`, before a command that may still make what links lead to. Refuses only links that lead outside in every tree:
 * absolute ones, and those that climb above the root at once.
 */
export function refuseCertainLeaving(
  tree: OutputTree,
  rule: LinkRule | undefined = "inside",
): RefusedEntries | undefined {
  if (rule !== "inside") return undefined;
  return refuse(tree, (_index, path, target) => {
    const depth = path.split("/").length - 1;
    const steps = target.split("/").filter((step) => step !== "" && step !== ".");
    const climbs = steps.findIndex((step) => step !== "..");
    return target.startsWith("/") || (climbs < 0 ? steps.length : climbs) > depth;
  });
}

/** Refuses targets that another system reads in another way, as ENTRIES_REFUSED. */
export function refuseTargetNames(tree: OutputTree, names: NameRule): RefusedEntries | undefined {
  if (names === "posix") return undefined;
  const refused: RefusedPath[] = [];
  for (const { path, target } of linksOf(tree)) {
    if (/^[A-Za-z]:/.test(target)) refused.push({ path, reason: "drive", target });
    else if (target.includes("\\")) refused.push({ path, reason: "backslash", target });
  }
  return refuseEntries("names-not-portable", refused);
}

function refuse(
  tree: OutputTree,
  leaves: (index: number, path: string, target: string) => boolean,
): RefusedEntries | undefined {
  const refused: RefusedEntry[] = [];
  let index = 0;
  for (const link of linksOf(tree)) if (leaves(index++, link.path, link.target)) refused.push(link);
  return refuseEntries("links-leave-root", refused);
}

interface Link {
  readonly path: string;
  readonly target: string;
}

function* linksOf({ links: { paths, values } }: OutputTree): Generator<Link, undefined> {
  for (let index = 0; index < paths.length; index++)
    yield { path: paths.at(index) ?? "", target: values.at(index) ?? "" };
  return undefined;
}
