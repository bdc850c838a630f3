/**
 * Stores made by hand: packs with chosen records, indexes that lie, and bundles that name chosen contents.
 *
 * @module
 */

import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import {
  ColumnsBuilder,
  HEAD_BYTES,
  HEADER_BYTES,
  type HexDigest,
  shownObject,
} from "../../../src/core/internal.ts";
import { StoredObjects } from "../../../src/node/records/store/stored-objects.ts";
import { AnchoredDir } from "../../../src/node/system/files/anchored-dir.ts";
import { AnchoredRoot } from "../../../src/node/system/files/anchored-root.ts";
import { nodeFileSystem } from "../../../src/node/system/files/file-system.ts";
import { PackDraft } from "../../../src/node/system/packs/pack-draft.ts";
import { encodeIndex } from "../../../src/node/system/packs/shared-pack-index.ts";
import { sealBundle, writeBundle } from "../bundles/bundle.ts";
import { digestOf } from "./keep.ts";
import { recordOf, sha256 } from "./pack-bytes.mjs";

/** Bytes of an object. */
export type Content = string | Uint8Array;

/** A record whose bytes do not have the digest of what it stands for. */
export interface WrongRecord {
  readonly of: Content;
  readonly bytes: Content;
}

const isWrong = (record: Content | WrongRecord): record is WrongRecord =>
  typeof record === "object" && "of" in record;

/** The folder of packs of a project. */
export function packsOf(root: string): string {
  return join(root, ".runseal", "packs");
}

/** The names of the files in it. */
export function packNames(root: string, ending = ".pack"): readonly string[] {
  return readdirSync(packsOf(root))
    .filter((name) => name.endsWith(ending))
    .sort();
}

/** The path of a pack. */
export function packAt(root: string, id: string): string {
  return join(packsOf(root), `${id}.pack`);
}

/** The path of its index. */
export function indexAt(root: string, id: string): string {
  return join(packsOf(root), `${id}.idx`);
}

/** Places a pack with these records, and gives its id. */
export function placePackOf(
  root: string,
  records: readonly (Content | WrongRecord)[],
  mode = 0o444,
): HexDigest {
  mkdirSync(packsOf(root), { recursive: true });
  const folder = AnchoredDir.open(packsOf(root));
  try {
    const draft = new PackDraft(folder, mode, nodeFileSystem);
    for (const record of records) {
      const bytes = Buffer.from(isWrong(record) ? record.bytes : record);
      draft.add(recordOf(bytes, { digest: sha256(isWrong(record) ? record.of : record) }));
    }
    const placed = draft.place();
    draft.discard();
    if (!placed.ok) throw new Error(`not placed: ${placed.code}`);
    return placed.value.id;
  } finally {
    folder.close();
  }
}

/** Writes an index with a right checksum that lists these contents at these offsets. */
export function placeIndexOf(
  root: string,
  id: HexDigest,
  entries: readonly { readonly content: Content; readonly offset: number }[],
): void {
  const columns = new ColumnsBuilder();
  for (const { content, offset } of entries) {
    columns.add(offset, Buffer.from(content).length, Buffer.from(digestOf(content), "hex"), 0);
  }
  rmSync(indexAt(root, id));
  writeFileSync(indexAt(root, id), encodeIndex(id, columns.columns()), { mode: 0o444 });
}

/** Where the records of a pack begin. */
export function offsetsOf(contents: readonly Content[]): readonly number[] {
  let offset = HEADER_BYTES;
  return contents.map((content) => {
    const start = offset;
    offset += HEAD_BYTES + Buffer.from(content).length;
    return start;
  });
}

/** Changes bytes of a file that may not be written to. */
export function overwrite(path: string, change: (bytes: Buffer) => Uint8Array): void {
  const bytes = change(readFileSync(path));
  rmSync(path);
  writeFileSync(path, bytes, { mode: 0o444 });
}

/** Lets two files have each other's names. */
export function swap(left: string, right: string): void {
  renameSync(left, `${left}.x`);
  renameSync(right, left);
  renameSync(`${left}.x`, right);
}

/** Lets a bundle of the project name these contents. */
export function nameContents(root: string, runId: string, contents: readonly string[]): void {
  const outputs = Object.fromEntries(contents.map((content, index) => [`out/${index}`, content]));
  const { bundle } = writeBundle(join(root, "elsewhere"), sealBundle({ runId, outputs }));
  mkdirSync(join(root, ".runseal", "runs"), { recursive: true });
  renameSync(bundle, join(root, ".runseal", "runs", runId));
  rmSync(join(root, "elsewhere"), { recursive: true });
}

/** Puts an object into a file of its own. */
export function placeObject(root: string, of: Content, { bytes = of, mode = 0o444 } = {}): string {
  const path = join(root, shownObject(digestOf(of)));
  mkdirSync(join(path, ".."), { recursive: true });
  writeFileSync(path, bytes, { mode });
  return path;
}

/** Whether readers get an object from the store with its own bytes. */
export function isStored(root: string, content: Content): boolean {
  const project = AnchoredRoot.open(root);
  const opened = StoredObjects.open(project);
  try {
    const found = opened.ok ? (opened.value?.open(digestOf(content)) ?? "missing") : "missing";
    if (typeof found === "string") return false;
    if ("content" in found) return true;
    const bytes = readFileSync(found.fd);
    nodeFileSystem.closeSync(found.fd);
    return bytes.compare(Buffer.from(content)) === 0;
  } finally {
    if (opened.ok) opened.value?.close();
    project.close();
  }
}
