/**
 * The store of a project as its readers see it: objects by their digests, whether in packs or in files of their own (PROTOCOL 18).
 *
 * @module
 */

import {
  DIGEST_BYTES,
  type HexDigest,
  type MachineReason,
  ok,
  PACKS_FOLDER,
  type Result,
  type SourceKind,
} from "../../../core/internal.ts";
import { AnchoredDir } from "../../system/files/anchored-dir.ts";
import { AnchoredRoot, FEW_OPEN_FOLDERS } from "../../system/files/anchored-root.ts";
import { type FileSystem, nodeFileSystem } from "../../system/files/file-system.ts";
import { pathComponents, pathOfComponents } from "../../system/files/path-components.ts";
import type { OpenSource } from "../../system/files/read-source.ts";
import { hasChanged, listPacks, type PackCatalog, type PackFolder } from "../../system/packs/pack-catalog.ts";
import { PackReader } from "../../system/packs/pack-reader.ts";
import { reasonOf } from "../../system/runtime/machine-reason.ts";
import type { OperationFault } from "../../system/runtime/operation-fault.ts";
import { enterOwn, findObject, openObject, openStore, storeFault } from "./object-store.ts";

/** Where a project keeps its packs, as components below its root. */
export const PACKS_COMPONENTS: readonly string[] = PACKS_FOLDER.split("/");

/** The bytes of an object: in an open file, or in memory if it was in a pack. */
export type OpenObject =
  | OpenSource
  /** They have the digest, and are overwritten by the next object. */
  | { readonly content: Uint8Array }
  /** A pack has a record of this name with other bytes, and there is no file of its own. */
  | "wrong"
  /** The system refused to read a pack that may hold it, and there is no file of its own. */
  | "unreadable"
  | "missing"
  /** Something else than a file has its name. */
  | "other";

/** A folder that is held open, and its real path. */
export interface HeldRoot {
  readonly fd: number;
  readonly real: readonly string[];
}

/** A root as data for any thread. */
export function holdRoot({ dir, real }: AnchoredRoot): HeldRoot {
  return { fd: dir.fd, real };
}

/** The same root in another thread, whose descriptor stays open. */
export function reachRoot({ fd, real }: HeldRoot, fs: FileSystem): AnchoredRoot {
  return new AnchoredRoot(new AnchoredDir(fd, pathOfComponents(real), fs), real, FEW_OPEN_FOLDERS);
}

/** The store's open folders, as data for any thread. */
export interface HeldObjects {
  readonly objects: HeldRoot | undefined;
  readonly packs: PackCatalog | undefined;
}

/** An open store. The caller that opened it closes it. */
export class StoredObjects implements Disposable {
  /** Objects that are files. */
  readonly #objects: AnchoredRoot | undefined;
  readonly #fs: FileSystem;
  readonly #close: () => void;
  /** A digest in raw bytes, reused by every call. */
  readonly #raw: Buffer = Buffer.alloc(DIGEST_BYTES);
  #catalog: PackCatalog | undefined;
  #reader: PackReader | undefined;

  private constructor(
    objects: AnchoredRoot | undefined,
    catalog: PackCatalog | undefined,
    fs: FileSystem,
    close: () => void,
  ) {
    this.#objects = objects;
    this.#catalog = catalog;
    this.#fs = fs;
    this.#close = close;
  }

  /**
   * Opens the store of a project; `undefined` if it has none. Fails with STORE_UNUSABLE if a link or something else has the name
   * of one of its folders, and with READ_FAILED if one can't be read.
   */
  static open(
    project: AnchoredRoot,
    fs: FileSystem = nodeFileSystem,
  ): Result<StoredObjects | undefined, OperationFault> {
    const opened = openStore(project);
    if (!opened.ok) return opened;
    const objects = opened.value;
    const packs = openPacks(project, fs);
    if (!packs.ok) {
      objects?.close();
      return packs;
    }
    if (objects === undefined && packs.value === undefined) return ok(undefined);
    const { catalog, dir } = packs.value ?? {};
    const close = (): void => {
      objects?.close();
      dir?.close();
    };
    return ok(new StoredObjects(objects, catalog, fs, close));
  }

  /** The same store in another thread, whose descriptors stay open. */
  static at({ objects, packs }: HeldObjects, fs: FileSystem): StoredObjects {
    const root = objects && reachRoot(objects, fs);
    return new StoredObjects(root, packs, fs, () => root?.closeFolders());
  }

  /** The packs as they were listed last; undefined without a folder of packs. */
  get packs(): PackCatalog | undefined {
    return this.#catalog;
  }

  /** For `at`. */
  hold(): HeldObjects {
    return { objects: this.#objects && holdRoot(this.#objects), packs: this.#catalog };
  }

  /** The folder below which objects that are files have their paths; without one, the folder of packs, where no object has a path. */
  get root(): AnchoredRoot {
    const { folder } = this.#catalog ?? {};
    if (this.#objects !== undefined) return this.#objects;
    if (folder === undefined) throw new TypeError("a store has a folder");
    const real = pathComponents(folder.path);
    return new AnchoredRoot(new AnchoredDir(folder.fd, folder.path, this.#fs), real);
  }

  /** Lists the packs again if their folder has changed: a collection moves objects. Gives whether it had. Throws what the system says. */
  relist(): boolean {
    if (this.#catalog === undefined || !hasChanged(this.#catalog, this.#fs)) return false;
    this.#catalog = listPacks(this.#catalog.folder, this.#fs);
    this.#reader?.close();
    this.#reader = undefined;
    return true;
  }

  /** The size of an object in bytes, or what has its name. Nothing is opened or hashed. Throws what the system says. */
  find(digest: HexDigest): number | "missing" | "other" {
    const found = this.#find(digest);
    return found === "missing" && this.relist() ? this.#find(digest) : found;
  }

  /** The same; a record in a pack counts as a file. */
  kindOf(digest: HexDigest): SourceKind {
    const found = this.find(digest);
    return typeof found === "number" ? "file" : found;
  }

  /** Opens an object; of a file, the caller hashes what it reads, and closes it. Throws what the system says otherwise. */
  open(digest: HexDigest): OpenObject {
    const found = this.#open(digest);
    return found === "missing" && this.relist() ? this.#open(digest) : found;
  }

  /** What lstat says of an object's own file; one in a pack has none. Throws what the system says. */
  findFile(digest: HexDigest): ReturnType<typeof findObject> {
    return this.#objects === undefined ? "missing" : findObject(this.#objects, digest);
  }

  close(): void {
    this.#reader?.close();
    this.#reader = undefined;
    this.#close();
  }

  [Symbol.dispose](): void {
    this.close();
  }

  #find(digest: HexDigest): number | "missing" | "other" {
    const packed = this.#packReader?.sizeOf(this.#rawOf(digest), 0);
    if (packed !== undefined) return packed;
    const found = this.findFile(digest);
    return typeof found === "string" ? found : Number(found.size);
  }

  #open(digest: HexDigest): OpenObject {
    const packed = this.#packReader?.read(this.#rawOf(digest), 0);
    if (packed?.kind === "bytes") return { content: packed.bytes };
    const own = this.#objects === undefined ? "missing" : openObject(this.#objects, digest, this.#fs);
    return own === "missing" && (packed?.kind === "wrong" || packed?.kind === "unreadable")
      ? packed.kind
      : own;
  }

  #rawOf(digest: HexDigest): Buffer {
    this.#raw.write(digest, "hex");
    return this.#raw;
  }

  get #packReader(): PackReader | undefined {
    if (this.#catalog !== undefined) this.#reader ??= new PackReader(this.#catalog, this.#fs);
    return this.#reader;
  }
}

interface OpenPacks {
  readonly dir: AnchoredDir;
  readonly catalog: PackCatalog;
}

function openPacks(project: AnchoredRoot, fs: FileSystem): Result<OpenPacks | undefined, OperationFault> {
  let dir: AnchoredDir | undefined;
  let isListed = false;
  try {
    dir = enterOwn(project, PACKS_COMPONENTS);
    if (dir === undefined) return ok(undefined);
    const catalog = listPacks(packFolderOf(project, dir), fs);
    isListed = true;
    return ok({ dir, catalog });
  } catch (thrown) {
    return packsFault(reasonOf(thrown), "READ_FAILED");
  } finally {
    if (!isListed) dir?.close();
  }
}

/**
 * Acts on the folder of packs of a project, and closes it afterwards; gives what the act gives, and `undefined` without such a folder. Fails
 * with STORE_UNUSABLE or the code where the system refuses something.
 */
export async function usePacks(
  project: AnchoredRoot,
  code: "READ_FAILED" | "WRITE_FAILED",
  act: (folder: PackFolder) => Promise<OperationFault | undefined>,
): Promise<OperationFault | undefined> {
  try {
    using dir = enterOwn(project, PACKS_COMPONENTS);
    return dir && (await act(packFolderOf(project, dir)));
  } catch (thrown) {
    return packsFault(reasonOf(thrown), code);
  }
}

/** A project's folder of packs, for any thread. */
export function packFolderOf(project: AnchoredRoot, dir: AnchoredDir): PackFolder {
  return { fd: dir.fd, path: pathOfComponents([...project.real, ...PACKS_COMPONENTS]) };
}

/** The fault for a system error of the folder of packs. */
export function packsFault(reason: MachineReason, code: "READ_FAILED" | "WRITE_FAILED"): OperationFault {
  return storeFault(reason, code, PACKS_FOLDER);
}
