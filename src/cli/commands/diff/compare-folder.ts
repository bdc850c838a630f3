/** How a folder differs from what a run sealed. @module */

import {
  declareDigest,
  type EntryKind,
  parsePassedOver,
  type Rejection,
  type RejectionDetails,
  type SealedTree,
  type Undecided,
} from "../../../core/internal.ts";
import { countUnsealed, type UnsealedFiles } from "../../../node/judge/verify/unsealed-files.ts";
import { reportOnBundle, type VerifyRequest } from "../../../node/judge/verify/verify-bundle-files.ts";
import type { VerifyFailure } from "../../../node/records/bundle/verify-context.ts";
import { isAlwaysLeftOut, OWN_FOLDER } from "../../../node/records/project/project-names.ts";
import { openRoot } from "../../../node/system/files/anchored-root.ts";
import { RootDisk } from "../../../node/system/files/root-disk.ts";
import { type PassOver, walkTree } from "../../../node/system/files/walk-tree.ts";
import { breatheAlong } from "../../../node/system/runtime/interruption.ts";
import type { SpecialKind } from "../../../node/system/runtime/operation-fault.ts";
import {
  added,
  changesBetween,
  type EntryChange,
  type EntryChanges,
  foldersAbove,
  foldersIn,
  inOrder,
  isFileIn,
  NOTHING,
} from "./entry-changes.ts";

/** What was found. */
export interface ComparedFolder extends EntryChanges {
  /** Files of sealed folders that were not sealed, where the run has no tree that would name them. */
  readonly unsealed: UnsealedFiles | undefined;
}

type FolderRequest = Pick<VerifyRequest, "bundle" | "home" | "jobs" | "progress" | "root" | "signal">;

/** Compares a folder with a bundle. Gives the failure of a bundle that says nothing, because its artifacts do not hold. */
export async function compareFolder(request: FolderRequest): Promise<ComparedFolder | VerifyFailure> {
  const report = await reportOnBundle({ ...request, from: "root", exact: true });
  const { judged, source, tree, verdict } = report;
  if (judged === undefined || source === undefined)
    return verdict.ok ? { ...changesBetween(NOTHING, NOTHING), unsealed: undefined } : verdict;
  const { claims } = judged;
  const sealed = tree?.tree.ok === true ? tree.tree.value : undefined;
  const byPath = new Map<string, EntryChange>();
  let differences = 0;
  for (const failure of report.failures()) {
    differences++;
    const change = changeOf(failure, sealed);
    if (change.change === "added" && isLeftOut(nameOf(change.path), sealed)) continue;
    // Its entries are missing too, and say more.
    if (change.change === "removed" && isAbove(change, sealed)) continue;
    if (!byPath.has(change.path)) byPath.set(change.path, change);
  }
  if (!verdict.ok && differences === 0 && verdict.code !== "BUNDLE_UNSUITABLE") return verdict;
  let same = claims.length;
  for (const claim of byPath.size === 0 ? [] : claims) {
    const change = byPath.get(claim.path);
    if (change === undefined || change.change === "mode") continue;
    same--;
    if (change.change === "removed" && claim.lawful && claim.digest !== undefined)
      byPath.set(claim.path, { ...change, before: declareDigest(claim.digest) });
  }
  return {
    ...(await withFolders([...byPath.values()], sealed, request)),
    same,
    hadFolder: foldersIn({ claims, tree: sealed }),
    unsealed: tree === undefined ? countUnsealed(request.root, judged, undefined) : undefined,
  };
}

/** Whether it is a folder with sealed entries in it. */
function isAbove({ kind, path }: EntryChange, tree: SealedTree | undefined): boolean {
  return kind === "folder" && tree !== undefined && tree.emptyFolders.find(path) === undefined;
}

/** Adds what is in folders that were added. */
async function withFolders(
  changes: readonly EntryChange[],
  tree: SealedTree | undefined,
  { root: path, signal }: FolderRequest,
): Promise<Pick<EntryChanges, "changes" | "hasFolder">> {
  const opened = openRoot(path);
  if (!opened.ok) return { changes: inOrder(changes), hasFolder: () => true };
  using root = opened.value;
  const isWhole = ({ change, kind }: EntryChange): boolean => change === "added" && kind === "folder";
  const starts = changes.filter(isWhole).map((change) => change.path.split("/"));
  const passedOver = parsePassedOver(tree?.ignored ?? [], []);
  const passOver: PassOver = (name, at, isFolder) =>
    isLeftOut(name, tree) || name === OWN_FOLDER || (passedOver.ok && passedOver.value(at, name, isFolder));
  const found = await breatheAlong(walkTree(root, starts, passOver, { readsLinks: true }), signal);
  const disk = new RootDisk(root);
  const there = new Map<string, boolean>();
  for (const { change, path: at } of changes)
    for (const above of change === "removed" ? foldersAbove(at) : [])
      if (!there.has(above)) there.set(above, disk.look(above).kind === "folder");
  return {
    changes: inOrder([
      ...changes.filter((change) => !isWhole(change)),
      ...found.files.map((file) => added(file, "file")),
      ...Array.from(found.links.paths, (link, index) => added(link, "link", found.links.targets.at(index))),
      ...found.emptyFolders.map((folder) => added(folder, "folder")),
      ...found.special.map((special) => added(special.path, kindOf(special.kind))),
      ...found.closed.map(
        (closed): EntryChange => ({ ...added(closed.path, "folder"), change: "unreadable" }),
      ),
    ]),
    hasFolder: (folder) => there.get(folder) ?? true,
  };
}

/** What has no kind of its own in a tree counts as a file. */
function kindOf(special: SpecialKind): EntryKind {
  return special === "fifo" || special === "socket" || special === "device" ? special : "file";
}

/** Whether a seal would leave it out, too. A snapshot would not. */
function isLeftOut(name: string, tree: SealedTree | undefined): boolean {
  return tree?.kind !== "snapshot" && isAlwaysLeftOut(name);
}

function nameOf(path: string): string {
  return path.slice(path.lastIndexOf("/") + 1);
}

function changeOf({ code, details }: Rejection | Undecided, tree: SealedTree | undefined): EntryChange {
  const { actual, aspect, expected, kind, path = "" }: RejectionDetails = details;
  const sealed =
    tree?.links.paths.find(path) !== undefined ? "link" : isFileIn(tree, path) ? "file" : "folder";
  const entry = { path, kind: kind ?? sealed, before: expected ?? undefined, after: actual ?? undefined };
  switch (code) {
    case "OUTPUT_MISSING":
    case "TREE_ENTRY_MISSING":
      return { ...entry, change: "removed" };
    case "TREE_EXTRA":
      return { ...entry, change: "added" };
    case "TREE_ENTRY_DIFFERS":
      return { ...entry, change: aspect === "mode" || aspect === "kind" ? aspect : "changed" };
    case "HASH_MISMATCH":
      return { ...entry, change: "changed" };
    default:
      return { ...entry, change: "unreadable" };
  }
}
