/**
 * Compares what two bundles say: files, links and folders that only one has, bytes, targets and modes that differ. No file is
 * looked at.
 *
 * @module
 */

import { type Crypto, matchesDigest } from "../../system/bytes/crypto.ts";
import type { HexDigest } from "../../system/bytes/hex.ts";
import { byPath, inPairs, inPathOrder, itemAt, type Listing } from "../../system/bytes/listing.ts";
import type { OutputClaim } from "../artifacts/output-claims.ts";
import { declareDigest } from "../artifacts/output-table.ts";
import { namedMode, sealedModes, writeMode } from "./file-modes.ts";
import type { SealedTree, TreeKind } from "./output-tree.ts";
import { foldersWithModes } from "./tree-folders.ts";

/** What a bundle says is in a folder. */
export interface SealedState {
  readonly claims: Listing<OutputClaim>;
  /** Lawful. Without one, a bundle names no links, no folders and no modes. */
  readonly tree: SealedTree | undefined;
}

/** One difference. */
export interface SealedChange {
  readonly path: string;
  readonly kind: "file" | "link" | "folder";
  /** `changed`: other bytes, or another target. A file may have other bytes and another mode: these are two changes. */
  readonly change: "added" | "removed" | "changed" | "mode";
  /** The declared digest of a file, the target of a link, or the mode; undefined where there is none. */
  readonly before: string | undefined;
  readonly after: string | undefined;
}

/** How two bundles differ. */
export interface SealedChanges {
  /** In byte order of path; what was added stands before what was removed from the same place. */
  readonly changes: readonly SealedChange[];
  /** How many files both have, with the same bytes. */
  readonly same: number;
}

/** The order of changes of one path. */
const CHANGES = ["added", "removed", "changed", "mode"] as const;

/** What a bundle says of a file, a link or a folder. */
interface Entry {
  readonly path: string;
  readonly digest?: HexDigest | undefined;
  readonly target?: string;
  readonly mode?: number | undefined;
  /** Whether the folder is in the other bundle by what is in it alone. */
  readonly isFull?: boolean;
}

/**
 * Compares two bundles. A folder is there whether it is empty or not, and is named only if it is empty. A claim without a proper
 * digest equals nothing, not even another such claim, as in verification.
 */
export function compareSealed(before: SealedState, after: SealedState, crypto: Crypto): SealedChanges {
  const [old, fresh] = [before.tree, after.tree];
  const areSnapshots = old?.kind === "snapshot" && fresh?.kind === "snapshot";
  // An outputs tree knows programs and other files only, so a snapshot is read as one beside it.
  const modes = old && fresh && (areSnapshots ? "snapshot" : "outputs");
  const changes: SealedChange[] = [];
  let same = 0;
  const compare = (kind: SealedChange["kind"], were: Iterable<Entry>, are: Iterable<Entry>): void => {
    for (const [path, was, is] of inPairs(were, are)) {
      const [old, fresh] = [saidOf(was), saidOf(is)];
      if (was === undefined || is === undefined) {
        if ((was ?? is)?.isFull === true) continue;
        changes.push({ path, kind, change: was ? "removed" : "added", before: old, after: fresh });
        continue;
      }
      const isSame =
        kind === "file"
          ? is.digest !== undefined && matchesDigest(is.digest, was.digest, crypto)
          : old === fresh;
      if (!isSame) changes.push({ path, kind, change: "changed", before: old, after: fresh });
      else if (kind === "file") same++;
      if (was.mode !== undefined && is.mode !== undefined && was.mode !== is.mode)
        changes.push({ path, kind, change: "mode", before: writeMode(was.mode), after: writeMode(is.mode) });
    }
  };
  compare("file", filesOf(before, modes), filesOf(after, modes));
  compare("link", linksOf(old), linksOf(fresh));
  compare("folder", foldersIn(old, areSnapshots), foldersIn(fresh, areSnapshots));
  const rank = ({ change }: SealedChange): number => CHANGES.indexOf(change);
  return { changes: changes.sort((one, other) => byPath(one, other) || rank(one) - rank(other)), same };
}

function saidOf(entry: Entry | undefined): string | undefined {
  return entry?.digest === undefined ? entry?.target : declareDigest(entry.digest);
}

function* filesOf({ claims, tree }: SealedState, modes: TreeKind | undefined): Generator<Entry, undefined> {
  const sealed = modes && tree && sealedModes(tree);
  let file = 0;
  for (const claim of inPathOrder(claims)) {
    const { path } = claim;
    if (!claim.lawful) yield { path };
    else yield { path, digest: claim.digest, mode: sealed && modes && namedMode(modes, sealed[file++] ?? 0) };
  }
  return undefined;
}

function* linksOf(tree: SealedTree | undefined): Generator<Entry, undefined> {
  let link = 0;
  for (const path of tree?.links.paths ?? [])
    yield { path, target: itemAt(tree?.links.values ?? [], link++) };
  return undefined;
}

function* foldersIn(tree: SealedTree | undefined, hasModes: boolean): Generator<Entry, undefined> {
  let empty = 0;
  for (const { mode, path } of tree === undefined ? [] : foldersWithModes(tree)) {
    const isFull = tree?.emptyFolders.isAt(empty, path) !== true;
    if (!isFull) empty++;
    yield { path, mode: hasModes ? mode : undefined, isFull };
  }
  return undefined;
}
