/**
 * A model of a file system whose power is cut. What is durable is only what was fsynced: the bytes and the mode of
 * a file by an fsync of the file, the names in a folder by an fsync of the folder. Of everything else any part may
 * be there and any part may not, in whatever order it was done; of the bytes of a file also only the length. The
 * text of a link is durable by a sync of the whole file system only: no fsync keeps it everywhere.
 *
 * One assumption, which every file system with a journal keeps: a rename happens as a whole or not at all. Between
 * two folders it is durable once both were fsynced.
 *
 * @module
 */

import type { DiskImage, FileInode, FolderInode, Inode, LinkInode } from "../files/disk-image.ts";
import { LOST_TEXT, type NameChange, type Trace } from "./power-trace.ts";

/** How many of the disks that a cut can leave are looked at. */
export interface Effort {
  /** All of them where there are no more. */
  readonly all: number;
  /** Else, beside those that are chosen on purpose, so many at random, always the same ones. */
  readonly random: number;
}

/** A cut: what had been changed by then, and which fsync the engine is pretended not to have made. */
export interface Cut {
  readonly trace: Trace;
  /** How many changes had been made. */
  readonly point: number;
  readonly omitted: string | undefined;
}

/** The disks that a cut can leave; the same one may come twice. */
export function* disksAfter(cut: Cut, effort: Effort): Generator<DiskImage> {
  const pending = findPending(cut);
  for (const choice of choices(pending, effort)) yield build(cut, pending, choice);
}

/** Names that are not durable yet, until each of the folders is synced; `index` is the change that gave them. */
interface PendingNames {
  readonly kind: "names";
  readonly index: number;
  readonly awaited: ReadonlySet<number>;
}

/** What a file may hold after the cut, from the oldest to the newest; `index` is the last change of it. */
interface PendingContent {
  readonly kind: "content";
  readonly index: number;
  readonly inode: number;
  readonly outcomes: readonly (FileInode | LinkInode)[];
}

/** Which permission bits a folder may have after the cut. */
interface PendingMode {
  readonly kind: "mode";
  readonly index: number;
  readonly inode: number;
  readonly outcomes: readonly number[];
}

type Pending = PendingNames | PendingContent | PendingMode;

/** What is not durable yet, in the order in which it was done. */
function findPending({ omitted, point, trace }: Cut): readonly Pending[] {
  let names: readonly PendingNames[] = [];
  const contents = new Map<number, PendingContent>();
  const durable = new Map<number, FileInode>();
  const modes = new Map<number, PendingMode>();
  const durableModes = new Map<number, number>();
  for (const [index, change] of trace.changes.slice(0, point).entries()) {
    if (change.kind === "names") {
      const awaited = new Set(change.changes.map(({ folder }) => folder));
      names = [...names, { kind: "names", index, awaited }];
    } else if (change.kind === "content") {
      const { content, inode } = change;
      const outcomes =
        content.kind === "link"
          ? [{ ...content, text: LOST_TEXT }, content]
          : outcomesOf(durable.get(inode) ?? fileOf(trace, inode), content);
      contents.set(inode, { kind: "content", index, inode, outcomes });
    } else if (change.kind === "mode") {
      const { inode, mode } = change;
      const before = modes.get(inode)?.outcomes ?? [durableModes.get(inode) ?? folderOf(trace, inode).mode];
      modes.set(inode, { kind: "mode", index, inode, outcomes: [...before, mode] });
    } else if (change.site !== omitted && change.kind === "sync-links") {
      for (const [inode, { outcomes }] of contents) if (outcomes[0]?.kind === "link") contents.delete(inode);
    } else if (change.site !== omitted && change.kind === "sync") {
      names = names.flatMap((each) => synced(each, change.inode));
      const latest = contents.get(change.inode)?.outcomes.at(-1);
      if (latest?.kind === "file") {
        durable.set(change.inode, latest);
        contents.delete(change.inode);
      }
      const mode = modes.get(change.inode)?.outcomes.at(-1);
      if (mode !== undefined) durableModes.set(change.inode, mode);
      modes.delete(change.inode);
    }
  }
  return [...names, ...contents.values(), ...modes.values()].sort((one, other) => one.index - other.index);
}

function synced({ awaited, ...names }: PendingNames, folder: number): PendingNames | [] {
  const left = new Set([...awaited].filter((each) => each !== folder));
  return left.size === 0 ? [] : { ...names, awaited: left };
}

function fileOf({ made, start }: Trace, number: number): FileInode {
  const inode = made.get(number) ?? start.inodes.get(number);
  if (inode?.kind !== "file") throw new Error("bytes were written to an inode that is not a file");
  return inode;
}

function folderOf({ made, start }: Trace, number: number): FolderInode {
  const inode = made.get(number) ?? start.inodes.get(number);
  if (inode?.kind !== "folder") throw new Error("a mode was given to an inode that is not a folder");
  return inode;
}

/** Nothing of it, the length without the bytes, all of it. A mode alone leaves the bytes. */
function outcomesOf(before: FileInode, after: FileInode): readonly FileInode[] {
  if (before.bytes.equals(after.bytes)) return [before, after];
  const torn = { ...after, bytes: Buffer.alloc(after.bytes.length) };
  return after.bytes.length === 0 ? [before, after] : [before, torn, after];
}

/** For each pending thing the number of its outcome: 0 where it is lost, the last one where it is kept. */
type Choice = readonly number[];

function* choices(pending: readonly Pending[], { all, random }: Effort): Generator<Choice> {
  const kept = pending.map((each) => (each.kind === "names" ? 1 : each.outcomes.length - 1));
  const total = kept.reduce((product, last) => product * (last + 1), 1);
  if (total <= all) {
    for (let number = 0; number < total; number++) yield digits(number, kept);
    return;
  }
  // Lost is lost, or only the bytes are.
  for (const lost of [kept.map(() => 0), kept.map((last) => last - 1)]) {
    for (let end = 0; end <= kept.length; end++) {
      yield kept.map((last, index) => (index < end ? last : (lost[index] ?? 0)));
      yield kept.map((last, index) => (index === end ? last : (lost[index] ?? 0)));
      yield kept.map((last, index) => (index === end ? (lost[index] ?? 0) : last));
    }
  }
  const next = seeded(pending.length);
  for (let count = 0; count < random; count++) yield kept.map((last) => next() % (last + 1));
}

function digits(number: number, lasts: readonly number[]): Choice {
  let left = number;
  return lasts.map((last) => {
    const digit = left % (last + 1);
    left = (left - digit) / (last + 1);
    return digit;
  });
}

/** A linear congruential generator: whole numbers that look random, and are the same each time. */
function seeded(seed: number): () => number {
  let state = seed + 1;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    // The lower bits repeat soon.
    return state >>> 8;
  };
}

function build({ point, trace }: Cut, pending: readonly Pending[], choice: Choice): DiskImage {
  const { changes, made, start } = trace;
  const inodes = new Map<number, Inode>([...start.inodes, ...made]);
  const lost = new Set<number>();
  for (const [number, each] of pending.entries()) {
    if (each.kind === "names" && choice[number] === 0) lost.add(each.index);
  }
  for (const [index, change] of changes.slice(0, point).entries()) {
    if (change.kind === "content") inodes.set(change.inode, change.content);
    else if (change.kind === "mode") setMode(inodes, change.inode, change.mode);
    else if (change.kind === "names" && !lost.has(index))
      for (const name of change.changes) rename(inodes, name);
  }
  for (const [number, each] of pending.entries()) {
    const mode = each.kind === "mode" ? each.outcomes[choice[number] ?? 0] : undefined;
    if (each.kind === "mode" && mode !== undefined) setMode(inodes, each.inode, mode);
    const outcome = each.kind === "content" ? each.outcomes[choice[number] ?? 0] : undefined;
    if (each.kind === "content" && outcome !== undefined) inodes.set(each.inode, outcome);
  }
  return { top: start.top, inodes };
}

function setMode(inodes: Map<number, Inode>, number: number, mode: number): void {
  const found = inodes.get(number);
  if (found?.kind !== "folder") throw new Error("a mode was given to an inode that is not a folder");
  inodes.set(number, { ...found, mode });
}

function rename(inodes: Map<number, Inode>, { folder, inode, name }: NameChange): void {
  const found = inodes.get(folder);
  if (found?.kind !== "folder") throw new Error("a name was given in an inode that is not a folder");
  const names = new Map(found.names);
  if (inode === undefined) names.delete(name);
  else names.set(name, inode);
  inodes.set(folder, { ...found, names });
}
