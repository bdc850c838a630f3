/**
 * A folder as a process that was killed leaves it: photographed with its modes, its bytes and its hard links,
 * and laid out again elsewhere, as often as one likes.
 *
 * @module
 */

import { createHash } from "node:crypto";
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
import { STATE } from "../command/state.ts";
import { isJournal, keyIn, rebindAll, unbind } from "./bound-journal.ts";
import type { DeadSockets } from "./kill-sockets.ts";

/** What stands at one path. */
export interface PhotoNode {
  /** Relative to the folder, with `/`. */
  readonly path: string;
  readonly type: "file" | "folder" | "link" | "socket";
  readonly mode: number;
  /** The bytes of a file, the target of a link. */
  readonly content: string;
  /** Nodes of one number are one inode. */
  readonly inode: number;
  /** How many names a file has, seen from the file system. */
  readonly names: number;
}

/** All that is in a folder, those above before those below. */
export interface Photo {
  readonly nodes: readonly PhotoNode[];
  /** Equal for two folders that differ in nothing but random names, times, and how often equal left-overs are there. */
  readonly fingerprint: string;
}

/** What a fingerprint is taken of, for people. */
export function describePhoto({ nodes }: Photo): string {
  return textOf(nodes);
}

/** Photographs what is in a folder; no link is followed. */
export function photograph(folder: string): Photo {
  const nodes: PhotoNode[] = [];
  const inodes = new Map<number, number>();
  const key = keyIn(STATE["XDG_STATE_HOME"] ?? "");
  const pending = [""];
  for (let below = pending.pop(); below !== undefined; below = pending.pop()) {
    for (const name of readdirSync(join(folder, below)).sort()) {
      const path = below === "" ? name : `${below}/${name}`;
      const address = join(folder, path);
      const stats = lstatSync(address);
      const type = typeOf(stats);
      const inode = inodes.get(stats.ino) ?? inodes.size;
      inodes.set(stats.ino, inode);
      const content = contentOf(type, address, key);
      nodes.push({ path, type, mode: stats.mode & 0o7777, content, inode, names: stats.nlink });
      if (type === "folder") pending.push(path);
    }
  }
  return { nodes, fingerprint: createHash("sha256").update(textOf(nodes)).digest("base64") };
}

/** Lays a photo out in an empty folder. The listeners of its sockets are dead. */
export function layOut(photo: Photo, folder: string, sockets: DeadSockets): void {
  const first = new Map<number, string>();
  let listeners = 0;
  for (const node of photo.nodes) {
    const address = join(folder, node.path);
    const twin = node.type === "folder" ? undefined : first.get(node.inode);
    if (twin !== undefined) {
      linkSync(twin, address);
      continue;
    }
    first.set(node.inode, address);
    if (node.type === "socket") linkSync(sockets.get(listeners++), address);
    else make(node, address);
  }
  rebindAll(folder);
  // Last, and from below: a folder may be closed to us by its mode.
  for (const { mode, path, type } of photo.nodes.toReversed()) {
    if (type === "folder") chmodSync(join(folder, path), mode);
  }
}

/** Files with a name somewhere else than in the photo: something of ours was carried away. */
export function namedElsewhere({ nodes }: Photo): readonly string[] {
  const seen = new Map<number, number>();
  for (const { inode } of nodes) seen.set(inode, (seen.get(inode) ?? 0) + 1);
  return nodes
    .filter(({ inode, names, type }) => type === "file" && names !== seen.get(inode))
    .map(({ path }) => path);
}

function make({ content, mode, type }: PhotoNode, address: string): void {
  if (type === "folder") mkdirSync(address);
  else if (type === "link") symlinkSync(content, address);
  else writeFileSync(address, content, "latin1");
  if (type === "file") chmodSync(address, mode);
}

function typeOf(stats: Stats): PhotoNode["type"] {
  if (stats.isFile()) return "file";
  if (stats.isDirectory()) return "folder";
  if (stats.isSymbolicLink()) return "link";
  if (stats.isSocket()) return "socket";
  throw new TypeError("no scene has anything else");
}

/** Bytes as one character each. */
function contentOf(type: PhotoNode["type"], address: string, key: Buffer | undefined): string {
  if (type === "file" && isJournal(address)) {
    return unbind(readFileSync(address), address, key).toString("latin1");
  }
  if (type === "file") return readFileSync(address, "latin1");
  return type === "link" ? readlinkSync(address) : "";
}

const UUID = /[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}/g;
const LEFTOVER = /^(.*?\.spectrum06_(?:staging|new)_[^/]*)/;

/** One line a node, those of a left-over together; equal ones once. */
function textOf(nodes: readonly PhotoNode[]): string {
  const paths = new Map<number, string[]>();
  for (const { inode, path } of nodes) {
    paths.set(inode, [...(paths.get(inode) ?? []), mask(path)]);
  }
  const blocks = new Map<string, string[]>();
  for (const { content, inode, mode, path, type } of nodes) {
    const links = [...(paths.get(inode) ?? [])].sort().join(" = ");
    const line = `${mask(path)} ${type} ${mode.toString(8)} ${steady(content, path)} ${links}`;
    const block = LEFTOVER.exec(path)?.[1] ?? path;
    blocks.set(block, [...(blocks.get(block) ?? []), line]);
  }
  const distinct = new Set([...blocks.values()].map((lines) => lines.join("\n")));
  return [...distinct].sort().join("\n");
}

/** A journal has its time in it, and its own digest. */
function steady(content: string, path: string): string {
  if (!path.includes("/journal")) return JSON.stringify(content);
  const line = content.replace(/\n[0-9a-f]{1,64}\n?$/, "").replace(/"started":"[^"]*"/, "");
  return `${mask(line)} (${content.length})`;
}

function mask(text: string): string {
  return text.replace(UUID, "*");
}
