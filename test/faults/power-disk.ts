/**
 * A small disk as a value: what a folder holds, with hard links and sockets, to be laid out again elsewhere.
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
  type Stats,
  unlinkSync,
  writeFileSync,
} from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";

/** What an inode holds. A socket's owner is dead. */
export type Inode =
  | { readonly kind: "file"; readonly mode: number; readonly content: Buffer }
  | { readonly kind: "folder"; readonly mode: number; readonly names: ReadonlyMap<string, number> }
  | { readonly kind: "socket" };

/** Inodes by number; `top` is the folder itself. */
export interface Disk {
  readonly top: number;
  readonly inodes: ReadonlyMap<number, Inode>;
}

/** The number of an inode of the real disk in a `Disk`. */
export type Numbers = Map<string, number>;

/** Tells the real inodes apart. */
export function identityOf({ dev, ino }: Stats): string {
  return `${dev}:${ino}`;
}

/** Takes a picture of a folder; `numbers` learns which real inode got which number. */
export function photograph(folder: string, numbers: Numbers = new Map()): Disk {
  const inodes = new Map<number, Inode>();
  const visit = (address: string): number => {
    const stats = lstatSync(address);
    const known = numbers.get(identityOf(stats));
    if (known !== undefined) return known;
    const number = numbers.size;
    numbers.set(identityOf(stats), number);
    inodes.set(number, readInode(address, stats, visit));
    return number;
  };
  return { top: visit(folder), inodes };
}

function readInode(address: string, stats: Stats, visit: (address: string) => number): Inode {
  const mode = stats.mode & 0o7777;
  if (stats.isSocket()) return { kind: "socket" };
  if (stats.isFile()) return { kind: "file", mode, content: readFileSync(address) };
  if (!stats.isDirectory()) throw new Error("such a thing is in no picture");
  const names = readdirSync(address)
    .sort()
    .map((name): [string, number] => [name, visit(join(address, name))]);
  return { kind: "folder", mode, names: new Map(names) };
}

/** Lays a disk out as a folder that isn't there yet. `deadSocket` is the address of a socket without an owner. */
export function layOut(disk: Disk, folder: string, deadSocket: string): void {
  const places = new Map<number, string>();
  const put = (number: number, address: string): void => {
    const inode = inodeOf(disk, number);
    const place = places.get(number);
    if (place !== undefined) {
      linkSync(place, address);
      return;
    }
    places.set(number, address);
    if (inode.kind === "socket") linkSync(deadSocket, address);
    else if (inode.kind === "file") writeFileSync(address, inode.content);
    else {
      mkdirSync(address);
      for (const [name, child] of inode.names) put(child, join(address, name));
    }
    if (inode.kind !== "socket") chmodSync(address, inode.mode);
  };
  put(disk.top, folder);
}

/** Equal for disks that nobody can tell apart: names, modes, bytes, and which names are one inode. */
export function keyOf(disk: Disk): string {
  const seen = new Map<number, number>();
  const parts: string[] = [];
  const visit = (number: number): void => {
    const inode = inodeOf(disk, number);
    const known = seen.get(number);
    if (known !== undefined) {
      parts.push(`=${known}`);
      return;
    }
    seen.set(number, seen.size);
    if (inode.kind === "socket") parts.push("socket");
    else if (inode.kind === "file")
      parts.push(`${inode.mode}:${JSON.stringify(inode.content.toString("latin1"))}`);
    else {
      parts.push(`${inode.mode}{`);
      for (const [name, child] of [...inode.names].sort(([a], [b]) => (a < b ? -1 : 1))) {
        parts.push(`${name}:`);
        visit(child);
      }
      parts.push("}");
    }
  };
  visit(disk.top);
  return parts.join(" ");
}

function inodeOf(disk: Disk, number: number): Inode {
  const inode = disk.inodes.get(number);
  if (inode === undefined) throw new Error("a name leads to no inode");
  return inode;
}

/** Makes a socket whose owner is dead, as a killed restore leaves one. */
export async function makeDeadSocket(address: string): Promise<void> {
  const alive = `${address}.alive`;
  const server = createServer();
  await new Promise<void>((resolve, reject) => {
    server.on("error", reject);
    server.listen(alive, resolve);
  });
  // Node unlinks the name that it bound, and no other.
  linkSync(alive, address);
  await new Promise((resolve) => server.close(resolve));
  if (lstatSync(alive, { throwIfNoEntry: false }) !== undefined) unlinkSync(alive);
}

/**
 * Notes the owner sockets below a container and gives what puts back those that are gone: a process that is
 * killed for real unlinks nothing, while one that plays dead closes its socket, and Node unlinks the name.
 */
export function holdOwners(container: string): () => void {
  const owners = [container, join(container, "root")].flatMap((folder) =>
    listNames(folder)
      .filter((name) => /^\.spectrum06_(staging|new)_/.test(name))
      .map((name) => join(folder, name, "owner"))
      .filter((owner) => isThere(owner)),
  );
  const held = owners.map((owner, index): [string, string] => [owner, `${container}.owner-${index}`]);
  for (const [owner, name] of held) linkSync(owner, name);
  return () => {
    for (const [owner, name] of held) {
      if (!isThere(owner)) linkSync(name, owner);
      unlinkSync(name);
    }
  };
}

function listNames(folder: string): readonly string[] {
  return isThere(folder) ? readdirSync(folder) : [];
}

function isThere(address: string): boolean {
  return lstatSync(address, { throwIfNoEntry: false }) !== undefined;
}
