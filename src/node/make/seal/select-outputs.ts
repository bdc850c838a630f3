/**
 * Which files a seal takes in, and what beside them its tree holds: links and empty folders. Leaves special files out or refuses
 * them. Refuses links that lead outside, and names that can't be sealed.
 *
 * @module
 */

import { type OutputTree, ok, type Result, TextViews } from "../../../core/internal.ts";
import type { AnchoredRoot } from "../../system/files/anchored-root.ts";
import { type ListOptions, listTree, type TreeListing } from "../../system/files/walk-tree.ts";
import {
  type OperationFault,
  operationFault,
  type RefusedEntries,
  type RefusedPath,
  refuseEntries,
} from "../../system/runtime/operation-fault.ts";
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
  /** Refuse sockets, FIFOs and devices, which are left out by default. */
  readonly strict?: boolean | undefined;
  readonly names: NameRule;
  /** Which links the tree may hold; default `inside`. */
  readonly links?: LinkRule | undefined;
  /** What to leave out; undefined takes everything but runseal's own. */
  readonly rules?: IgnoreRules | undefined;
}

/** What a seal takes in. */
export interface SelectedOutputs extends LeftOut {
  /** Lawful paths relative to the root, in byte order. */
  readonly paths: readonly string[];
  /** What OUTPUT_TREE.json is to say, but for modes. */
  readonly tree: OutputTree;
}

/** What a seal leaves out. */
export interface LeftOut {
  /** Special files, links that are left out on request, and version control. */
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
 * first kind. Fails with PATH_REFUSED, PATH_NOT_FOUND, ENTRIES_REFUSED,
 * NOTHING_TO_SEAL, CHANGED_WHILE_READ or READ_FAILED. Throws an Interruption.
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
  const refused = refuseAll([
    ...faults,
    options.isEarly === true
      ? refuseCertainLeaving(tree, selection.links)
      : refuseLeaving(tree, selection.links, () => TextViews.of(paths)),
    ...refuseNotPortable(selected, selection.names),
  ]);
  if (refused !== undefined) return refused;
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

/**
 * Lists files of which only the digests are recorded, such as the inputs of a run. Links and special files are refused. Fails as
 * `selectOutputs` does. Throws an Interruption.
 */
export async function selectInputs(
  root: AnchoredRoot,
  selection: NamedPaths,
  options: ListOptions,
): Promise<Result<readonly string[], OperationFault>> {
  const listed = await listEntries(root, selection, new IgnoreWatch(undefined), options, () => false);
  if (!listed.ok) return listed;
  const { listing, special } = listed.value;
  const { files } = listing;
  const refused = refuseAll([special, refuseUnlawful(files, false)]);
  if (refused !== undefined) return refused;
  return files.length === 0 ? operationFault("NOTHING_TO_SEAL") : ok(files);
}

/** Whether something is left out because it has no bytes to seal. */
export function isSpecialFile({ reason }: RefusedPath): boolean {
  return SPECIAL_REASONS.has(reason);
}

const SPECIAL_REASONS: ReadonlySet<RefusedPath["reason"]> = new Set(["fifo", "socket", "device", "unknown"]);

/** One fault with every refused path, and the reason of the first. */
function refuseAll(faults: readonly (RefusedEntries | undefined)[]): RefusedEntries | undefined {
  const [first, ...others] = faults.flatMap((fault) => fault ?? []);
  if (first === undefined) return undefined;
  const refused = [first, ...others].flatMap(({ details }) => details.refused);
  return operationFault(first.code, { reason: first.details.reason, refused });
}

/** Refuses names and targets that other systems can't hold, if that is asked for. */
export function refuseNotPortable(selected: SelectedOutputs, names: NameRule): readonly RefusedEntries[] {
  if (names === "posix") return [];
  return [refuseNames(allPaths(selected), names), refuseTargetNames(selected.tree, names)].flatMap(
    (fault) => fault ?? [],
  );
}

/** What is at and below the caller's paths, and why it can't be sealed. */
interface FoundOutputs {
  readonly faults: readonly RefusedEntries[];
  readonly selected: SelectedOutputs;
}

async function findOutputs(
  root: AnchoredRoot,
  selection: Selection,
  options: ListOptions,
): Promise<Result<FoundOutputs, OperationFault>> {
  const { links: rule = "inside", rules, strict = false } = selection;
  const watch = new IgnoreWatch(rules);
  const listed = await listEntries(
    root,
    selection,
    watch,
    { ...options, readsLinks: rule !== "none" },
    (entry) => (entry.reason === "link" ? rule === "none" : !strict && isSpecialFile(entry)),
  );
  if (!listed.ok) return listed;
  const { leftOut, listing, special } = listed.value;
  const { files, links } = listing;
  const { ignored, forTree, versionControl } = watch.leftOut();
  const tree = selectTree({ listing, scope: namesBelowRoot(selection), ignored: forTree, leftOut });
  const faults = [
    special,
    refuseTargets(links),
    refuseUnlawful(eachPath({ paths: files, tree }), true) ?? refuseUnlawfulPlaces(tree),
  ].flatMap((fault) => fault ?? []);
  return ok({
    faults,
    selected: { paths: files, tree, leftOut: [...leftOut, ...versionControl], ignored },
  });
}

/** What is at and below the caller's paths. */
interface ListedEntries {
  readonly listing: TreeListing;
  /** Links and special files that are left out. */
  readonly leftOut: readonly RefusedPath[];
  /** ENTRIES_REFUSED for the others. */
  readonly special: RefusedEntries | undefined;
}

async function listEntries(
  root: AnchoredRoot,
  selection: NamedPaths,
  { passOver }: IgnoreWatch,
  options: ListOptions,
  isLeftOut: (entry: RefusedPath) => boolean,
): Promise<Result<ListedEntries, OperationFault>> {
  const starts = findStarts(selection);
  if (!starts.ok) return starts;
  const listing = await listTree(root, starts.value, passOver, options);
  const { closed, links, missing } = listing;
  if (closed[0] !== undefined) return operationFault("READ_FAILED", closed[0]);
  if (missing[0] !== undefined) return operationFault("PATH_NOT_FOUND", { path: missing[0] });
  if (links.changed[0] !== undefined) return operationFault("CHANGED_WHILE_READ", { path: links.changed[0] });
  const found = listing.special.map(({ path, kind }): RefusedPath => ({ path, reason: kind }));
  const refused = found.filter((entry) => !isLeftOut(entry));
  return ok({
    listing,
    leftOut: found.filter(isLeftOut),
    special: refuseEntries("special", refused),
  });
}
