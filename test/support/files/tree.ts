/**
 * A vector's tree on a real disk: laid out, photographed, compared, removed (vectors/README.md).
 *
 * @module
 */

import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import {
  chmodSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { bytesOf, type TreeEntry } from "../bundles/vectors.ts";

/** A vector's `tree`: path to entry. */
export type Tree = Readonly<Record<string, TreeEntry>>;

/** What stands at one path. */
export interface TreeNode {
  readonly type: "file" | "dir" | "symlink" | "fifo" | "other";
  readonly mode: number;
  /** "unreadable" where the system refuses to read the file. */
  readonly sha256?: string;
  readonly linkTarget?: string;
}

/** Path, relative and with `/`, to what stands there. The folder itself is not in it. */
export type TreeSnapshot = ReadonlyMap<string, TreeNode>;

/** What changed between two snapshots, in the manner of `expect.fs`. */
export interface TreeChange {
  readonly added: Readonly<Record<string, TreeNode>>;
  readonly removed: readonly string[];
  readonly changed: readonly string[];
}

/** Makes a fresh, empty folder and gives its real path. `npm test` has it in memory (seeds.ts). */
export function makeFolder(parent: string = process.env["RUNSEAL_TEST_DISK"] ?? tmpdir()): string {
  return realpathSync(mkdtempSync(join(parent, "runseal-test-")));
}

/** Lays a tree out in a fresh folder and gives that folder's real path. Remove it with `removeTree`. */
export function layOutTree(tree: Tree): string {
  const folder = makeFolder();
  for (const [path, entry] of Object.entries(tree)) putEntry(join(folder, path), entry, folder);
  const deepestFirst = Object.entries(tree).sort(([a], [b]) => depthOf(b) - depthOf(a));
  for (const [path, { mode }] of deepestFirst) {
    if (mode !== undefined) chmodSync(join(folder, path), Number.parseInt(mode, 8));
  }
  return folder;
}

/** Removes a folder with all that is in it, whatever the modes. */
export function removeTree(folder: string): void {
  openFolders(folder);
  rmSync(folder, { recursive: true, force: true });
}

/** Looks at everything below a folder, by lstat: no link is followed, as `readdir`'s own `recursive` would. */
export function snapshotTree(folder: string): TreeSnapshot {
  const nodes: [string, TreeNode][] = [];
  const pending = [""];
  for (let below = pending.pop(); below !== undefined; below = pending.pop()) {
    for (const name of readdirSync(join(folder, below))) {
      const path = join(below, name);
      const node = lookAt(join(folder, path));
      nodes.push([path, node]);
      if (node.type === "dir") pending.push(path);
    }
  }
  return new Map(nodes.sort(([a], [b]) => (a < b ? -1 : 1)));
}

/** Compares two snapshots. New folders are listed only when empty; random names appear as `…_*`. */
export function compareSnapshots(before: TreeSnapshot, after: TreeSnapshot): TreeChange {
  const added: Record<string, TreeNode> = {};
  for (const [path, node] of after) {
    const isFullFolder = node.type === "dir" && [...after.keys()].some((other) => dirname(other) === path);
    if (!before.has(path) && !isFullFolder) added[maskRandomNames(path)] = node;
  }
  const isSame = (path: string): boolean =>
    JSON.stringify(before.get(path)) === JSON.stringify(after.get(path));
  const removed = [...before.keys()].filter((path) => !after.has(path));
  const changed = [...before.keys()].filter((path) => after.has(path) && !isSame(path));
  return { added, removed, changed };
}

/** Makes one entry. `folder` is what `{ROOT}` in a target stands for. */
export function putEntry(address: string, entry: TreeEntry, folder: string): void {
  mkdirSync(dirname(address), { recursive: true });
  if ("dir" in entry) mkdirSync(address, { recursive: true });
  else if ("symlink" in entry) symlinkSync(entry.symlink.replaceAll("{ROOT}", folder), address);
  else if ("fifo" in entry) makeFifo(address);
  else writeFileSync(address, bytesOf(entry));
}

function makeFifo(address: string): void {
  const { status } = spawnSync("mkfifo", [address]);
  if (status !== 0) throw new Error("mkfifo failed");
}

function lookAt(address: string): TreeNode {
  const stats = lstatSync(address);
  const mode = stats.mode & 0o7777;
  if (stats.isSymbolicLink()) return { type: "symlink", mode, linkTarget: readlinkSync(address) };
  if (stats.isFile()) return { type: "file", mode, sha256: digestOf(address) };
  if (stats.isDirectory()) return { type: "dir", mode };
  return { type: stats.isFIFO() ? "fifo" : "other", mode };
}

function digestOf(address: string): string {
  try {
    return createHash("sha256").update(readFileSync(address)).digest("hex");
  } catch (thrown) {
    if (thrown instanceof Error && "code" in thrown && thrown.code === "EACCES") return "unreadable";
    throw thrown;
  }
}

function openFolders(address: string): void {
  const stats = lstatSync(address, { throwIfNoEntry: false });
  if (stats?.isDirectory() !== true) return;
  chmodSync(address, 0o700);
  for (const name of readdirSync(address)) openFolders(join(address, name));
}

function depthOf(path: string): number {
  return path.split("/").length;
}

function maskRandomNames(path: string): string {
  return path.replace(/(\.spectrum06_(?:staging|chain)_)[^/]*/g, "$1*");
}
