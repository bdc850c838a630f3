/**
 * A small disk as a value: what is in a folder, with hard links and sockets, to be laid out again elsewhere and
 * to be distinguished from others.
 *
 * @module
 */

import {
  chmodSync,
  linkSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  type Stats,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { isJournal, keyIn, rebindAll, unbind } from "../faults/bound-journal.ts";
import type { DeadSockets } from "../faults/kill-sockets.ts";

/** A file: its permission bits and its bytes. */
export interface FileInode {
  readonly kind: "file";
  readonly mode: number;
  readonly bytes: Buffer;
}

/** A folder: its permission bits, and which names lead to which inode. */
export interface FolderInode {
  readonly kind: "folder";
  readonly mode: number;
  readonly names: ReadonlyMap<string, number>;
}

/** A symbolic link: what it leads to. */
export interface LinkInode {
  readonly kind: "link";
  readonly text: string;
}

/** The content of a disk. The listeners of its sockets are dead. */
export type Inode = FileInode | FolderInode | LinkInode | { readonly kind: "socket" };

/** Inodes by number; `top` is the folder itself. */
export interface DiskImage {
  readonly top: number;
  readonly inodes: ReadonlyMap<number, Inode>;
}

/** Which real inode got which number. */
export class InodeNumbers {
  readonly #numbers = new Map<string, number>();
  #next = 0;

  /** The number of an inode that is known; `undefined` for one that is not. */
  find({ dev, ino }: Stats): number | undefined {
    return this.#numbers.get(`${dev}:${ino}`);
  }

  /** Gives an inode that is new, or that bears an old one's number, a number of its own. */
  add({ dev, ino }: Stats): number {
    this.#numbers.set(`${dev}:${ino}`, this.#next);
    return this.#next++;
  }
}

/** The name of the acting user's state folder. It is left out when disks are compared. */
export const STATE_NAME = "state";

/** Takes a picture of a folder. */
export function photograph(folder: string, numbers: InodeNumbers = new InodeNumbers()): DiskImage {
  const inodes = new Map<number, Inode>();
  const key = keyIn(join(folder, STATE_NAME));
  const visit = (address: string): number => {
    const stats = lstatSync(address);
    const known = numbers.find(stats);
    if (known !== undefined) return known;
    const number = numbers.add(stats);
    inodes.set(number, readInode(address, stats, key, visit));
    return number;
  };
  return { top: visit(folder), inodes };
}

function readInode(
  address: string,
  stats: Stats,
  key: Buffer | undefined,
  visit: (address: string) => number,
): Inode {
  const mode = stats.mode & 0o7777;
  if (stats.isSocket()) return { kind: "socket" };
  if (stats.isSymbolicLink()) return { kind: "link", text: readlinkSync(address) };
  if (stats.isFile()) return { kind: "file", mode, bytes: readUnbound(address, key) };
  if (!stats.isDirectory()) throw new Error("no scene has anything else");
  const names = readdirSync(address)
    .sort()
    .map((name): [string, number] => [name, visit(join(address, name))]);
  return { kind: "folder", mode, names: new Map(names) };
}

/** The bytes of a file, and of a journal as a picture keeps it. */
export function readUnbound(address: string, key: Buffer | undefined, from: string = address): Buffer {
  const bytes = readFileSync(from);
  return isJournal(address) ? unbind(bytes, address, key) : bytes;
}

/** Lays a disk out as a folder that isn't there yet. */
export function layOut(disk: DiskImage, folder: string, sockets: DeadSockets): void {
  const places = new Map<number, string>();
  let listeners = 0;
  const put = (number: number, address: string): void => {
    const inode = inodeOf(disk, number);
    const place = places.get(number);
    places.set(number, address);
    if (place !== undefined) linkSync(place, address);
    else if (inode.kind === "socket") linkSync(sockets.get(listeners++), address);
    else if (inode.kind === "link") symlinkSync(inode.text, address);
    else if (inode.kind === "file") writeFileSync(address, inode.bytes);
    else {
      mkdirSync(address);
      for (const [name, child] of inode.names) put(child, join(address, name));
    }
    if (place === undefined && "mode" in inode) chmodSync(address, inode.mode);
  };
  put(disk.top, folder);
  rebindAll(folder);
}

/** How the names begin that restores keep for themselves. */
const OWN = ".spectrum06_";
const UUID = /[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}/g;

/**
 * One line a name: equal for two disks that differ in nothing but the random names and the times that restores
 * give, whatever the order in which their inodes were numbered.
 */
export function listDisk(disk: DiskImage): readonly string[] {
  const first = new Map<number, string>();
  const random = new Map<string, number>();
  const lines: string[] = [];
  const visit = (number: number, path: string): void => {
    const uuid = path.includes(OWN) ? path.match(UUID)?.at(-1) : undefined;
    if (uuid !== undefined && !random.has(uuid)) random.set(uuid, number);
    const known = first.get(number);
    first.set(number, path);
    const inode = inodeOf(disk, number);
    lines.push(`${path} ${known === undefined ? describe(inode) : `= ${known}`}`);
    if (inode.kind !== "folder" || known !== undefined) return;
    const listed = [...inode.names].filter(([name]) => path !== "" || name !== STATE_NAME);
    const names = listed.sort(([one], [other]) => (one < other ? -1 : 1));
    for (const [name, child] of names) visit(child, path === "" ? name : `${path}/${name}`);
  };
  visit(disk.top, "");
  // The one that was made first comes first, whatever its name is.
  const ranks = [...random].sort(([, one], [, other]) => one - other).map(([uuid]) => uuid);
  const mask = (uuid: string): string => `*${ranks.indexOf(uuid)}`;
  return lines.map((line) => (line.includes(OWN) ? line.replace(UUID, mask) : line)).sort();
}

/** Thousands of disks have most of their inodes in common. */
const descriptions = new WeakMap<Inode, string>();

function describe(inode: Inode): string {
  const description = descriptions.get(inode) ?? describeAnew(inode);
  descriptions.set(inode, description);
  return description;
}

function describeAnew(inode: Inode): string {
  if (inode.kind === "socket") return "socket";
  if (inode.kind === "link") return `link ${JSON.stringify(inode.text)}`;
  const mode = inode.mode.toString(8);
  if (inode.kind === "folder") return `folder ${mode}`;
  // A journal has its time in it, and its own digest.
  const text = inode.bytes.toString("latin1").replace(/"started":"[^"]*"|(?<=\}\n)[0-9a-f]{64}(?=\n$)/g, "");
  return `file ${mode} ${JSON.stringify(text)}`;
}

/** The disk without the names that restores keep for themselves. */
export function withoutOwn({ top, inodes }: DiskImage): DiskImage {
  const isForeign = ([name]: readonly [string, number]): boolean => !name.startsWith(OWN);
  const kept = [...inodes].map(([number, inode]): [number, Inode] => [
    number,
    inode.kind === "folder" ? { ...inode, names: new Map([...inode.names].filter(isForeign)) } : inode,
  ]);
  return { top, inodes: new Map(kept) };
}

function inodeOf(disk: DiskImage, number: number): Inode {
  const inode = disk.inodes.get(number);
  if (inode === undefined) throw new Error("a name leads to no inode");
  return inode;
}
