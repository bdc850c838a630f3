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
import type { FileSystem } from "../../../system/files/file-system.ts";
import { OwnFolder } from "../../../system/files/made-entry.ts";
import { errnoOf, machineReason } from "../../../system/runtime/machine-reason.ts";
import { beginCleaning, beginMany } from "../../../system/runtime/progress.ts";
import { isWindows } from "../../../system/runtime/this-system.ts";
import { syncFolderModes, type WantedMode } from "../../transaction/folder-access.ts";
import { NO_CHANGES, type RestoreOrigin } from "../../transaction/journal/journal.ts";
import { writeJournal } from "../../transaction/journal/journal-file.ts";
import { OWNER_BITS, stickyMode } from "../../transaction/journal/journal-kinds.ts";
import { components, folderOf, type MovedFolders, nameOf } from "../../transaction/journal/places.ts";
import { probeTree } from "../../transaction/journal/probe-tree.ts";
import { STAGED, Staging, stagingName } from "../../transaction/journal/staging.ts";
import type { TransactionEnd } from "../../transaction/journal/transaction-end.ts";
import type { RestoreFailure } from "../../transaction/restore-failure.ts";
import { type Executed, runStep, runTransaction, type Step } from "../../transaction/run-transaction.ts";
import { checkEntries } from "../../transaction/work/check-entries.ts";
import type { EntryFolder, EntryWork } from "../../transaction/work/entry-work.ts";
import { probeNames } from "../../transaction/work/probe-names.ts";
import { stageEntries, syncEntries } from "../../transaction/work/stage-entries.ts";
import { endNewRoot } from "./end-new-root.ts";

/** The place of a new root. */
export interface NewPlace {
  /** The folder that is to hold it. */
  readonly parent: AnchoredDir;
  /** The path by which the caller named that folder. */
  readonly parentPath: string;
  readonly name: string;
}

/** What to restore into which new folder. */
export interface NewRootRequest extends EntryWork {
  readonly place: NewPlace;
  readonly origin: RestoreOrigin;
  /** The key of the journal's MAC. */
  readonly key: SecretBytes;
}

/**
 * Restores into a new root. Fails with RESTORE_SOURCE_MISSING or RESTORE_STAGING_HASH_MISMATCH, and otherwise as a transaction in a
 * folder that exists. Throws an Interruption when the signal fired and nothing is left.
 */
export async function restoreIntoNewRoot(
  request: NewRootRequest,
  fs: FileSystem,
): Promise<Executed | RestoreFailure> {
  using root = new NewRoot(request, fs);
  const steps: readonly Step[] = [
    ["EXECUTE", "RESTORE_INTERNAL_ERROR", () => root.begin()],
    ["EXECUTE", "RESTORE_INTERNAL_ERROR", () => root.fill()],
    ["EXECUTE", "RESTORE_INTERNAL_ERROR", () => syncEntries(request, root.folder, fs)],
    ["VERIFY", "RESTORE_INTERNAL_ERROR", () => checkEntries(request, root.folder, fs)],
    ["VERIFY", "RESTORE_FINALIZE_FAILED", () => root.commit()],
  ];
  return await runTransaction(steps, () => root.end());
}

/** One restore into a new root. */
class NewRoot implements Disposable {
  readonly #request: NewRootRequest;
  readonly #fs: FileSystem;
  readonly #staging: Staging;
  readonly #folder = new OwnFolder();
  readonly #made = new Set<string>();
  #tree: AnchoredRoot | undefined;
  #isTreeMade = false;
  #isCommitted = false;

  constructor(request: NewRootRequest, fs: FileSystem) {
    this.#request = request;
    this.#fs = fs;
    this.#staging = new Staging(request.place.parent, stagingName("new"), fs);
  }

  /** Makes the staging folder, the tree in it, and the journal: from here on, a recovery knows what to do. */
  async begin(): Promise<RestoreFault | undefined> {
    const { key, origin, place } = this.#request;
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
    const journal = { act: "new-root", origin: { ...origin, name: place.name }, ...NO_CHANGES } as const;
    const isWritten = writeJournal(this.#staging, journal, key, this.#fs);
    return isWritten ? undefined : restoreFault("EXECUTE", "RESTORE_INTERNAL_ERROR");
  }

  #probe(): RestoreFault | undefined {
    const { entries } = this.#request;
    const lacks = probeTree(this.#staging, { ...entries.needs(() => false), hardLinks: false }, this.#fs);
    return lacks ?? probeNames(this.#staging, entries);
  }

  /** The tree. Everything is staged at its place, which no other user can see. */
  get folder(): EntryFolder {
    if (this.#tree === undefined) throw new TypeError("a root is filled after it was made");
    return { root: this.#tree, moved: NOTHING_MOVED };
  }

  /** Makes all folders, then all files. In a folder that was empty a name is taken only if the file system takes another one for it, as in another normalization. */
  async fill(): Promise<RestoreFault | undefined> {
    const fault = await runStep("EXECUTE", "RESTORE_INTERNAL_ERROR", () => {
      this.#makeFolders();
      return stageEntries(this.#request, this.folder, this.#fs);
    });
    const isTaken = fault?.code === "RESTORE_INTERNAL_ERROR" && fault.details.reason === "already-there";
    if (!isTaken) return fault;
    return restoreFault("EXECUTE", "RESTORE_FINALIZE_FAILED", { ...fault.details, reason: "no-such-name" });
  }

  /** Several threads would make the same folder. */
  #makeFolders(): void {
    const { entries } = this.#request;
    let last: string | undefined;
    for (let index = 0; index < entries.length; index++) {
      const folder = folderOf(entries.path(index));
      if (folder !== last) this.#makeFolder(folder);
      last = folder;
    }
    for (const folder of entries.trees.emptyFolders) this.#makeFolder(folder);
  }

  /** Makes a folder and those above it, unless they are made already. */
  #makeFolder(folder: string): void {
    if (folder === "" || this.#made.has(folder)) return;
    this.#makeFolder(folderOf(folder));
    const mode = this.#request.entries.trees.modeOf(folder) === undefined ? 0o777 : OWNER_BITS;
    this.folder.root.holder(folder).mkdir(nameOf(folder), mode);
    this.#made.add(folder);
  }

  /** Makes everything durable, and gives the tree its name. */
  commit(): RestoreFault | undefined {
    const { entries, place, progress } = this.#request;
    const { parent, parentPath, name } = place;
    const { root } = this.folder;
    beginMany(progress, "commit", entries.length);
    for (let index = 0; index < entries.passing; index++) root.dir.unlink(entries.path(index));
    const modes = new Map<string, WantedMode>();
    for (const folder of this.#made) {
      const mode = entries.trees.modeOf(folder);
      if (mode !== undefined) modes.set(folder, { known: undefined, wanted: stickyMode(mode, OWNER_BITS) });
    }
    // [tree-dirs] Everything in the tree is durable before the tree appears.
    syncFolderModes(["", ...this.#made], modes, (folder) => root.folder(components(folder)), this.#fs);
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
    const { parent, name } = this.#request.place;
    try {
      this.#move();
    } catch (thrown) {
      // A call may take effect and fail all the same.
      if (machineReason(thrown) === undefined || !this.#folder.isAt(parent, name)) throw thrown;
    }
  }

  /** Programs that look for viruses open new files for a moment, and Windows refuses to move the folder until they have closed them. */
  #move(): void {
    const { parent, name } = this.#request.place;
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

  /** Cleans up after a commit, else rolls back. */
  end(): TransactionEnd {
    const { entries, place, progress } = this.#request;
    const { name, parent } = place;
    beginCleaning(progress, entries.length);
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
}

const NOTHING_MOVED: MovedFolders = new Map();

function notFinal(): RestoreFault {
  return restoreFault("VERIFY", "RESTORE_FINALIZE_FAILED");
}
