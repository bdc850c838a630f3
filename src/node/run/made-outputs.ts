/**
 * The requested outputs that a command made.
 *
 * @module
 */

import { type OutputTree, ok, type Result, sortUtf8, TextViews } from "../../core/internal.ts";
import { buildTree } from "../make/seal/build-tree.ts";
import type { EncodedTree, SealedOutputs } from "../make/seal/bundle-contents.ts";
import { readHashed } from "../make/seal/hash-outputs.ts";
import { findStarts, type NamedPaths, namesBelowRoot } from "../make/seal/named-paths.ts";
import { refuseUnlawfulPlaces } from "../make/seal/refuse-names.ts";
import {
  type LeftOut,
  type SelectedOutputs,
  type Selection,
  type SelectOptions,
  selectOutputs,
} from "../make/seal/select-outputs.ts";
import { allPaths, selectTree } from "../make/seal/selected-tree.ts";
import type { AnchoredRoot } from "../system/files/anchored-root.ts";
import { walkTree } from "../system/files/walk-tree.ts";
import { beginHashing } from "../system/hashing/hash-files.ts";
import { watchFiles } from "../system/hashing/watch-files.ts";
import type { PackBoard } from "../system/packs/pack-board.ts";
import { runSteps } from "../system/runtime/interruption.ts";
import type { OperationFault } from "../system/runtime/operation-fault.ts";
import type { WorkOptions } from "../system/runtime/progress.ts";

/** The requested outputs that exist. */
export interface MadeOutputs extends LeftOut {
  readonly outputs: SealedOutputs;
  readonly tree: EncodedTree;
  /**
   * Requested paths at which nothing was made, as the bundle names them. A folder counts as made if a file, a link or another
   * folder is in it: a command that fails silently often leaves the folder that it was given.
   */
  readonly missing: readonly string[];
}

/** Which outputs to look for. */
export type OutputsSought = Selection & WorkOptions;

/** Finds them. Fails as `selectOutputs` does. Throws an Interruption. */
export async function findMade(
  root: AnchoredRoot,
  request: OutputsSought,
): Promise<Result<ExistingOutputs, OperationFault>> {
  // A command may have exchanged a folder that is still open.
  root.closeFolders();
  return await selectExisting(root, request, { mayBeNothing: true });
}

/** Hashes them, and packs them if a board is given. Fails with READ_FAILED or CHANGED_WHILE_READ. Throws an Interruption. */
export async function hashMade(
  root: AnchoredRoot,
  { asked, selected }: ExistingOutputs,
  request: OutputsSought,
  packing: PackBoard | undefined,
): Promise<Result<MadeOutputs, OperationFault>> {
  const { progress, signal } = request;
  const { paths, ignored, leftOut, tree } = selected;
  const watch = watchFiles(progress, "hash", root, paths);
  const hashing = beginHashing(root, paths, { signal, watch, packing });
  const findings = await hashing.finish();
  const found = await readHashed(root, { files: hashing.files, findings }, { ...request, tree });
  if (!found.ok) return found;
  const made = allPaths(selected);
  const isEmpty = (path: string): boolean => tree.emptyFolders.find(path) !== undefined;
  const missing = asked.filter(
    (start) => !made.some((path) => isAtOrBelow(path, start) && !(path === start && isEmpty(path))),
  );
  return ok({
    ...found.value,
    missing: [...new Set(missing)].map((path) => path || "."),
    ignored,
    leftOut,
  });
}

/**
 * Refuses files at or below the outputs that can't be sealed, before the command runs: an hour of work would be in vain. Fails as `selectOutputs` does. Throws an Interruption.
 */
export async function refuseExisting(
  root: AnchoredRoot,
  request: OutputsSought,
): Promise<OperationFault | undefined> {
  const found = await selectExisting(root, request, { isEarly: true });
  return found.ok ? undefined : found;
}

/** The tree of outputs that can't be sealed: only what was asked for. */
export function treeOfNothing(request: NamedPaths, outputs: SealedOutputs): EncodedTree {
  const none = TextViews.of([]);
  const listing = { links: { paths: none, targets: none, changed: [] }, emptyFolders: [] };
  const tree = buildTree(
    selectTree({ listing, scope: namesBelowRoot(request), ignored: [], leftOut: [] }),
    outputs,
    "none",
  );
  if (!tree.ok) throw new TypeError("a tree of nothing holds nothing that could change");
  return tree.value;
}

/** Selects the requested outputs that exist. */
async function selectExisting(
  root: AnchoredRoot,
  request: OutputsSought,
  options: Pick<SelectOptions, "isEarly" | "mayBeNothing">,
): Promise<Result<ExistingOutputs, OperationFault>> {
  const { progress, signal } = request;
  const starts = findStarts(request);
  if (!starts.ok) return starts;
  const asked = starts.value.map((components) => components.join("/"));
  // With everything below skipped, this checks the starting points only.
  const absent = new Set(runSteps(walkTree(root, starts.value, () => true)).missing);
  const paths = request.paths.filter((_path, index) => !absent.has(asked[index] ?? ""));
  const selected = await selectOutputs(root, { ...request, paths }, { ...options, progress, signal });
  if (!selected.ok) return selected;
  // What is missing was asked for, too.
  const tree = withScope(selected.value.tree, namesBelowRoot(request));
  return refuseUnlawfulPlaces(tree) ?? ok({ asked, selected: { ...selected.value, tree } });
}

function withScope(tree: OutputTree, scope: readonly string[]): OutputTree {
  return { ...tree, scope: TextViews.of(sortUtf8([...new Set(scope)])) };
}

/** The requested outputs that exist, and what was asked for. */
export interface ExistingOutputs {
  /** Relative to the root, in the caller's order. */
  readonly asked: readonly string[];
  readonly selected: SelectedOutputs;
}

function isAtOrBelow(file: string, start: string): boolean {
  return start === "" || file === start || file.startsWith(`${start}/`);
}
