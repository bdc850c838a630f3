/**
 * A folder in memory: files, links and folders with their modes. Applies the plan of a revert as strictly as a file system.
 *
 * @module
 */

import { createHash } from "node:crypto";
import type { RevertPlaces } from "../../../src/core/back/restore/revert-outlook.ts";
import type { EntryState, RevertPlan } from "../../../src/core/back/restore/revert-plan.ts";
import { SnapshotView } from "../../../src/core/back/restore/snapshot-view.ts";
import { OutputTable } from "../../../src/core/records/artifacts/output-table.ts";
import type { HexDigest } from "../../../src/core/system/bytes/hex.ts";
import { sortUtf8 } from "../../../src/core/system/bytes/utf8.ts";
import { fc } from "../rings/properties.ts";
import { treeOf } from "./output-trees.ts";

/** What is at each path. The folder of each path is one of them. */
export type ModelTree = ReadonlyMap<string, EntryState>;

/** The digest of a text. */
export function digestOf(text: string): HexDigest {
  return createHash("sha256").update(text).digest("hex") as HexDigest;
}

/** A file of a text. */
export function fileOf(text: string, mode = 0o644): EntryState {
  return { kind: "file", digest: digestOf(text), mode, bytes: Buffer.byteLength(text) };
}

/** A tree of entries; what is above them becomes folders. An entry below a file or a link is left out. */
export function modelOf(entries: Iterable<readonly [string, EntryState]>): ModelTree {
  const drawn = new Map(entries);
  const tree = new Map<string, EntryState>();
  for (const path of sortUtf8([...drawn.keys()])) {
    const above = foldersAbove(path);
    if (above.some((folder) => (tree.get(folder)?.kind ?? "folder") !== "folder")) continue;
    for (const folder of above) if (!tree.has(folder)) tree.set(folder, { kind: "folder", mode: 0o755 });
    const entry = drawn.get(path);
    if (entry !== undefined) tree.set(path, entry);
  }
  return tree;
}

function foldersAbove(path: string): readonly string[] {
  const names = path.split("/");
  return names.slice(1).map((_, index) => names.slice(0, index + 1).join("/"));
}

/** The snapshot of a tree. */
export function snapshotOf(tree: ModelTree, leftOut: Readonly<Record<string, string>> = {}): SnapshotView {
  const table = new OutputTable();
  const paths = sortUtf8([...tree.keys()]);
  const modes: Record<"file" | "folder", Record<string, string[]>> = { file: {}, folder: {} };
  const links: { path: string; target: string }[] = [];
  const empty: string[] = [];
  for (const path of paths) {
    const entry = tree.get(path);
    if (entry === undefined) continue;
    if (entry.kind === "link") links.push({ path, target: entry.target });
    else {
      const usual = entry.kind === "file" ? 0o644 : 0o755;
      const digits = entry.mode.toString(8).padStart(3, "0");
      const named = modes[entry.kind];
      if (entry.mode !== usual) named[digits] = [...(named[digits] ?? []), path];
    }
    if (entry.kind === "file") table.set(path, `sha256:${entry.digest}`);
    if (entry.kind === "folder" && !paths.some((other) => other.startsWith(`${path}/`))) empty.push(path);
  }
  const members = { modes: modes.file, folder_modes: modes.folder, empty_folders: empty, links };
  const left_out = sortUtf8(Object.keys(leftOut)).map((path) => ({ path, reason: leftOut[path] ?? "" }));
  return new SnapshotView(table, treeOf({ kind: "snapshot", ...members, left_out }));
}

/** A machine that has just this tree, and all objects. */
export function placesOf(tree: ModelTree, facts: Partial<RevertPlaces> = {}): RevertPlaces {
  return {
    look: (path) =>
      path === "" || tree.has(path)
        ? {
            isOurs: true,
            isOtherFileSystem: false,
            isSpecial: false,
            isWritable: true,
            links: 1,
            bytes: bytesOf(tree.get(path)),
          }
        : undefined,
    list: (path) =>
      [...tree.keys()].flatMap((each) => {
        const name = each.startsWith(`${path}/`) ? each.slice(path.length + 1) : "/";
        return name.includes("/") ? [] : [name];
      }),
    sizeOf: () => 1,
    ...facts,
  };
}

function bytesOf(entry: EntryState | undefined): number {
  return entry?.kind === "file" ? entry.bytes : 0;
}

/** The tree after a plan. Throws where a file system would refuse a step, or the wrong thing would be moved. */
export function applyPlan(plan: RevertPlan, tree: ModelTree): ModelTree {
  const left = new Map(tree);
  const expectFree = (path: string): void => {
    if (left.has(path)) throw new Error(`${path} is taken`);
    const folder = path.slice(0, Math.max(path.lastIndexOf("/"), 0));
    if (folder !== "" && left.get(folder)?.kind !== "folder") throw new Error(`${path} has no folder`);
  };
  for (const { expected, path } of plan.moves) {
    if (expected.kind === "special" || textOf(left.get(path)) !== textOf(expected))
      throw new Error(`${path} is not what was to move`);
    left.delete(path);
  }
  for (const { mode, path } of plan.gone) {
    if (textOf(left.get(path)) !== textOf({ kind: "folder", mode }))
      throw new Error(`${path} is not that folder`);
    if ([...left.keys()].some((each) => each.startsWith(`${path}/`))) throw new Error(`${path} is not empty`);
    left.delete(path);
  }
  for (const { from, kind, path, to } of plan.modes) {
    const entry = left.get(path);
    if (entry?.kind !== kind || entry.mode !== from) throw new Error(`${path} has another mode`);
    left.set(path, { ...entry, mode: to });
  }
  for (const { mode, path } of plan.folders) {
    expectFree(path);
    left.set(path, { kind: "folder", mode });
  }
  for (const { path, state } of plan.puts) {
    expectFree(path);
    left.set(path, state);
  }
  return left;
}

/** An entry as a text, without the size, which no snapshot says. */
export function textOf(entry: EntryState | undefined): string {
  if (entry === undefined) return "nothing";
  if (entry.kind === "link") return `link ${entry.target}`;
  return entry.kind === "file" ? `file ${entry.digest} ${entry.mode}` : `folder ${entry.mode}`;
}

/** A tree as lines in byte order. */
export function linesOf(tree: ModelTree): readonly string[] {
  return sortUtf8([...tree.keys()]).map((path) => `${path} ${textOf(tree.get(path))}`);
}

/** Few names, so that they meet; some begin with others, and go on with a character before the slash. */
const NAMES = ["a", "b", "ab", "a-b", "a.b", "é", "\u{10000}"];

const anyEntry: fc.Arbitrary<readonly [string, EntryState]> = fc.tuple(
  fc.array(fc.constantFrom(...NAMES), { minLength: 1, maxLength: 3 }).map((names) => names.join("/")),
  fc.oneof(
    {
      weight: 4,
      arbitrary: fc
        .tuple(fc.constantFrom("x", "y", "z"), fc.constantFrom(0o644, 0o755, 0o600))
        .map(([text, mode]) => fileOf(text, mode)),
    },
    {
      weight: 2,
      arbitrary: fc.constantFrom("a", "b/a", "..").map((target): EntryState => ({ kind: "link", target })),
    },
    {
      weight: 2,
      arbitrary: fc.constantFrom(0o755, 0o700, 0o750).map((mode): EntryState => ({ kind: "folder", mode })),
    },
  ),
);

/** A tree of a dozen entries. */
export const anyModel: fc.Arbitrary<ModelTree> = fc.array(anyEntry, { maxLength: 12 }).map(modelOf);

/** A tree with some entries of it taken out, and others put in. */
export function anyEditOf(tree: ModelTree): fc.Arbitrary<ModelTree> {
  return fc
    .tuple(fc.subarray([...tree.keys()]), fc.array(anyEntry, { maxLength: 4 }))
    .map(([kept, added]) => modelOf([...kept.flatMap((path) => entryOf(tree, path)), ...added]));
}

function entryOf(tree: ModelTree, path: string): [string, EntryState][] {
  const entry = tree.get(path);
  return entry === undefined ? [] : [[path, entry]];
}
