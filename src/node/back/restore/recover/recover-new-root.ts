/**
 * Recovers killed restores into a new root: what they left beside it (PROTOCOL 13.9).
 *
 * @module
 */

import { constants } from "node:fs";
import { basename, dirname } from "node:path";
import type { RestoreFault } from "../../../../core/internal.ts";
import { AnchoredDir, canAnchor } from "../../../system/files/anchored-dir.ts";
import type { FileSystem } from "../../../system/files/file-system.ts";
import { attempt, errnoOf } from "../../../system/runtime/machine-reason.ts";
import type { Journal } from "../../transaction/journal/journal.ts";
import { readJournal } from "../../transaction/journal/journal-file.ts";
import { isStagingName, STAGED, type Staging } from "../../transaction/journal/staging.ts";
import type { Recovery } from "../../transaction/restore-failure.ts";
import { endNewRoot, isArrival } from "../target/end-new-root.ts";
import { openParent } from "../target/target-root.ts";
import { endFound, enterEach, NONE_PLACED, type RecoveryWay } from "./recover-restores.ts";

/** Which new roots to look for. */
export interface NewRootSearch extends RecoveryWay {
  /** The folder of the new roots. */
  readonly parent: AnchoredDir;
  readonly name: string;
  /** Report only, change nothing. */
  readonly dryRun: boolean;
  /**
   * Whether staging folders without a journal are included. Else only those whose owner is certainly dead, and the others
   * are listed in `left`.
   */
  readonly nameless: boolean;
}

/** What a search found. Both lists are filled also on a failure. */
export interface NewRootsFound {
  readonly recovered: Recovery[];
  /** Names of staging folders without a journal, where nothing shows whether their owner lives. */
  readonly left: string[];
}

/** Whether a killed restore may have left something beside a new root. Throws what the system says. */
export function hasNewRoots(parent: AnchoredDir): boolean {
  return parent.names().some((name) => isStagingName("new", name));
}

/** Recovers what killed restores into a new root left beside it. Throws what the system says. */
export async function recoverNewRoots(
  search: NewRootSearch,
  found: NewRootsFound,
  fs: FileSystem,
): Promise<void> {
  for (const staging of enterEach(search.parent, "new", fs)) await visit(search, staging, found, fs);
}

async function visit(
  search: NewRootSearch,
  staging: Staging,
  { left, recovered }: NewRootsFound,
  fs: FileSystem,
): Promise<void> {
  const { key, name, nameless } = search;
  const journal = readJournal(staging, key, fs);
  if (typeof journal === "object" && journal.origin.name !== name) return;
  const owner = staging.dir.stats(STAGED.owner);
  if (!nameless) {
    // On a file system without sockets, a journal alone does not show that its restore is dead.
    if (typeof journal === "object" && owner === undefined) return;
    if (journal === undefined && !staging.hasOwner()) {
      left.push(staging.name);
      return;
    }
    // It may be working on a root of another name.
    if (typeof journal !== "object" && (await staging.isOwnerAlive())) return;
  }
  recovered.push(await recoverNewRoot(search, staging, journal, fs));
}

/** The same beside an existing root, which is at `path`; `seen` is that folder. Fails as `openParent` does. Throws what the system says. */
export async function recoverArrivedRoots(
  path: string,
  seen: AnchoredDir,
  how: Omit<NewRootSearch, "name" | "parent">,
  found: NewRootsFound,
  fs: FileSystem,
): Promise<RestoreFault | undefined> {
  const search = { ...how, name: basename(path) };
  if (canAnchor()) {
    await recoverNewRoots({ ...search, parent: seen }, found, fs);
    return undefined;
  }
  const opened = openParent(dirname(path), fs);
  if (!opened.ok) return opened;
  using parent = opened.value.parent;
  await recoverNewRoots({ ...search, parent }, found, fs);
  return undefined;
}

async function recoverNewRoot(
  { dryRun, parent, progress }: NewRootSearch,
  staging: Staging,
  journal: Journal | "foreign" | undefined,
  fs: FileSystem,
): Promise<Recovery> {
  const isAlive = await staging.isOwnerAlive();
  // A process that is alive may remove its folder at any moment.
  const names = new Set(isAlive ? [] : staging.dir.names());
  return endFound({ staging, journal, names, isAlive, ...NONE_PLACED }, () => {
    const isCommitted = isArrival(names);
    if (dryRun) return { state: isCommitted ? "everything" : "nothing", clean: true };
    // The number of files is not known.
    if (names.has(STAGED.tree)) progress?.beginWhole("clean", {});
    return endNewRoot({ parent, staging, tree: undefined, isCommitted, fs });
  });
}

/** Opens the folder above a root to look into; `undefined` if this user can't read it: then no restore was begun in it. */
export function openBeside(path: string, fs: FileSystem): AnchoredDir | undefined {
  if (["", ".", ".."].includes(basename(path))) return undefined;
  const above = dirname(path);
  try {
    return AnchoredDir.open(above, fs);
  } catch (thrown) {
    const isReadable = (): boolean => attempt(() => fs.accessSync(above, constants.R_OK));
    if (errnoOf(thrown) !== "EACCES" || isReadable()) throw thrown;
    return undefined;
  }
}
