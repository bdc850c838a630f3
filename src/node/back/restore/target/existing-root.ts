/**
 * A restore into an existing root: a transaction with a lock, a journal and a marker, in the order of
 * SECURITY 3. The fsyncs are named as there; test/faults shows that each is needed.
 *
 * @module
 */

import { makeListing, type RestoreFault, restoreFault } from "../../../../core/internal.ts";
import type { SecretBytes } from "../../../keys/secret-bytes.ts";
import { stillLeadsTo } from "../../../system/files/anchored-dir.ts";
import { AnchoredRoot } from "../../../system/files/anchored-root.ts";
import { type FileSystem, OPEN_SOURCE } from "../../../system/files/file-system.ts";
import { OwnFolder } from "../../../system/files/made-entry.ts";
import { errnoOf, reasonOf } from "../../../system/runtime/machine-reason.ts";
import { type Journal, NO_CHANGES, type RestoreOrigin } from "../../transaction/journal/journal.ts";
import { writeJournal } from "../../transaction/journal/journal-file.ts";
import { LockedStaging } from "../../transaction/journal/locked-staging.ts";
import {
  components,
  findPlaces,
  folderOf,
  foldersOf,
  type MovedFolders,
  nameOf,
  placeOf,
} from "../../transaction/journal/places.ts";
import { PROBED_NAMES, probeTree } from "../../transaction/journal/probe-tree.ts";
import { type Staging, stagedName } from "../../transaction/journal/staging.ts";
import type { TransactionEnd } from "../../transaction/journal/transaction-end.ts";
import type { MakeEntry } from "../../transaction/output-file.ts";
import { type FileQueue, isOurs } from "../work/file-queue.ts";
import type { HeldFiles } from "../work/output-task.ts";
import type { Destination, Standing } from "./destination.ts";
import { endTransaction } from "./end-transaction.ts";
import type { Entries } from "./entries.ts";
import { setFolderModes, setTreeFolderMode } from "./folder-modes.ts";

/** One transaction in one root. */
export class ExistingRoot implements Destination, Disposable {
  readonly createsByName = false;
  readonly #locked: LockedStaging;
  readonly #root: AnchoredRoot;
  readonly #path: string;
  readonly #entries: Entries;
  readonly #origin: RestoreOrigin;
  readonly #key: SecretBytes | undefined;
  readonly #fs: FileSystem;
  readonly #afresh: AnchoredRoot;
  #journal: Journal | undefined;
  #staged = 0;
  #shared: FileQueue | undefined;
  #folders: readonly OwnFolder[] = [];
  #moved: MovedFolders = new Map();

  /** `path` is how the caller named the root. Without a `key` no journal can be declared. */
  constructor(
    root: AnchoredRoot,
    path: string,
    entries: Entries,
    origin: RestoreOrigin,
    key: SecretBytes | undefined,
    fs: FileSystem,
  ) {
    this.#locked = new LockedStaging(root.dir, fs);
    this.#root = root;
    this.#path = path;
    this.#entries = entries;
    this.#origin = origin;
    this.#key = key;
    this.#fs = fs;
    // A folder that is open since files were put in place may have been moved.
    this.#afresh = new AnchoredRoot(root.dir, root.real);
  }

  /** The staging folder. */
  get staging(): Staging {
    return this.#locked.staging;
  }

  /**
   * Fails with RESTORE_BUSY if another process is working in this root, and with RESTORE_FINALIZE_FAILED if the
   * file system has no hard links: before files are copied that could not be put in place.
   */
  begin(): Promise<RestoreFault | undefined> {
    return this.#locked.begin(() => this.#probe());
  }

  #probe(): RestoreFault | undefined {
    const { links, trees } = this.#entries;
    if (!trees.isAny) return undefined;
    this.#staged = PROBED_NAMES;
    const needs = { links: this.#entries.length > links, hardLinks: true, modes: trees.checksModes };
    const fault = probeTree(this.staging, needs, this.#fs);
    this.#staged = 0;
    return fault;
  }

  /** Nothing to do: links are staged where nothing is written through them. */
  makeReadyForLinks(): undefined {
    return undefined;
  }

  create<Value>(index: number, make: MakeEntry<Value>): Value {
    // A call may take effect and fail all the same. But if the name was taken, another process made the file.
    this.#staged = index + 1;
    try {
      return make(this.staging.dir, stagedName(index));
    } catch (thrown) {
      if (errnoOf(thrown) === "EEXIST") this.#staged = index;
      throw thrown;
    }
  }

  share(queue: FileQueue): void {
    this.#shared = queue;
  }

  /** The numbers of this process's staged files are below this one. */
  get #stagedEnd(): number {
    return this.#shared === undefined ? this.#staged : this.#entries.length;
  }

  /** Whether this process made a staged file. */
  #isStaged(index: number): boolean {
    const { artifacts, passing } = this.#entries;
    if (this.#shared === undefined || index < passing || index >= artifacts) return index < this.#staged;
    return isOurs(this.#shared, index - passing);
  }

  staged(): HeldFiles {
    return { fd: this.staging.dir.fd, staged: this.#entries.passing };
  }

  placed(): HeldFiles {
    return { fd: this.#root.dir.fd, moved: this.#moved };
  }

  address(index: number): string {
    return this.staging.address(stagedName(index));
  }

  prepare(): RestoreFault | undefined {
    const { length, passing, trees } = this.#entries;
    const paths = makeListing(length, (index) => this.#entries.path(index));
    const followsLinks = (path: string): boolean => !trees.isInTree(path);
    const places = findPlaces(this.#root, paths, followsLinks, trees.emptyFolders);
    if (!("folders" in places)) return noPlace(places.path, "not-a-folder");
    const { folders, moved } = places;
    const appeared = this.#findAppeared(folders);
    if (appeared !== undefined) return noPlace(appeared, "already-there");
    this.#moved = moved;
    const put = makeListing(length, (index) => placeOf(this.#entries.path(index), moved));
    const digests = makeListing(length, (index) => this.#entries.digest(index));
    const columns = { ...NO_CHANGES, mkdir: folders, put, digests, passing };
    return this.#declare({ act: "restore", origin: this.#origin, ...columns });
  }

  /** An empty folder that another process made after the plan: RESTORE_TREE.json would claim it for this restore. */
  #findAppeared(missing: readonly string[]): string | undefined {
    const { trees } = this.#entries;
    if (trees.emptyFolders.length === 0) return undefined;
    const toMake = new Set(missing);
    for (const path of trees.emptyFolders) {
      if (!toMake.has(path) && !trees.isExisting(path)) return path;
    }
    return undefined;
  }

  /** Makes the intent durable: from here on, a recovery rolls back. Throws what the system says. */
  #declare(journal: Journal): RestoreFault | undefined {
    if (this.#key === undefined) throw new TypeError("a journal is declared with a key");
    this.#journal = journal;
    this.#folders = journal.mkdir.map(() => new OwnFolder());
    const isWritten = writeJournal(this.staging, journal, this.#key, this.#fs);
    if (!isWritten) return restoreFault("EXECUTE", "RESTORE_INTERNAL_ERROR");
    // [root-after-staging] If the staging folder were lost, the record of the next steps would be lost with it.
    this.#fs.fsyncSync(this.#root.dir.fd);
    return undefined;
  }

  makeFolders(): RestoreFault | undefined {
    for (const [index, place] of this.#journal?.mkdir.entries() ?? []) {
      try {
        const parent = this.#root.folder(components(folderOf(place)));
        this.#folders[index]?.make(parent, nameOf(place), 0o777);
        if (!this.#entries.trees.isInTree(place)) continue;
        const made = this.#root.folder(components(place));
        if (!setTreeFolderMode(made, this.#fs)) return noPlace(place, "already-there");
      } catch (thrown) {
        return restoreFault("EXECUTE", "RESTORE_FINALIZE_FAILED", { path: place, reason: reasonOf(thrown) });
      }
    }
    return undefined;
  }

  put(index: number): void {
    const place = this.#place(index);
    const parent = this.#root.holder(place);
    // link(2) creates a name or fails: it can't replace a file that appeared meanwhile (H-03).
    this.staging.dir.link(stagedName(index), parent, nameOf(place));
  }

  open(index: number): number {
    const place = this.#place(index);
    const parent = this.#afresh.holder(place);
    return parent.open(nameOf(place), OPEN_SOURCE);
  }

  stand(path: string): Standing {
    return { dir: this.#afresh.holder(path), name: nameOf(path) };
  }

  commit(): RestoreFault | undefined {
    const { mkdir: folders, put: files } = this.#journal ?? NO_CHANGES;
    const { trees } = this.#entries;
    // Of a tree, the modes of folders count too, also of those that stay empty.
    const ofTrees = folders.filter((folder) => trees.isInTree(folder));
    // [target-dirs] The names are durable before the marker says so.
    for (const folder of new Set([...foldersOf(files), ...foldersOf(folders), ...ofTrees])) {
      this.#fs.fsyncSync(this.#root.folder(components(folder)).fd);
    }
    const made = new Set(folders);
    const modes = trees.folderModes.filter(({ path }) => made.has(path));
    setFolderModes(modes, (path) => this.#root.folder(components(path)), this.#fs);
    // If the root was moved while it was open, its files are not where the user expects them.
    if (!stillLeadsTo(this.#path, this.#root.dir, this.#fs)) {
      return restoreFault("VERIFY", "RESTORE_FINALIZE_FAILED");
    }
    this.#locked.commit();
    return undefined;
  }

  end(): TransactionEnd {
    const ended = endTransaction({
      root: this.#root,
      staging: this.staging,
      journal: this.#journal,
      folders: this.#folders,
      staged: { end: this.#stagedEnd, has: (index) => this.#isStaged(index) },
      isCommitted: this.#locked.isCommitted,
      fs: this.#fs,
    });
    return this.#locked.release(ended);
  }

  close(): void {
    this.#afresh.closeFolders();
    this.#locked.close();
  }

  [Symbol.dispose](): void {
    this.close();
  }

  #place(index: number): string {
    const place = this.#journal?.put.at(index);
    if (place === undefined) throw new TypeError("a file is put in place after the journal says where");
    return place;
  }
}

function noPlace(path: string, reason: "already-there" | "not-a-folder"): RestoreFault {
  return restoreFault("EXECUTE", "RESTORE_FINALIZE_FAILED", { path, reason });
}
