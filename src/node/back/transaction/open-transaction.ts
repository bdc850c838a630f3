/**
 * A transaction that is open: its folder, its staging folder and what its steps share.
 *
 * @module
 */

import type { ChangedTarget, RestoreFault, RestorePhase } from "../../../core/internal.ts";
import type { SecretBytes } from "../../keys/secret-bytes.ts";
import { AnchoredRoot } from "../../system/files/anchored-root.ts";
import type { FileSystem } from "../../system/files/file-system.ts";
import { OwnFolder } from "../../system/files/made-entry.ts";
import type { Act, Journal, RestoreOrigin } from "./journal/journal.ts";
import { LockedStaging } from "./journal/locked-staging.ts";
import type { MovedFolders } from "./journal/places.ts";
import type { Staging } from "./journal/staging.ts";
import { changedFault } from "./judge-entry.ts";
import type { MadeFolder, TransactionPlan } from "./transaction-plan.ts";
import type { EntryFolder, EntryWork } from "./work/entry-work.ts";

/** What to do to which folder. */
export interface TransactionRequest extends EntryWork {
  readonly act: Act;
  /** The folder. Nothing of an earlier transaction may be left in it: recover first. */
  readonly root: AnchoredRoot;
  /** How the caller named it. */
  readonly path: string;
  readonly plan: TransactionPlan;
  /** What a recovery says of the origin. */
  readonly origin: RestoreOrigin;
  /** The key of the journal's MAC. */
  readonly key: SecretBytes;
}

/** One transaction in one folder. */
export class OpenTransaction implements Disposable {
  readonly request: TransactionRequest;
  readonly plan: TransactionPlan;
  readonly root: AnchoredRoot;
  readonly fs: FileSystem;
  readonly locked: LockedStaging;
  /** The folders as they are found by walking from the root again. */
  readonly afresh: AnchoredRoot;
  /** The folders that are made, those above first; decided before the journal is written. */
  folders: readonly MadeFolder[];
  /** The same, as they are made. */
  made: readonly OwnFolder[] = [];
  /** The real paths of folders that are behind a link. */
  moved: MovedFolders = new Map();
  /** By the number of the move: when the file was last written to, before it was looked at. */
  readonly heldTimes: BigInt64Array;
  /** By the number of the move: when what was set aside was last changed. */
  readonly asideTimes: BigInt64Array;
  /** Folders that were to be taken out if they are empty, and are not. */
  readonly stayed: Set<string> = new Set();
  #journal: Journal | undefined;

  constructor(request: TransactionRequest, fs: FileSystem) {
    const { plan, root } = request;
    this.request = request;
    this.plan = plan;
    this.root = root;
    this.fs = fs;
    this.locked = new LockedStaging(root.dir, fs);
    this.afresh = new AnchoredRoot(root.dir, root.real);
    this.folders = plan.folders;
    this.heldTimes = new BigInt64Array(plan.moves.length);
    this.asideTimes = new BigInt64Array(plan.moves.length);
  }

  /** The staging folder. */
  get staging(): Staging {
    return this.locked.staging;
  }

  /** Everything that is staged. */
  get staged(): EntryFolder {
    const { dir, taken } = this.staging;
    return { root: new AnchoredRoot(dir, []), moved: undefined, taken };
  }

  /** The same at its places. */
  get placed(): EntryFolder {
    return { root: this.afresh, moved: this.moved };
  }

  /** The fault for what other processes changed. */
  changed(phase: RestorePhase, changed: readonly ChangedTarget[]): RestoreFault {
    return changedFault(this.request.act === "revert" ? "run" : "restored", phase, changed);
  }

  /** Notes the journal, before it is written: a call may take effect and fail all the same. */
  declare(journal: Journal): void {
    this.#journal = journal;
    this.made = journal.mkdir.map(() => new OwnFolder());
  }

  /** Undefined before it was declared. */
  get declared(): Journal | undefined {
    return this.#journal;
  }

  /** What is being done. */
  get journal(): Journal {
    if (this.#journal === undefined) throw new TypeError("nothing is changed before the journal says what");
    return this.#journal;
  }

  [Symbol.dispose](): void {
    this.afresh.closeFolders();
    this.locked.close();
  }
}
