/**
 * A revert of a folder: a transaction with a lock, a journal and a marker. Whatever has a name that goes is renamed into staging first
 * and only then judged, so that a file that another process saved in that instant is found, and not lost.
 *
 * The fsyncs are named as in SECURITY 3; test/faults shows that each is needed.
 *
 * @module
 */

import { itemAt, type RestoreFault, type RevertPlan, restoreFault } from "../../../core/internal.ts";
import type { SecretBytes } from "../../keys/secret-bytes.ts";
import { stillLeadsTo } from "../../system/files/anchored-dir.ts";
import { AnchoredRoot } from "../../system/files/anchored-root.ts";
import type { FileSystem } from "../../system/files/file-system.ts";
import { OwnFolder } from "../../system/files/made-entry.ts";
import { runSteps } from "../../system/runtime/interruption.ts";
import { errnoOf } from "../../system/runtime/machine-reason.ts";
import { endTransaction } from "../restore/journal/end-transaction.ts";
import {
  makeFoldersWritable,
  setHeldMode,
  syncFolderModes,
  touchedFolders,
  type WantedMode,
  writableMode,
} from "../restore/journal/folder-access.ts";
import { type Journal, NO_BYTES, type RestoreOrigin } from "../restore/journal/journal.ts";
import { writeJournal } from "../restore/journal/journal-file.ts";
import { components, foldersOf, nameOf } from "../restore/journal/places.ts";
import { OWNER_BITS, type RevertRecord } from "../restore/journal/revert-record.ts";
import { heldName, movedName, type Staging, stagedName } from "../restore/journal/staging.ts";
import type { TransactionEnd } from "../restore/journal/transaction.ts";
import { LockedStaging } from "../restore/target/locked-staging.ts";
import { probeTree } from "../restore/target/probe-tree.ts";
import { faultOf } from "../restore/work/output-task.ts";
import { changedFault } from "./judge-moved.ts";
import { recordRevert } from "./record-modes.ts";

/** A journal with the record of a revert. */
type RevertJournal = Journal & { readonly revert: RevertRecord };

/** One transaction in one root. The calls are made in the order of the methods. */
export class RevertRoot implements Disposable {
  readonly #locked: LockedStaging;
  readonly #root: AnchoredRoot;
  readonly #path: string;
  readonly #origin: RestoreOrigin;
  readonly #key: SecretBytes;
  readonly #fs: FileSystem;
  /** The folders as they are found by walking from the root again. */
  readonly afresh: AnchoredRoot;
  #journal: RevertJournal | undefined;
  #folders: readonly OwnFolder[] = [];

  /** `path` is how the caller named the root. */
  constructor(root: AnchoredRoot, path: string, origin: RestoreOrigin, key: SecretBytes, fs: FileSystem) {
    this.#locked = new LockedStaging(root.dir, fs);
    this.#root = root;
    this.#path = path;
    this.#origin = origin;
    this.#key = key;
    this.#fs = fs;
    this.afresh = new AnchoredRoot(root.dir, root.real);
  }

  /** The staging folder. */
  get staging(): Staging {
    return this.#locked.staging;
  }

  /** Fails as `LockedStaging.begin`, and if a link has to be moved and the file system can't link it back. */
  begin({ moves, puts }: RevertPlan): Promise<RestoreFault | undefined> {
    const states = [...moves.map(({ expected }) => expected), ...puts.map(({ state }) => state)];
    const hasLinks = states.some(({ kind }) => kind === "link");
    const needs = { links: hasLinks, hardLinks: true, modes: false };
    return this.#locked.begin(() => (hasLinks ? probeTree(this.staging, needs, this.#fs) : undefined));
  }

  /** Makes the intent durable: from here on, a recovery rolls back. Fails if a folder has another mode than the plan says. */
  declare(plan: RevertPlan): RestoreFault | undefined {
    const record = recordRevert(plan, this.#root, this.#fs);
    if (!record.ok) return record;
    const folders = plan.folders.map(({ path }) => path);
    const files = plan.puts.map(({ path }) => path);
    const digests = plan.puts.map(({ state }) => (state.kind === "file" ? state.digest : NO_BYTES));
    const origin = this.#origin;
    this.#journal = { act: "revert", origin, folders, files, digests, passing: 0, revert: record.value };
    this.#folders = folders.map(() => new OwnFolder());
    const isWritten = writeJournal(this.staging, this.#journal, this.#key, this.#fs);
    if (!isWritten) return restoreFault("EXECUTE", "RESTORE_INTERNAL_ERROR");
    // [root-after-staging] If the staging folder were lost, everything that was moved into it would be lost with it.
    this.#fs.fsyncSync(this.#root.dir.fd);
    return undefined;
  }

  /** Lets the owner write in the folders that something leaves or enters. Throws what the system says. */
  makeWritable(): undefined {
    makeFoldersWritable({ root: this.#root, fs: this.#fs }, this.#record);
  }

  /** Moves whatever has a name into staging. Fails if nothing has it. Throws what the system says otherwise. */
  moveAside(index: number): RestoreFault | undefined {
    const place = itemAt(this.#record.moves, index);
    try {
      const address = this.#root.addressOf(place);
      this.#fs.renameSync(address, this.staging.address(movedName(index)));
      return undefined;
    } catch (thrown) {
      const errno = errnoOf(thrown) ?? "";
      if (["ENOENT", "ENOTDIR", "ELOOP"].includes(errno)) return changedFault("EXECUTE", place, "missing");
      throw thrown;
    }
  }

  /** Makes durable that everything is in staging. Throws what the system says. */
  syncMoves(): undefined {
    const { moves } = this.#record;
    if (moves.length === 0) return;
    for (const folder of foldersOf(moves)) {
      // [moved-from] Before a folder is taken out, and before a name is given again.
      this.#fs.fsyncSync(this.#root.folder(components(folder)).fd);
    }
    // [moved-aside] A rename out of a folder is durable once both folders are.
    this.staging.sync();
  }

  /** Takes folders out, deepest first. Fails at one that holds anything. */
  takeOut(): RestoreFault | undefined {
    for (const { place } of this.#record.gone) {
      try {
        // rmdir(2) refuses a folder that is not empty, in that very instant.
        this.#fs.rmdirSync(this.#root.addressOf(place));
      } catch (thrown) {
        return faultOf(thrown, "EXECUTE", "RESTORE_FINALIZE_FAILED", place);
      }
    }
    // Some of the folders that are open are removed now.
    this.#root.closeFolders();
    return undefined;
  }

  /** Gives held files their modes. Throws what the system says. */
  setFileModes(): RestoreFault | undefined {
    for (const [index, { from, kind, place, to }] of this.#record.modes.entries()) {
      if (kind !== "file") continue;
      const mode = { known: [from], wanted: to };
      // [changed-modes] No folder keeps the mode of a file in it.
      const isSet = setHeldMode(this.staging, index, mode, this.#fs);
      if (!isSet) return changedFault("EXECUTE", place, "other-mode");
    }
    return undefined;
  }

  /** Makes folders, those above first, with a mode that only lets the owner in. */
  makeFolders(): RestoreFault | undefined {
    for (const [index, place] of this.#declared.folders.entries()) {
      try {
        this.#folders[index]?.make(this.#root.holder(place), nameOf(place), OWNER_BITS);
      } catch (thrown) {
        return faultOf(thrown, "EXECUTE", "RESTORE_FINALIZE_FAILED", place);
      }
    }
    return undefined;
  }

  /** Puts a staged file or link in place. Throws what the system says, also if the name is taken. */
  put(index: number): void {
    const place = itemAt(this.#declared.files, index);
    // link(2) creates a name or fails: it can't replace a file that appeared meanwhile (H-03).
    this.#fs.linkSync(this.staging.address(stagedName(index)), this.#root.addressOf(place));
  }

  /** Whether a held file still has its name in the root. Throws what the system says. */
  isHeldInPlace(index: number): boolean {
    const { place } = itemAt(this.#record.modes, index);
    const address = this.afresh.addressOf(place);
    const found = this.#fs.lstatSync(address, { bigint: true, throwIfNoEntry: false });
    const held = this.staging.dir.stats(heldName(index));
    return found !== undefined && held !== undefined && found.ino === held.ino && found.dev === held.dev;
  }

  /** Gives folders their modes and marks the commit. Fails if a folder got another mode, or the root was moved. */
  commit(): RestoreFault | undefined {
    const journal = this.#declared;
    const { gone, modes } = journal.revert;
    const wanted = new Map<string, WantedMode>();
    for (const { from, kind, place, to } of modes) {
      if (kind === "folder") wanted.set(place, { known: [writableMode(from)], wanted: to });
    }
    const touched = new Set(touchedFolders(journal, journal.revert));
    for (const { place } of gone) touched.delete(place);
    const open = (place: string) => this.#root.folder(components(place));
    // [revert-dirs] Names and modes are durable before the marker says so.
    const stranger = syncFolderModes(touched, wanted, open, this.#fs);
    if (stranger !== undefined) return changedFault("VERIFY", stranger, "other-mode");
    // If the root was moved while it was open, its files are not where the user expects them.
    if (!stillLeadsTo(this.#path, this.#root.dir, this.#fs)) {
      return restoreFault("VERIFY", "RESTORE_FINALIZE_FAILED");
    }
    this.#locked.commit();
    return undefined;
  }

  /** Cleans up after a commit, else takes everything back. */
  end(): TransactionEnd {
    const ended = runSteps(
      endTransaction({
        root: this.#root,
        staging: this.staging,
        journal: this.#journal,
        folders: this.#folders,
        staged: undefined,
        isCommitted: this.#locked.isCommitted,
        fs: this.#fs,
      }),
    );
    return this.#locked.release(ended);
  }

  close(): void {
    this.afresh.closeFolders();
    this.#locked.close();
  }

  [Symbol.dispose](): void {
    this.close();
  }

  get #declared(): RevertJournal {
    if (this.#journal === undefined) throw new TypeError("nothing is changed before the journal says what");
    return this.#journal;
  }

  get #record(): RevertRecord {
    return this.#declared.revert;
  }
}
