/** Archives of one run, as PROTOCOL.md describes them, to be dropped on the page. @module */

import { END_MARKER, encodeHead, paddingOf } from "../../src/core/internal.ts";
import { sortedEntries } from "./bundle.ts";
import type { TreeBundle } from "./tree-bundle.ts";

/** An entry, and its content. */
export interface PackedEntry {
  readonly kind: "file" | "folder" | "link";
  readonly path: string;
  readonly mode: number;
  readonly content?: Uint8Array;
  readonly target?: string;
}

/** The entries of a run with a tree, in their order. */
export function packedEntries({
  artifacts,
  outputs,
  recipe,
  runId,
  tree,
}: TreeBundle): readonly PackedEntry[] {
  const files = sortedEntries({ ...artifacts, "OUTPUT_TREE.json": tree });
  const bundle = files.map(([name, content]): PackedEntry => {
    return { kind: "file", path: `.runseal/runs/${runId}/${name}`, mode: 0o644, content };
  });
  const rest: Record<string, PackedEntry> = {};
  for (const [path, text] of Object.entries(outputs)) {
    const mode = recipe.programs?.includes(path) === true ? 0o755 : 0o644;
    rest[path] = { kind: "file", path, mode, content: Buffer.from(text) };
  }
  for (const [path, target] of Object.entries(recipe.links ?? {}))
    rest[path] = { kind: "link", path, mode: 0o777, target };
  const named = [...Object.keys(rest), ...(recipe.emptyFolders ?? []).map((path) => `${path}/x`)];
  for (const path of named) {
    const parts = path.split("/");
    for (let depth = 1; depth < parts.length; depth++) {
      const folder = parts.slice(0, depth).join("/");
      rest[folder] = { kind: "folder", path: folder, mode: 0o755 };
    }
  }
  return [...bundle, ...sortedEntries(rest).map(([, entry]) => entry)];
}

/** The archive of entries. */
export function archiveOf(entries: readonly PackedEntry[]): Buffer {
  const blocks = entries.map(({ content = new Uint8Array(0), kind, mode, path, target = "" }) => {
    const head = encodeHead({ kind, path, mode, size: content.length, target });
    return Buffer.concat([head, content, new Uint8Array(paddingOf(content.length))]);
  });
  return Buffer.concat([...blocks, END_MARKER]);
}
