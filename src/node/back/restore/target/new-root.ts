/**
 * A restore into a new root: its tree is filled beside its place, in a folder that is closed to other users, and
 * appears by one rename (PROTOCOL 13.9). It needs no hard links.
 *
 * @module
 */

import { type RestoreFault, restoreFault } from "../../../../core/internal.ts";
import type { SecretBytes } from "../../../keys/secret-bytes.ts";
import { type AnchoredDir, canAnchor, stillLeadsTo } from "../../../system/files/anchored-dir.ts";
import { AnchoredRoot } from "../../../system/files/anchored-root.ts";
import { type FileSystem, OPEN_SOURCE } from "../../../system/files/file-system.ts";
import { OwnFolder } from "../../../system/files/made-entry.ts";
import { errnoOf, machineReason } from "../../../system/runtime/machine-reason.ts";
import { isWindows } from "../../../system/runtime/this-system.ts";
import { NO_CHANGES, type RestoreOrigin } from "../../transaction/journal/journal.ts";
import { writeJournal } from "../../transaction/journal/journal-file.ts";
import { components, folderOf, nameOf } from "../../transaction/journal/places.ts";
import { probeTree } from "../../transaction/journal/probe-tree.ts";
import { STAGED, Staging, stagingName } from "../../transaction/journal/staging.ts";
import type { TransactionEnd } from "../../transaction/journal/transaction-end.ts";
import type { MakeEntry } from "../../transaction/output-file.ts";
import type { HeldFiles } from "../work/output-task.ts";
import type { Destination, Standing } from "./destination.ts";
import { endNewRoot } from "./end-new-root.ts";
import type { Entries } from "./entries.ts";
import { setFolderModes, setTreeFolderMode } from "./folder-modes.ts";

/** The place of a new root. */
export interface NewPlace {
  /** The folder that is to hold it. */
  readonly parent: AnchoredDir;
  /** The path by which the caller named that folder. */
  readonly parentPath: string;
  readonly name: string;
}

/** One restore into a new root. */
export class NewRoot implements Destination {
  readonly createsByName = true;
  readonly #place: NewPlace;
  readonly #entries: Entries;
  readonly #origin: RestoreOrigin;
  readonly #key: SecretBytes;
  readonly #fs: FileSystem;
  readonly #staging: Staging;
  readonly #folder = new OwnFolder();
  readonly #made = new Set<string>();
  #tree: AnchoredRoot | undefined;
  #isTreeMade = false;
  #isCommitted = false;

  constructor(place: NewPlace, entries: Entries, origin: RestoreOrigin, key: SecretBytes, fs: FileSystem) {
    this.#place = place;
    this.#entries = entries;
    this.#origin = { ...origin, name: place.name };
    this.#key = key;
    this.#fs = fs;
    this.#staging = new Staging(place.parent, stagingName("new"), fs);
  }

  async begin(): Promise<RestoreFault | undefined> {
    this.#staging.make();
    await this.#announce();
    const { dir } = this.#staging;
    this.#folder.make(dir, STAGED.tree, 0o777);
    this.#tree = AnchoredRoot.adopt(dir.enter(STAGED.tree), this.#staging.address(STAGED.tree));
    this.#isTreeMade = true;
    const fault = this.#probe();
    if (fault !== undefined) return fault;
    // [tree-name] A journal without a tree means that the tree was renamed to its place.
    this.#staging.sync();
    const journal = { act: "new-root", origin: this.#origin, ...NO_CHANGES } as const;
    const isWritten = writeJournal(this.#staging, journal, this.#key, this.#fs);
    return isWritten ? undefined : restoreFault("EXECUTE", "RESTORE_INTERNAL_ERROR");
  }

  #probe(): RestoreFault | undefined {
    const { length, links, trees } = this.#entries;
    if (!trees.isAny) return undefined;
    const needs = { links: length > links, hardLinks: false, modes: trees.checksModes };
    return probeTree(this.#staging, needs, this.#fs);
  }

  /** Makes the empty folders. Other folders are made when the first entry in them is created. */
  makeReadyForLinks(): undefined {
    for (const folder of this.#entries.trees.emptyFolders) this.#makeFolder(folder);
    return undefined;
  }

  create<Value>(index: number, make: MakeEntry<Value>): Value {
    const path = this.#entries.path(index);
    return make(this.#folderFor(path), nameOf(path));
  }

  /** Makes all folders: several threads would make the same one. */
  share(): void {
    const { length, passing } = this.#entries;
    let last: string | undefined;
    for (let index = passing; index < length; index++) {
      const path = this.#entries.path(index);
      const folder = folderOf(path);
      if (folder !== last) this.#folderFor(path);
      last = folder;
    }
  }

  staged(): HeldFiles {
    return { fd: this.#root.dir.fd, moved: new Map() };
  }

  placed(): HeldFiles {
    return this.staged();
  }

  address(index: number): string {
    const path = this.#entries.path(index);
    return this.#root.addressOf(path);
  }

  /** Nothing to do: `begin` wrote what a recovery needs. */
  prepare(): undefined {
    return undefined;
  }

  /** Nothing to do: a folder is made when the first file in it is created. */
  makeFolders(): undefined {
    return undefined;
  }

  /** Nothing to do: a file is created in its place, which no other user can see. */
  put(): void {
    return;
  }

  stand(path: string): Standing {
    return { dir: this.#root.holder(path), name: nameOf(path) };
  }

  open(index: number): number {
    const { dir, name } = this.stand(this.#entries.path(index));
    return dir.open(name, OPEN_SOURCE);
  }

  commit(): RestoreFault | undefined {
    const { parent, parentPath, name } = this.#place;
    for (let index = 0; index < this.#entries.passing; index++) {
      const { dir, name } = this.stand(this.#entries.path(index));
      dir.unlink(name);
    }
    // [tree-dirs] Everything in the tree is durable before the tree appears.
    for (const folder of ["", ...this.#made]) this.#fs.fsyncSync(this.#root.folder(components(folder)).fd);
    setFolderModes(this.#entries.trees.folderModes, (path) => this.#root.folder(components(path)), this.#fs);
    if (!stillLeadsTo(parentPath, parent, this.#fs)) return notFinal();
    // The rename itself can replace an empty folder only, if one appears at this moment.
    if (parent.has(name)) return { ...notFinal(), details: { reason: "already-there" } };
    // Windows moves no folder in which something is open.
    if (!canAnchor()) this.#closeTree();
    this.#rename();
    // Another user may have exchanged the folder, which then got the name instead.
    this.#isCommitted = this.#folder.isAt(parent, name);
    return this.#isCommitted ? undefined : notFinal();
  }

  /** COMMIT. */
  #rename(): void {
    const { parent, name } = this.#place;
    try {
      this.#move();
    } catch (thrown) {
      // A call may take effect and fail all the same.
      if (machineReason(thrown) === undefined || !this.#folder.isAt(parent, name)) throw thrown;
    }
  }

  /** Programs that look for viruses open new files for a moment, and Windows refuses to move the folder until they have closed them. */
  #move(): void {
    const { parent, name } = this.#place;
    for (let tries = isWindows ? 20 : 1; ; tries--) {
      try {
        this.#staging.dir.rename(STAGED.tree, parent, name);
        return;
      } catch (thrown) {
        if (tries === 1 || !["EACCES", "EBUSY", "EPERM"].includes(errnoOf(thrown) ?? "")) throw thrown;
        Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 100);
      }
    }
  }

  end(): TransactionEnd {
    const { name, parent } = this.#place;
    if (!canAnchor()) this.#closeTree();
    const tree = this.#isTreeMade ? { root: this.#tree, folder: this.#folder, name } : undefined;
    return endNewRoot({ parent, staging: this.#staging, tree, isCommitted: this.#isCommitted, fs: this.#fs });
  }

  [Symbol.dispose](): void {
    this.#tree?.close();
    this.#staging.close();
  }

  /** Without sockets, as on file systems without hard links, `recover` can't know whether this process lives. */
  async #announce(): Promise<void> {
    try {
      await this.#staging.announce();
    } catch (thrown) {
      const reason = machineReason(thrown);
      if (reason !== "no-permission" && reason !== "no-hard-links") throw thrown;
    }
  }

  #closeTree(): void {
    this.#tree?.close();
    this.#tree = undefined;
  }

  #folderFor(path: string): AnchoredDir {
    return this.#makeFolder(folderOf(path));
  }

  /** Makes a folder and those above it, unless they are made already. */
  #makeFolder(folder: string): AnchoredDir {
    if (folder === "" || this.#made.has(folder)) return this.#root.folder(components(folder));
    const parent = this.#folderFor(folder);
    // EEXIST means that this file system has the folder under another name, such as one in capitals.
    parent.mkdir(nameOf(folder), 0o777);
    this.#made.add(folder);
    const made = this.#root.folder(components(folder));
    if (this.#entries.trees.isInTree(folder)) setTreeFolderMode(made, this.#fs);
    return made;
  }

  get #root(): AnchoredRoot {
    if (this.#tree === undefined) throw new TypeError("a root is filled after it was made");
    return this.#tree;
  }
}

function notFinal(): RestoreFault {
  return restoreFault("VERIFY", "RESTORE_FINALIZE_FAILED");
}
