/**
 * What a restore that was killed left beside a root that it was to make (PROTOCOL 13.9).
 *
 * @module
 */

import { constants } from "node:fs";
import { basename, dirname } from "node:path";
import { AnchoredDir } from "../files/anchored-dir.ts";
import type { FileSystem } from "../files/file-system.ts";
import { errnoOf, machineReason } from "../files/machine-reason.ts";
import { isOwnerAlive } from "../files/owner-socket.ts";
import type { Progress } from "../progress.ts";
import type { Journal } from "./journal.ts";
import { readJournal } from "./journal-file.ts";
import { endOf, type Recovery } from "./recover.ts";
import { isArrival, settleNewRoot } from "./settle-new-root.ts";
import { isStagingName, STAGED, Staging } from "./staging.ts";

/** Which roots that were to be made to look for. */
export interface NewRootSearch {
  /** The folder that holds them, or is to hold them. */
  readonly parent: AnchoredDir;
  readonly name: string;
  /** Say only what there is. */
  readonly dryRun: boolean;
  /** Whether also those are meant that say neither for which root they are nor whether they live. */
  readonly nameless: boolean;
  /** Who is told how far it is. */
  readonly progress: Progress | undefined;
}

/**
 * Recovers what restores into a root that was not there yet left beside it; what was found is added to `recovered`,
 * also where it ends before its time. Throws what the system says.
 */
export async function recoverNewRoots(
  search: NewRootSearch,
  recovered: Recovery[],
  fs: FileSystem,
): Promise<void> {
  const { name, nameless, parent } = search;
  for (const entry of fs.readdirSync(parent.self)) {
    if (!isStagingName("new", entry)) continue;
    const staging = new Staging(parent, entry, fs);
    try {
      if (!staging.enter()) continue;
      const journal = readJournal(staging, fs);
      const isOurs = typeof journal === "object" ? journal.origin.name === name : nameless;
      const isSilent = staging.look(STAGED.owner) === undefined;
      if (!isOurs || (isSilent && !nameless)) continue;
      recovered.push(await recoverNewRoot(search, staging, journal, fs));
    } finally {
      staging.close();
    }
  }
}

/** The same for a root that is there, under the name by which the caller knows it. */
export async function recoverArrivedRoots(
  path: string,
  how: Pick<NewRootSearch, "dryRun" | "progress">,
  recovered: Recovery[],
  fs: FileSystem,
): Promise<void> {
  const name = basename(path);
  if (name === "" || name === "." || name === "..") return;
  const parent = openParent(dirname(path), fs);
  if (parent === undefined) return;
  try {
    await recoverNewRoots({ ...how, parent, name, nameless: true }, recovered, fs);
  } finally {
    parent.close();
  }
}

async function recoverNewRoot(
  { dryRun, parent, progress }: NewRootSearch,
  staging: Staging,
  journal: Journal | "damaged" | undefined,
  fs: FileSystem,
): Promise<Recovery> {
  const known = journal === "damaged" ? undefined : journal;
  const facts = {
    staging: staging.name,
    act: known?.act,
    origin: known?.origin,
    placed: 0,
    files: 0,
    astray: [],
  };
  if (await isOwnerAlive(staging.address(STAGED.owner))) return { ...facts, end: "alive" };
  if (journal === "damaged") return { ...facts, end: "damaged" };
  if (!dryRun) {
    // How many files there are nobody wrote down.
    if (staging.look(STAGED.tree) !== undefined) progress?.beginWhole("clean", {});
    return { ...facts, ...endOf(settleNewRoot({ parent, staging, tree: undefined, arrived: false, fs })) };
  }
  return { ...facts, end: isArrival(staging.names()) ? "everything" : "nothing" };
}

/** The folder above a root; `undefined` where it is closed to us: then nothing was begun in it either. */
function openParent(path: string, fs: FileSystem): AnchoredDir | undefined {
  try {
    return AnchoredDir.open(path, fs);
  } catch (thrown) {
    if (errnoOf(thrown) !== "EACCES" || isReadable(path, fs)) throw thrown;
    return undefined;
  }
}

function isReadable(path: string, fs: FileSystem): boolean {
  try {
    fs.accessSync(path, constants.R_OK);
    return true;
  } catch (thrown) {
    if (machineReason(thrown) === undefined) throw thrown;
    return false;
  }
}
