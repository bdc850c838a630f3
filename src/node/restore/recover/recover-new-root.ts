/**
 * What a restore that was killed left beside a root that it was to make (PROTOCOL 13.9).
 *
 * @module
 */

import { constants } from "node:fs";
import { basename, dirname } from "node:path";
import { AnchoredDir } from "../../files/anchored-dir.ts";
import type { FileSystem } from "../../files/file-system.ts";
import { isOwnerAlive } from "../../locks/owner-socket.ts";
import { errnoOf, machineReason } from "../../runtime/machine-reason.ts";
import type { Journal } from "../journal/journal.ts";
import { readJournal } from "../journal/journal-file.ts";
import type { Outlook } from "../journal/outlook.ts";
import { isArrival, settleNewRoot } from "../journal/settle-new-root.ts";
import { isStagingName, STAGED, Staging } from "../journal/staging.ts";
import type { Recovery } from "../target/recovery.ts";
import { asUnknown, endOf, type RecoveryWay, tellsNothing } from "./recover.ts";

/** Which roots that were to be made to look for. */
export interface NewRootSearch extends RecoveryWay {
  /** The folder that holds them, or is to hold them. */
  readonly parent: AnchoredDir;
  readonly name: string;
  /** Say only what there is. */
  readonly dryRun: boolean;
  /**
   * Whether those without a journal are meant whatever they say. Else only those whose owner is provably dead, and the
   * others are named in `left`.
   */
  readonly nameless: boolean;
}

/** What a search comes upon. Both are filled also where it ends before its time. */
export interface NewRootsFound {
  readonly recovered: Recovery[];
  /** Names of staging folders without a journal of which nothing tells whether their owner lives. */
  readonly left: string[];
}

/** Whether something may have been left beside a root that was to be made. Throws what the system says. */
export function hasNewRoots(parent: AnchoredDir, fs: FileSystem): boolean {
  return fs.readdirSync(parent.self).some((name) => isStagingName("new", name));
}

/** Recovers what restores into a root that was not there yet left beside it. Throws what the system says. */
export async function recoverNewRoots(
  search: NewRootSearch,
  found: NewRootsFound,
  fs: FileSystem,
): Promise<void> {
  const { parent } = search;
  for (const entry of fs.readdirSync(parent.self)) {
    if (!isStagingName("new", entry)) continue;
    const staging = new Staging(parent, entry, fs);
    try {
      if (staging.enter()) await visit(search, staging, found, fs);
    } finally {
      staging.close();
    }
  }
}

async function visit(
  search: NewRootSearch,
  staging: Staging,
  { left, recovered }: NewRootsFound,
  fs: FileSystem,
): Promise<void> {
  const { belief, name, nameless } = search;
  const journal = readJournal(staging, belief, fs);
  if (typeof journal === "object" && journal.origin.name !== name) return;
  const owner = staging.look(STAGED.owner);
  if (!nameless) {
    // Where there are no sockets, a journal alone does not tell that its restore is dead.
    if (typeof journal === "object" && owner === undefined) return;
    if (journal === undefined && owner?.isSocket() !== true) {
      left.push(staging.name);
      return;
    }
    // It may be at work on a root of another name.
    if (typeof journal !== "object" && (await isOwnerAlive(staging.address(STAGED.owner)))) return;
  }
  recovered.push(await recoverNewRoot(search, staging, journal, fs));
}

/** The same for a root that is there, under the name by which the caller knows it. */
export async function recoverArrivedRoots(
  path: string,
  how: Omit<NewRootSearch, "name" | "nameless" | "parent">,
  found: NewRootsFound,
  fs: FileSystem,
): Promise<void> {
  const name = basename(path);
  if (name === "" || name === "." || name === "..") return;
  const parent = openParent(dirname(path), fs);
  if (parent === undefined) return;
  try {
    await recoverNewRoots({ ...how, parent, name, nameless: true }, found, fs);
  } finally {
    parent.close();
  }
}

async function recoverNewRoot(
  { belief, dryRun, name, parent, progress }: NewRootSearch,
  staging: Staging,
  journal: Journal | "foreign" | "damaged" | undefined,
  fs: FileSystem,
): Promise<Recovery> {
  const known = typeof journal === "object" ? journal : undefined;
  const facts = {
    staging: staging.name,
    act: known?.act,
    origin: known?.origin,
    placed: 0,
    files: 0,
    astray: [],
  };
  if (await isOwnerAlive(staging.address(STAGED.owner))) return { ...facts, end: "alive" };
  if (typeof journal === "string") return { ...facts, end: journal };
  const names = new Set(staging.names());
  const isUnknown = tellsNothing(names);
  if (!dryRun) {
    // Nothing tells how many files there are.
    if (names.has(STAGED.tree)) progress?.beginWhole("clean", {});
    const ended = endOf(settleNewRoot({ parent, staging, tree: undefined, arrived: false, fs }));
    return { ...facts, ...(isUnknown ? asUnknown(ended) : ended) };
  }
  const hasArrived = isArrival([...names]);
  const outlook = belief === "any" ? { outlook: foretell(staging, name, names, hasArrived) } : {};
  if (isUnknown) return { ...facts, ...outlook, end: "unknown-clean" };
  return { ...facts, ...outlook, end: hasArrived ? "everything" : "nothing" };
}

/** A tree that has not arrived goes as a whole. */
function foretell(staging: Staging, name: string, names: ReadonlySet<string>, hasArrived: boolean): Outlook {
  const removes = names.has(STAGED.tree) ? [`${staging.name}/${STAGED.tree}`] : [];
  return { removes, keeps: hasArrived ? [name] : [], removesIfEmpty: [] };
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
