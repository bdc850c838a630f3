/**
 * Which files a seal takes in, and what beside them its tree holds: links and empty folders. Refuses special files, links that lead
 * outside, and names that can't be sealed.
 *
 * @module
 */

import { type OutputTree, ok, type Result, TextViews } from "../../core/internal.ts";
import type { AnchoredRoot } from "../files/anchored-root.ts";
import { type ListOptions, listTree } from "../files/walk-tree.ts";
import { type OperationFault, operationFault, type RefusedPath } from "../runtime/operation-fault.ts";
import { type IgnoredEntries, type IgnoreRules, IgnoreWatch } from "./ignore-rules.ts";
import { findStarts, type NamedPaths, namesBelowRoot } from "./named-paths.ts";
import {
  type LinkRule,
  refuseCertainLeaving,
  refuseLeaving,
  refuseTargetNames,
  refuseTargets,
} from "./refuse-links.ts";
import { type NameRule, refuseNames, refuseUnlawful, refuseUnlawfulPlaces } from "./refuse-names.ts";
import { allPaths, eachPath, isNothing, selectTree } from "./selected-tree.ts";

/** What to take in. */
export interface Selection extends NamedPaths {
  /** Leave special files out instead of refusing; without a tree, links too. */
  readonly skipSpecial: boolean;
  readonly names: NameRule;
  /** Whether the bundle has a tree; default `true`. */
  readonly tree?: boolean | undefined;
  /** Which links the tree may hold; default `inside`. */
  readonly links?: LinkRule | undefined;
  /** What to leave out; undefined takes everything but runseal's own. */
  readonly rules?: IgnoreRules | undefined;
}

/** What a seal takes in. */
export interface SelectedOutputs extends LeftOut {
  /** Lawful paths relative to the root, in byte order. */
  readonly paths: readonly string[];
  /** What OUTPUT_TREE.json is to say, but for modes; undefined for a plain bundle. */
  readonly tree: OutputTree | undefined;
}

/** What a seal leaves out. */
export interface LeftOut {
  /** Links and special files left out on request, and version control. */
  readonly leftOut: readonly RefusedPath[];
  /** What patterns left out. */
  readonly ignored: IgnoredEntries;
}

/** Nothing. */
export const NOTHING_LEFT_OUT: LeftOut = { leftOut: [], ignored: { entries: 0, patterns: [] } };

/** How to select. */
export interface SelectOptions extends ListOptions {
  /** A command may still change what is there: refuses a link only if it leads outside of every tree. Implies `mayBeNothing`. */
  readonly isEarly?: boolean | undefined;
  /** Whether there may be nothing at all. */
  readonly mayBeNothing?: boolean | undefined;
}

/**
 * Lists the outputs and judges names and links. Every refused path is named, whatever it is refused for; the code is that of the
 * first kind. Fails with PATH_OUTSIDE_ROOT, PATH_NOT_FOUND, SPECIAL_FILES, LINK_TARGET_NOT_TEXT, NAMES_UNLAWFUL, LINKS_LEAVE_ROOT,
 * NAMES_NOT_PORTABLE, NOTHING_TO_SEAL, CHANGED_WHILE_READ or READ_FAILED. Throws an Interruption.
 */
export async function selectOutputs(
  root: AnchoredRoot,
  selection: Selection,
  options: SelectOptions = {},
): Promise<Result<SelectedOutputs, OperationFault>> {
  const found = await findOutputs(root, selection, options);
  if (!found.ok) return found;
  const { faults, selected } = found.value;
  const { paths, tree } = selected;
  const [first, ...others] = [
    ...faults,
    ...(options.isEarly === true
      ? [refuseCertainLeaving(tree, selection.links)]
      : [refuseLeaving(tree, selection.links, () => TextViews.of(paths))]),
    ...refuseNotPortable(selected, selection.names),
  ].flatMap((fault) => fault ?? []);
  if (first !== undefined) {
    const refused = [first, ...others].flatMap(({ details }) => details.refused ?? []);
    return operationFault(first.code, { refused });
  }
  const mayBeNothing = options.isEarly === true || options.mayBeNothing === true;
  return isNothing(selected) && !mayBeNothing ? operationFault("NOTHING_TO_SEAL") : ok(selected);
}

/**
 * Lists the outputs, of which only the law of names was asked. `refuseLeaving` and `refuseNotPortable` decide about the rest while
 * files are hashed. Fails as `selectOutputs` does otherwise. Throws an Interruption.
 */
export async function listOutputs(
  root: AnchoredRoot,
  selection: Selection,
  options: ListOptions,
): Promise<Result<SelectedOutputs, OperationFault>> {
  const found = await findOutputs(root, selection, options);
  if (!found.ok) return found;
  const { faults, selected } = found.value;
  if (faults[0] !== undefined) return faults[0];
  return isNothing(selected) ? operationFault("NOTHING_TO_SEAL") : ok(selected);
}

/** Refuses names and targets that other systems can't hold, if that is asked for. */
export function refuseNotPortable(selected: SelectedOutputs, names: NameRule): readonly OperationFault[] {
  if (names === "posix") return [];
  return [refuseNames(allPaths(selected), names), refuseTargetNames(selected.tree, names)].flatMap(
    (fault) => fault ?? [],
  );
}

/** What is at and below the caller's paths, and why it can't be sealed. */
interface FoundOutputs {
  readonly faults: readonly OperationFault[];
  readonly selected: SelectedOutputs;
}

async function findOutputs(
  root: AnchoredRoot,
  selection: Selection,
  options: ListOptions,
): Promise<Result<FoundOutputs, OperationFault>> {
  const { links: rule = "inside", rules, skipSpecial, tree: hasTree = true } = selection;
  const starts = findStarts(selection);
  if (!starts.ok) return starts;
  const watch = new IgnoreWatch(rules);
  const readsLinks = hasTree && rule !== "none";
  const listing = await listTree(root, starts.value, watch.passOver, { ...options, readsLinks });
  const { closed, files, links, missing } = listing;
  if (closed[0] !== undefined) return operationFault("READ_FAILED", closed[0]);
  if (missing[0] !== undefined) return operationFault("PATH_NOT_FOUND", { path: missing[0] });
  if (links.changed[0] !== undefined) return operationFault("CHANGED_WHILE_READ", { path: links.changed[0] });
  const special = listing.special.map(({ path, kind }): RefusedPath => ({ path, reason: kind }));
  const isLeftOut = ({ reason }: RefusedPath): boolean =>
    reason === "link" && hasTree ? rule === "none" : skipSpecial && reason !== "link-on-the-way";
  const leftOut = special.filter(isLeftOut);
  const { ignored, forTree, versionControl } = watch.leftOut();
  const scope = namesBelowRoot(selection);
  const tree = hasTree ? selectTree({ listing, scope, ignored: forTree, leftOut }) : undefined;
  const refused = special.filter((entry) => !isLeftOut(entry));
  const faults = [
    refused.length > 0 ? operationFault("SPECIAL_FILES", { refused }) : undefined,
    refuseTargets(links),
    refuseUnlawful(eachPath({ paths: files, tree }), hasTree) ?? refuseUnlawfulPlaces(tree),
  ].flatMap((fault) => fault ?? []);
  return ok({
    faults,
    selected: { paths: files, tree, leftOut: [...leftOut, ...versionControl], ignored },
  });
}
