/**
 * Scratch folders at one moment: files that a proof can cover, and files that it can't (PROTOCOL 10).
 *
 * A proof covers regular files with lawful names. Links, devices and the like have no digest, so a proof can't show that a
 * folder with such files is unchanged. They are listed apart here, and refused or reported by the caller.
 *
 * @module
 */

import {
  computeManifestRoot,
  DIGEST_BYTES,
  digestToHex,
  type HexDigest,
  type MachineReason,
} from "../../../core/internal.ts";
import type { AnchoredRoot } from "../../system/files/anchored-root.ts";
import { listTree } from "../../system/files/walk-tree.ts";
import { hashFiles } from "../../system/hashing/hash-files.ts";
import { watchFiles } from "../../system/hashing/watch-files.ts";
import { nodeCrypto } from "../../system/runtime/node-crypto.ts";
import {
  type OperationFault,
  operationFault,
  type RefusedPath,
  refuseEntries,
} from "../../system/runtime/operation-fault.ts";
import type { WorkOptions } from "../../system/runtime/progress.ts";

/** Any: the question is about a name. */
const NO_DIGEST = digestToHex(new Uint8Array(DIGEST_BYTES));

/** One scratch folder at one moment. */
export interface ScratchState {
  /** Relative to the root. */
  readonly folder: string;
  /** Whether the folder exists. */
  readonly isThere: boolean;
  /** Regular files, paths relative to the folder. */
  readonly files: readonly ScratchFile[];
  /** Files that no proof can cover; paths relative to the root. */
  readonly special: readonly RefusedPath[];
  /** What could not be read, possibly the folder itself; paths relative to the root. */
  readonly unread: readonly UnreadPath[];
}

/** A regular file of a lawful name. */
export interface ScratchFile {
  readonly path: string;
  readonly digest: HexDigest;
}

/** Something in a scratch folder that could not be read, and why. */
export interface UnreadPath {
  readonly path: string;
  readonly code: "READ_FAILED" | "CHANGED_WHILE_READ";
  readonly reason?: MachineReason;
}

/** Hashes scratch folders, given relative to the root. Throws an Interruption. */
export async function snapshotScratch(
  root: AnchoredRoot,
  folders: readonly string[],
  options: WorkOptions = {},
): Promise<readonly ScratchState[]> {
  // A command may have exchanged a folder that is still open.
  root.closeFolders();
  const states: ScratchState[] = [];
  // The proof of several folders names each file with its folder.
  for (const folder of folders)
    states.push(await snapshotFolder(root, folder, folders.length > 1 ? `${folder}/` : "", options));
  return states;
}

async function snapshotFolder(
  root: AnchoredRoot,
  folder: string,
  prefix: string,
  { progress, signal }: WorkOptions,
): Promise<ScratchState> {
  const listing = await listTree(root, [folder.split("/")], () => false, { progress, signal });
  const isNameable = (path: string): boolean =>
    path === folder || isLawful(prefix + path.slice(folder.length + 1));
  const special = listing.special.map(({ path, kind }): RefusedPath => {
    return { path, reason: isNameable(path) ? kind : "scratch-name" };
  });
  const unread: UnreadPath[] = listing.closed.map((closed) => ({ ...closed, code: "READ_FAILED" }));
  if (listing.files[0] === folder) unread.push({ path: folder, code: "READ_FAILED", reason: "not-a-folder" });
  const paths = listing.files.filter((path) => path !== folder);
  const files: ScratchFile[] = [];
  const findings = await hashFiles(root, paths, {
    signal,
    watch: watchFiles(progress, "scratch", root, paths),
  });
  for (const [index, path] of paths.entries()) {
    const finding = findings.at(index);
    if (finding?.kind === "file") {
      if (isNameable(path)) files.push({ path: path.slice(folder.length + 1), digest: finding.digest });
      else special.push({ path, reason: "scratch-name" });
    } else {
      // It was listed a moment ago.
      unread.push({ path, code: finding?.kind === "unreadable" ? finding.code : "CHANGED_WHILE_READ" });
    }
  }
  const isThere = listing.missing.length === 0 && !listing.special.some(({ path }) => path === folder);
  return { folder, isThere, files, special, unread };
}

/** Whether a proof can name a file so, whatever is in it. */
function isLawful(path: string): boolean {
  return computeManifestRoot([{ path, digest: NO_DIGEST }], nodeCrypto).ok;
}

/**
 * Refuses a state that can't be the beginning, or the end, of an honest proof. Fails with ENTRIES_REFUSED,
 * READ_FAILED or CHANGED_WHILE_READ.
 */
export function refuseScratch(states: readonly ScratchState[]): OperationFault | undefined {
  const [unread] = states.flatMap((state) => state.unread);
  if (unread !== undefined) {
    const { code, ...details } = unread;
    return operationFault(code, details);
  }
  const special = states.flatMap((state) => state.special);
  const unlawful = special.filter(({ reason }) => reason === "scratch-name");
  return refuseEntries("names-unlawful", unlawful) ?? refuseEntries("special", special);
}
