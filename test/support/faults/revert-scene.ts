/**
 * A folder after a command changed it, what it was before, and the revert between them.
 *
 * @module
 */

import { chmodSync, mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { onTestFinished } from "vitest";
import {
  compareUtf8,
  type FileOrLink,
  type PlannedPut,
  type RevertPlan,
} from "../../../src/core/internal.ts";
import type { Recovery, RestoreFailure } from "../../../src/node/back/transaction/restore-failure.ts";
import type { Executed } from "../../../src/node/back/transaction/run-transaction.ts";
import { type FileSystem, nodeFileSystem } from "../../../src/node/system/files/file-system.ts";
import { digestOf } from "../../../src/node/system/runtime/node-crypto.ts";
import type { Environment } from "../../../src/node/system/runtime/user-home.ts";
import { STATE } from "../command/state.ts";
import { makeFolder, removeTree, snapshotTree, type TreeSnapshot } from "../files/tree.ts";

type FileState = Extract<FileOrLink, { kind: "file" }>;

/** What stands at a path. A file is its text, or its text and its mode; a folder is its mode. */
export type Entry = string | readonly [text: string, mode: number] | { readonly link: string } | number;

/** Every folder of a tree is in it, those above first. */
export type Entries = Readonly<Record<string, Entry>>;

/** Not touched by the command. */
const KEPT: Entries = { keep: 0o755, "keep/own.txt": ["not ours\n", 0o600], "keep.txt": "kept\n" };

/** Before the command. */
export const BEFORE: Entries = {
  ...KEPT,
  "changed.txt": "before\n",
  closed: 0o555,
  "closed/locked.txt": "before\n",
  deleted: 0o755,
  "deleted/deep": 0o750,
  "deleted/deep/empty": 0o755,
  "deleted/deep/x.txt": "x\n",
  "deleted.txt": ["gone\n", 0o755],
  "dir-to-file": 0o755,
  "dir-to-file/inner.txt": "inner\n",
  "dir-to-link": 0o755,
  "dir-to-link/in.txt": "in\n",
  "empty-dir": 0o700,
  "file-to-dir": "a file\n",
  link: { link: "keep.txt" },
  "link-to-dir": { link: "keep" },
  "mode-dir": 0o755,
  "mode.txt": "mode\n",
  "readonly-dir": 0o555,
  "readonly-dir/r.txt": "r\n",
  "swap-a": "A\n",
  "swap-b": "B\n",
  "z-link": { link: "deleted/deep" },
};

/** After the command. */
export const AFTER: Entries = {
  ...KEPT,
  "changed.txt": "after\n",
  closed: 0o555,
  "closed/locked.txt": "after\n",
  "dir-to-file": "a file now\n",
  "dir-to-link": { link: "keep" },
  "file-to-dir": 0o755,
  "file-to-dir/f": "f\n",
  link: { link: "nowhere" },
  "link-to-dir": 0o755,
  "link-to-dir/g": "g\n",
  "mode-dir": 0o700,
  "mode.txt": ["mode\n", 0o755],
  new: 0o755,
  "new/empty": 0o755,
  "new/ignored": 0o755,
  "new/ignored/big.log": "log\n",
  "new/tree": 0o755,
  "new/tree/n.txt": "n\n",
  "new-closed": 0o555,
  "new-closed/c.txt": "c\n",
  "new-link": { link: "nowhere" },
  "new.txt": "new\n",
  "swap-a": "B\n",
  "swap-b": "A\n",
};

/** What the last name is that a revert from `AFTER` to `BEFORE` puts in place. */
export const LAST_PUT = "z-link";

/** Lays a tree out in a folder, and gives folders their modes last. */
export function layOutEntries(folder: string, entries: Entries): void {
  mkdirSync(folder, { recursive: true });
  for (const [path, entry] of Object.entries(entries)) {
    const address = join(folder, path);
    mkdirSync(dirname(address), { recursive: true });
    if (typeof entry === "number") mkdirSync(address, { recursive: true });
    else if (typeof entry === "object" && "link" in entry) symlinkSync(entry.link, address);
    else writeWithMode(address, entry);
  }
  for (const [path, entry] of Object.entries(entries).reverse()) {
    if (typeof entry === "number") chmodSync(join(folder, path), entry);
  }
}

function writeWithMode(address: string, entry: string | readonly [string, number]): void {
  const [text, mode] = typeof entry === "string" ? [entry, 0o644] : entry;
  writeFileSync(address, text);
  chmodSync(address, mode);
}

/** The state of a file or link as a snapshot says it; the mode of a folder. */
function stateOf(entry: Entry): FileOrLink | number {
  if (typeof entry === "number") return entry;
  if (typeof entry === "object" && "link" in entry) return { kind: "link", target: entry.link };
  const [text, mode] = typeof entry === "string" ? [entry, 0o644] : entry;
  const bytes = Buffer.from(text);
  return { kind: "file", digest: digestOf(bytes), mode, bytes: bytes.length };
}

/** Plans a revert from one tree to another. */
export function planBetween(now: Entries, wanted: Entries): RevertPlan {
  const moves: { path: string; expected: FileOrLink }[] = [];
  const gone: { path: string; mode: number }[] = [];
  const modes: { path: string; kind: "file" | "folder"; from: number; to: number }[] = [];
  const folders: { path: string; mode: number }[] = [];
  const puts: PlannedPut[] = [];
  for (const path of [...new Set([...Object.keys(now), ...Object.keys(wanted)])].sort(compareUtf8)) {
    const [here, there] = [now[path], wanted[path]].map((entry) => entry !== undefined && stateOf(entry));
    if (JSON.stringify(here) === JSON.stringify(there)) continue;
    if (typeof here === "number" && typeof there === "number") {
      modes.push({ path, kind: "folder", from: here, to: there });
    } else if (isFileState(here) && isFileState(there) && here.digest === there.digest) {
      modes.push({ path, kind: "file", from: here.mode, to: there.mode });
    } else {
      if (typeof here === "number") gone.unshift({ path, mode: here });
      else if (typeof here === "object") moves.push({ path, expected: here });
      if (typeof there === "number") folders.push({ path, mode: there });
      else if (typeof there === "object") puts.push({ path, state: there });
    }
  }
  const isFile = ({ state }: PlannedPut): boolean => state.kind === "file";
  const sorted = [...puts.filter(isFile), ...puts.filter((put) => !isFile(put))];
  return { moves, gone, modes, folders, puts: sorted };
}

function isFileState(state: FileOrLink | number | false | undefined): state is FileState {
  return typeof state === "object" && state.kind === "file";
}

/** Writes the bytes of a tree's files under their digests. */
export function writeObjects(folder: string, entries: Entries): string {
  mkdirSync(folder, { recursive: true });
  for (const entry of Object.values(entries)) {
    const state = stateOf(entry);
    if (typeof state === "number" || state.kind === "link") continue;
    const text = typeof entry === "string" ? entry : (entry as readonly [string, number])[0];
    writeFileSync(join(folder, state.digest), text);
  }
  return folder;
}

/** A revert as data. */
export interface RevertOrder {
  readonly target: string;
  readonly plan: RevertPlan;
  /** The folder of the objects. */
  readonly objects: string;
  readonly environment?: Environment | undefined;
  readonly signal?: AbortSignal | undefined;
}

const { revertFolder: revert } = (await import(
  new URL("../../faults/kill-orders.mjs", import.meta.url).href
)) as {
  readonly revertFolder: (
    order: RevertOrder & { readonly environment: Environment },
    fs: FileSystem,
  ) => Promise<(Executed & { readonly recovered: readonly Recovery[] }) | RestoreFailure>;
};

/** Recovers a folder, and then reverts it, as the command does. */
export function revertFolder(order: RevertOrder, fs: FileSystem = nodeFileSystem): ReturnType<typeof revert> {
  return revert({ ...order, environment: order.environment ?? STATE }, fs);
}

/** A folder of this test as it is now, and its revert to what is wanted. */
export function arrangeRevert(now: Entries, wanted: Entries): RevertOrder {
  const folder = ownFolder();
  const target = join(folder, "root");
  layOutEntries(target, now);
  const objects = writeObjects(join(folder, "objects"), { ...now, ...wanted });
  return { target, objects, plan: planBetween(now, wanted) };
}

/** What a tree looks like when it is laid out. */
export function laidOut(entries: Entries): TreeSnapshot {
  const target = join(ownFolder(), "root");
  layOutEntries(target, entries);
  return snapshotTree(target);
}

function ownFolder(): string {
  const folder = makeFolder();
  onTestFinished(() => removeTree(folder));
  return folder;
}
