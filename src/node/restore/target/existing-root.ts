/**
 * A restore into a root that is there: a transaction with a lock, a journal and a marker, in the order of
 * SECURITY 3. The fsyncs are named as there; test/faults shows that each is needed.
 *
 * @module
 */

import { makeListing, type RestoreFault, restoreFault } from "../../../core/internal.ts";
import { stillLeadsTo } from "../../files/anchored-dir.ts";
import { AnchoredRoot } from "../../files/anchored-root.ts";
import { type FileSystem, OPEN_SOURCE } from "../../files/file-system.ts";
import { OwnFolder } from "../../files/own-entry.ts";
import type { SecretBytes } from "../../keys/secret-bytes.ts";
import type { OwnerSocket } from "../../locks/owner-socket.ts";
import { runSteps, type Steps } from "../../runtime/interruption.ts";
import { errnoOf, machineReason, reasonOf } from "../../runtime/machine-reason.ts";
import { announce } from "../journal/announce.ts";
import { encodeJournal, type Journal, type RestoreOrigin } from "../journal/journal.ts";
import { writeJournal } from "../journal/journal-file.ts";
import { beginJournalMac } from "../journal/journal-mac.ts";
import {
  components,
  findPlaces,
  folderOf,
  foldersOf,
  type MovedFolders,
  nameOf,
  placeOf,
} from "../journal/places.ts";
import { RootLock } from "../journal/root-lock.ts";
import { type Settled, settleInSteps } from "../journal/settle.ts";
import { stagedName } from "../journal/staged-name.ts";
import { STAGED, Staging, stagingName } from "../journal/staging.ts";
import { type FileBoard, isOurs } from "../work/file-board.ts";
import type { HeldFiles } from "../work/work-order.ts";
import type { Destination } from "./destination.ts";
import type { Entries } from "./entries.ts";

/** One transaction in one root. */
export class ExistingRoot implements Destination {
  readonly staging: Staging;
  readonly #root: AnchoredRoot;
  readonly #path: string;
  readonly #entries: Entries;
  readonly #origin: RestoreOrigin;
  readonly #key: SecretBytes | undefined;
  readonly #fs: FileSystem;
  readonly #lock: RootLock;
  readonly #afresh: AnchoredRoot;
  #owner: OwnerSocket | undefined;
  #journal: Journal | undefined;
  #staged = 0;
  #shared: FileBoard | undefined;
  #isCommitted = false;
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
    this.staging = new Staging(root.dir, stagingName("staging"), fs);
    this.#root = root;
    this.#path = path;
    this.#entries = entries;
    this.#origin = origin;
    this.#key = key;
    this.#fs = fs;
    this.#lock = new RootLock(root.dir, fs);
    // A folder that is still open from the placing may stand elsewhere by now.
    this.#afresh = new AnchoredRoot(root.dir, root.real, fs);
  }

  /**
   * Fails with RESTORE_BUSY where somebody else is at work in this root, and with RESTORE_FINALIZE_FAILED
   * where the file system has no hard links: before anything is copied, which could not be put in place.
   */
  async begin(): Promise<RestoreFault | undefined> {
    this.staging.make();
    try {
      this.#owner = await announce(this.staging);
      if (this.#owner !== undefined && (await this.#lock.acquire(this.staging))) return undefined;
    } catch (thrown) {
      if (!hasNoLinks(thrown)) throw thrown;
      return restoreFault("EXECUTE", "RESTORE_FINALIZE_FAILED", { reason: "no-hard-links" });
    }
    return restoreFault("EXECUTE", "RESTORE_BUSY");
  }

  /** Gives a file that is there a second name in staging, for an undo. Throws what the system says. */
  hold(index: number, address: string): void {
    this.create(index, (staged) => this.#fs.linkSync(address, staged));
  }

  create<Value>(index: number, make: (address: string) => Value): Value {
    // A call may do its work and fail all the same; but what bore the name already is somebody else's.
    this.#staged = index + 1;
    try {
      return make(this.address(index));
    } catch (thrown) {
      if (errnoOf(thrown) === "EEXIST") this.#staged = index;
      throw thrown;
    }
  }

  share(board: FileBoard): void {
    this.#shared = board;
  }

  /** No staged file of ours has this number, or one above. */
  get #stagedEnd(): number {
    return this.#shared === undefined ? this.#staged : this.#entries.length;
  }

  /** Whether a staged file's name was given by us, or by a thread of ours. */
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
    const { length, passing } = this.#entries;
    const paths = makeListing(length, (index) => this.#entries.path(index));
    const places = findPlaces(this.#root, paths);
    if (!("folders" in places)) return noPlace(places.path);
    const { folders, moved } = places;
    this.#moved = moved;
    const files = makeListing(length, (index) => placeOf(this.#entries.path(index), moved));
    return this.declare({ act: "restore", origin: this.#origin, folders, files, passing });
  }

  /** Makes the intent durable: from here on, recovery undoes. Throws what the system says. */
  declare(journal: Journal): RestoreFault | undefined {
    if (this.#key === undefined) throw new TypeError("a journal is declared with a key");
    const pieces = encodeJournal(journal, beginJournalMac(this.#key, this.staging.binding()));
    if (pieces === undefined) return restoreFault("EXECUTE", "RESTORE_INTERNAL_ERROR");
    this.#journal = journal;
    this.#folders = journal.folders.map(() => new OwnFolder());
    // [held-names] Before there is a journal: by an undo, a file without a staged name is one that has gone already.
    if (journal.act === "undo") this.staging.sync();
    writeJournal(this.staging, pieces, this.#fs);
    // [root-after-staging] If the folder itself were lost, so were the record of what comes now.
    this.#fs.fsyncSync(this.#root.dir.fd);
    return undefined;
  }

  /** Takes back what was declared, of which nothing was done: `settle` only cleans up. Throws what the system says. */
  giveUp(): void {
    if (this.#journal !== undefined) this.staging.unlink(STAGED.journal);
  }

  makeFolders(): RestoreFault | undefined {
    for (const [index, place] of this.#journal?.folders.entries() ?? []) {
      try {
        const parent = this.#root.folder(components(folderOf(place)));
        this.#folders[index]?.make(parent, nameOf(place), 0o777, this.#fs);
      } catch (thrown) {
        return restoreFault("EXECUTE", "RESTORE_FINALIZE_FAILED", { path: place, reason: reasonOf(thrown) });
      }
    }
    return undefined;
  }

  put(index: number): void {
    const place = this.#place(index);
    const parent = this.#root.holder(place);
    // link(2) creates a name or fails: it cannot replace anything, whatever appeared meanwhile (H-03).
    this.#fs.linkSync(this.address(index), parent.address(nameOf(place)));
  }

  open(index: number): number {
    const place = this.#place(index);
    const parent = this.#afresh.holder(place);
    return this.#fs.openSync(parent.address(nameOf(place)), OPEN_SOURCE);
  }

  arrive(): RestoreFault | undefined {
    const { files = [], folders = [] } = this.#journal ?? {};
    // [target-dirs] The names are durable before anything says that they are.
    for (const folder of new Set([...foldersOf(files), ...foldersOf(folders)])) {
      this.#fs.fsyncSync(this.#root.folder(components(folder)).fd);
    }
    // A root that was moved away while it was held open would be filled where nobody looks for it.
    if (!stillLeadsTo(this.#path, this.#root.dir, this.#fs)) {
      return restoreFault("VERIFY", "RESTORE_FINALIZE_FAILED");
    }
    this.#commit();
    return undefined;
  }

  /** COMMIT. From here on, recovery goes on; `settle` makes the marker durable. */
  #commit(): void {
    try {
      this.staging.mark(STAGED.committed);
    } catch (thrown) {
      // A call may do its work and fail all the same: then it is for `settle` to say what is certain.
      if (machineReason(thrown) === undefined || this.staging.look(STAGED.committed) === undefined)
        throw thrown;
    }
    this.#isCommitted = true;
  }

  settle(): Settled {
    return runSteps(this.settleInSteps());
  }

  /** The same, with pauses as `settleInSteps` has them. */
  *settleInSteps(): Steps<Settled> {
    const settled = yield* settleInSteps({
      root: this.#root,
      staging: this.staging,
      journal: this.#journal,
      folders: this.#journal?.act === "undo" ? undefined : this.#folders,
      staged: { end: this.#stagedEnd, has: (index) => this.#isStaged(index) },
      isCommitted: this.#isCommitted,
      fs: this.#fs,
    });
    const released = this.#lock.release();
    if (released || settled.state === "in-doubt" || settled.state === "unresolved") return settled;
    return { ...settled, clean: false };
  }

  close(): void {
    this.#afresh.closeFolders();
    this.#owner?.close();
    this.staging.close();
  }

  #place(index: number): string {
    const place = this.#journal?.files.at(index);
    if (place === undefined) throw new TypeError("a file is put in place after the journal says where");
    return place;
  }
}

/**
 * Whether a socket or a second name for it can't be had where a folder just could: a file system without
 * the one, such as exFAT, has none of the other either.
 */
function hasNoLinks(thrown: unknown): boolean {
  const isRefusal = ["EPERM", "ENOSYS"].includes(errnoOf(thrown) ?? "");
  return machineReason(thrown) === "no-hard-links" || isRefusal;
}

function noPlace(path: string): RestoreFault {
  return restoreFault("EXECUTE", "RESTORE_FINALIZE_FAILED", { path, reason: "not-a-folder" });
}
