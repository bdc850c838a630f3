/**
 * A project with a folder of packs that a test fills byte by byte, and what runseal's readers find there.
 *
 * @module
 */

import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { onTestFinished } from "vitest";
import {
  PACKS_COMPONENTS,
  packFolderOf,
  StoredObjects,
} from "../../../src/node/records/store/stored-objects.ts";
import { AnchoredRoot } from "../../../src/node/system/files/anchored-root.ts";
import { type FileSystem, nodeFileSystem } from "../../../src/node/system/files/file-system.ts";
import { listPacks, type PackCatalog } from "../../../src/node/system/packs/pack-catalog.ts";
import { PackReader } from "../../../src/node/system/packs/pack-reader.ts";
import { makeFolder, removeTree } from "../files/tree.ts";
import { digestOf } from "./keep.ts";
import { entriesOf, indexOf, packOf, recordOf } from "./pack-bytes.mjs";

/** A project whose packs are written by the test. */
export class PackScene {
  readonly project: string = makeFolder();
  readonly packs: string = join(this.project, ...PACKS_COMPONENTS);
  readonly root: AnchoredRoot;

  constructor() {
    mkdirSync(this.packs, { recursive: true });
    this.root = AnchoredRoot.open(this.project);
    onTestFinished(() => {
      this.root.close();
      removeTree(this.project);
    });
  }

  /** The address of a file in the folder. */
  at(name: string): string {
    return join(this.packs, name);
  }

  /** Writes a file. */
  put(name: string, bytes: Uint8Array): void {
    writeFileSync(this.at(name), bytes);
  }

  /** Writes a pack of records and its index, and gives its id. */
  putPack(records: readonly Buffer[]): string {
    const { bytes, id } = packOf(records);
    this.put(`${id}.pack`, bytes);
    this.put(`${id}.idx`, indexOf(id, entriesOf(records)));
    return id;
  }

  list(fs: FileSystem = nodeFileSystem): PackCatalog {
    const dir = this.root.folder(PACKS_COMPONENTS);
    return listPacks(packFolderOf(this.root, dir), fs);
  }

  /** What the packs' reader gives for an object, in a word; the bytes as text if there are any. */
  read(content: string | Uint8Array, fs: FileSystem = nodeFileSystem): string {
    const reader = new PackReader(this.list(fs), fs);
    try {
      const read = reader.read(Buffer.from(digestOf(content), "hex"), 0);
      return read.kind === "bytes" ? `bytes: ${read.bytes.toString("latin1")}` : read.kind;
    } finally {
      reader.close();
    }
  }

  /** The same of the whole store. A file's bytes are not compared: its reader does that. */
  open(content: string | Uint8Array, fs: FileSystem = nodeFileSystem): string {
    const opened = StoredObjects.open(this.root, fs);
    if (!opened.ok) return opened.code;
    using store = opened.value;
    const object = store?.open(digestOf(content)) ?? "missing";
    if (typeof object === "string") return object;
    if ("content" in object) return `bytes: ${Buffer.from(object.content).toString("latin1")}`;
    nodeFileSystem.closeSync(object.fd);
    return "file";
  }

  /** Whether a file of this name is in the folder. */
  has(name: string): boolean {
    return existsSync(this.at(name));
  }
}

/** Records of some texts. */
export function recordsOf(...contents: readonly string[]): Buffer[] {
  return contents.map((content) => recordOf(Buffer.from(content)));
}
