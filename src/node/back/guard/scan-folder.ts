/**
 * Looks at a guarded folder and keeps what it holds: list, hash, keep, and see whether a folder or a file changed meanwhile. What
 * changed is looked at again, three times in all. No atomic picture of a folder in use is claimed: what changed even then is named.
 *
 * @module
 */

import { DIGEST_BYTES, encodeUtf8, itemAt, ok, type Result } from "../../../core/internal.ts";
import type { SealedOutputs } from "../../make/seal/bundle-contents.ts";
import { AnchoredDir } from "../../system/files/anchored-dir.ts";
import { nodeFileSystem as fs } from "../../system/files/file-system.ts";
import { breatheAlong } from "../../system/runtime/interruption.ts";
import { reasonOf } from "../../system/runtime/machine-reason.ts";
import { nodeCrypto } from "../../system/runtime/node-crypto.ts";
import { type OperationFault, operationFault } from "../../system/runtime/operation-fault.ts";
import type { WorkOptions } from "../../system/runtime/progress.ts";
import { WorkerPool } from "../../system/work/worker-pool.ts";
import type { GuardRules } from "./guard-rules.ts";
import {
  FILE_STATES,
  isSeen,
  knownFiles,
  type LookedFiles,
  placesOf,
  placesWhere,
  seenInRound,
} from "./hash-walked-files.ts";
import { KeptDigests } from "./index/kept-digests.ts";
import { ScanIndex, type ScanIndexPlace } from "./index/scan-index.ts";
import { type KeepPlace, readAndKeep } from "./keep-files.ts";
import { readUnsettled } from "./read-unsettled.ts";
import { checkBytes, checkHoles, type SnapshotBounds } from "./snapshot-budget.ts";
import { type SeenTree, seenOutputs, seenTree } from "./snapshot-tree.ts";
import { findChangedFolders, type NotGuarded, type WalkedTree, walkFolder } from "./walk-folder.ts";

/** How often a folder or file that changes is looked at, the first time included. */
const ROUNDS = 3;

/** What to look at, and where its bytes are kept. */
export interface LookRequest extends WorkOptions, KeepPlace, SnapshotBounds {
  readonly rules: GuardRules;
  /** Which stat index to believe; by default any. */
  readonly onlyIndex?: ScanIndexPlace["onlyIndex"];
  /** Leaves out what can't be read instead of refusing it. */
  readonly leavesOutUnreadable: boolean;
  /** Asked once the folder is listed, before anything is written. */
  readonly onListed?: ((walked: WalkedTree, unread: Uint32Array) => OperationFault | undefined) | undefined;
  /** Threads that may hash at once; by default as many as there are cores. */
  readonly jobs?: number | undefined;
}

/** A folder as it was seen. All its bytes are kept, durably. */
export interface FolderLook {
  readonly outputs: SealedOutputs;
  readonly tree: SeenTree;
  /** What is not taken in, also by its name. Without what can't be read. */
  readonly leftOut: readonly NotGuarded[];
  /** Files with more than one hard link. */
  readonly linkedFiles: number;
  /** What is not taken in, but for what its name leaves out. */
  readonly notGuarded: readonly NotGuarded[];
  /** Files, folders and links that can't be read. */
  readonly unreadable: readonly string[];
  /** Files and folders that changed each time they were looked at; `.` is the folder itself. */
  readonly unsettled: readonly string[];
  /** Identifies the stat index that this look left; empty if there is none. */
  readonly indexSum: Uint8Array;
  /** Files that were read. */
  readonly hashed: number;
  /** Files whose digests were known. */
  readonly fromIndex: number;
  /** Objects that were added to the store, and their bytes. */
  readonly objects: number;
  readonly objectBytes: number;
}

/**
 * Looks at a folder, as the holder of the project that keeps its bytes. Fails with SNAPSHOT_REFUSED for what can't be read, unless that
 * is left out; with READ_FAILED where the folder itself can't be listed; as `onListed`, `checkBytes`, `checkHoles`, `OutputPacking` and `keepOutputs` do. Throws an
 * Interruption. What was kept until then stays in the store: `prune` removes it.
 */
export async function scanFolder(request: LookRequest): Promise<Result<FolderLook, OperationFault>> {
  const pool = new WorkerPool(request.jobs);
  using kept = new KeptDigests(request.home, request.memory, fs);
  using folder = AnchoredDir.open(request.home.dir.self);
  try {
    const { onlyIndex, root, rules } = request;
    const scope = nodeCrypto.sha256(encodeUtf8(rules.patterns.join("\0")));
    const index = new ScanIndex({ root, folder, scope, isKept: kept.holds, onlyIndex });
    return await new FolderRounds(request, pool, index, kept).run();
  } finally {
    pool.dismiss();
  }
}

/** One round: what was listed and read, and what changed meanwhile. */
interface Round {
  readonly walked: WalkedTree;
  readonly looked: LookedFiles;
  readonly changedFolders: readonly string[];
}

class FolderRounds {
  readonly #request: LookRequest;
  readonly #index: ScanIndex;
  readonly #kept: KeptDigests;
  readonly #pool: WorkerPool;
  #hashed = 0;
  #fromIndex = 0;
  #objects = 0;
  #objectBytes = 0;

  constructor(request: LookRequest, pool: WorkerPool, index: ScanIndex, kept: KeptDigests) {
    this.#request = request;
    this.#index = index;
    this.#kept = kept;
    this.#pool = pool;
  }

  async run(): Promise<Result<FolderLook, OperationFault>> {
    let before: Round | undefined;
    for (let number = 1; ; number++) {
      const round = await this.#round(number, before);
      if (!round.ok) return round;
      const { changedFolders, looked } = round.value;
      const isSettled = changedFolders.length === 0 && !looked.states.includes(FILE_STATES.changed);
      if (isSettled || number === ROUNDS) return await this.#finish(round.value);
      before = round.value;
    }
  }

  async #round(number: number, before: Round | undefined): Promise<Result<Round, OperationFault>> {
    const { onListed, progress, root, signal } = this.#request;
    const walked = await this.#walk();
    if (!walked.ok) return walked;
    const refused = this.#refuseUnreadable(walked.value.unreadable);
    if (refused !== undefined) return refused;
    const earlier = before && seenInRound(before.walked, before.looked);
    const looked = knownFiles(walked.value, [earlier, this.#index.seen]);
    const places = placesOf(looked, FILE_STATES.unread);
    const declined = number === 1 ? onListed?.(walked.value, places) : undefined;
    const tooLarge = declined ?? checkHoles(walked.value, places, this.#request);
    if (tooLarge !== undefined) return tooLarge;
    if (number === 1) this.#fromIndex = walked.value.files.length - places.length;
    this.#hashed += places.length;
    const { files: paths, stats } = walked.value;
    await this.#index.beforeReading({ paths, stats }, places, { progress, signal });
    const packs = number === 1;
    const isKept = (place: number): boolean =>
      looked.states[place] !== FILE_STATES.read || this.#kept.holds(looked.digests, place * DIGEST_BYTES);
    const onRead = (): OperationFault | undefined => checkBytes(walked.value, places, this.#request, isKept);
    const options = { packs, pool: this.#pool, onRead, progress, signal };
    const kept = await readAndKeep(this.#request, walked.value, looked, places, options);
    if (!kept.ok) return kept;
    this.#objects += kept.value.objects;
    this.#objectBytes += kept.value.bytes;
    const changedFolders = await breatheAlong(findChangedFolders(root, walked.value, fs), signal);
    return ok({ walked: walked.value, looked, changedFolders });
  }

  async #walk(): Promise<Result<WalkedTree, OperationFault>> {
    const { progress, root, rules, signal } = this.#request;
    let files = 0;
    const onFolder = (listed: number): void => {
      if (files === 0 && listed > 0) progress?.begin("list", {}, () => ({ files, bytes: 0 }));
      files = listed;
    };
    root.closeFolders();
    try {
      const steps = walkFolder(root, { rules, fs, onFolder });
      return ok(await breatheAlong(steps, signal));
    } catch (thrown) {
      return operationFault("READ_FAILED", { path: ".", reason: reasonOf(thrown) });
    } finally {
      progress?.end();
    }
  }

  /** Reads what changed in each round for the last time. */
  async #finish({ changedFolders, looked, walked }: Round): Promise<Result<FolderLook, OperationFault>> {
    const { progress, rules, signal } = this.#request;
    const changed = placesOf(looked, FILE_STATES.changed);
    const tooLarge = checkBytes(walked, changed, this.#request);
    if (tooLarge !== undefined) return tooLarge;
    const last = await readUnsettled(this.#request, walked, looked, changed, { progress, signal });
    if (!last.ok) return last;
    const pathsAt = (places: Iterable<number>): readonly string[] =>
      Array.from(places, (place) => itemAt(walked.files, place));
    const unreadableFiles = pathsAt(placesOf(looked, FILE_STATES.unreadable));
    const refused = this.#refuseUnreadable(unreadableFiles);
    if (refused !== undefined) return refused;
    const outputs = seenOutputs(walked, looked);
    if (!outputs.ok) return outputs;
    const unreadable = [...walked.unreadable, ...unreadableFiles];
    this.#record(walked, looked, new Set(last.value.unsettled));
    return ok({
      outputs: outputs.value,
      tree: seenTree({ walked, outputs: outputs.value, unreadable, ignored: rules.forTree }),
      leftOut: walked.leftOut,
      linkedFiles: walked.linkedFiles,
      notGuarded: walked.leftOut.filter(({ reason }) => reason !== "own-folder" && reason !== "pattern"),
      unreadable,
      unsettled: [...changedFolders, ...pathsAt(last.value.unsettled)],
      indexSum: this.#index.sum,
      hashed: this.#hashed,
      fromIndex: this.#fromIndex,
      objects: this.#objects + last.value.objects,
      objectBytes: this.#objectBytes + last.value.bytes,
    });
  }

  /** Writes the index, without the files that changed while they were read: their digests may fit no state of the file. */
  #record(walked: WalkedTree, looked: LookedFiles, unsettled: ReadonlySet<number>): void {
    const places = placesWhere(looked, (state, place) => isSeen(state) && !unsettled.has(place));
    this.#index.write({ paths: walked.paths, stats: walked.stats, digests: looked.digests }, places);
  }

  #refuseUnreadable(paths: readonly string[]): OperationFault | undefined {
    if (paths.length === 0) return undefined;
    // Of a folder that can't be listed, nothing is known.
    if (paths.includes("."))
      return operationFault("SNAPSHOT_REFUSED", { reason: "unreadable", names: ["."] });
    return this.#request.leavesOutUnreadable
      ? undefined
      : operationFault("SNAPSHOT_REFUSED", { reason: "unreadable", names: paths });
  }
}
