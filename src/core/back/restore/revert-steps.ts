/**
 * The steps of a revert: what leaves, what changes its mode, what is made and what is put in.
 *
 * @module
 */

import { folderAbove } from "../../records/tree/tree-folders.ts";
import { type Crypto, matchesDigest } from "../../system/bytes/crypto.ts";
import { byPath } from "../../system/bytes/listing.ts";
import type { BlockedPath } from "../../system/codes/restore-fault.ts";
import type { RevertPlaces } from "./revert-outlook.ts";
import type {
  FileOrLink,
  PlannedFolder,
  PlannedMode,
  PlannedMove,
  PlannedPut,
  RevertPlan,
} from "./revert-plan.ts";
import type { RevertItem } from "./revert-set.ts";
import type { SnapshotEntry, SnapshotView } from "./snapshot-view.ts";

/** Collects the steps for items, which are added in byte order of path. */
export class RevertSteps {
  readonly blocked: BlockedPath[] = [];
  readonly #places: Pick<RevertPlaces, "look" | "sizeOf">;
  readonly #crypto: Crypto;
  readonly #moves: PlannedMove[] = [];
  readonly #gone: PlannedFolder[] = [];
  readonly #modes: PlannedMode[] = [];
  readonly #folders: PlannedFolder[] = [];
  readonly #puts: PlannedPut[] = [];
  /** The folders in which names come or go. */
  readonly #touched = new Set<string>();

  constructor(places: Pick<RevertPlaces, "look" | "sizeOf">, crypto: Crypto) {
    this.#places = places;
    this.#crypto = crypto;
  }

  /** Adds the steps for an item. Its folder must be there by then, and its place free. */
  add({ goal, now, path }: RevertItem): void {
    if (now?.kind === "folder" && goal?.kind === "folder") {
      this.#changeMode({ path, kind: "folder", from: now.mode, to: goal.mode });
      return;
    }
    if (now?.kind === "folder") this.#gone.push({ path, mode: now.mode });
    else if (now !== undefined && this.#leave(path, now, goal)) return;
    this.#touched.add(folderAbove(path));
    if (goal?.kind === "folder") this.make({ path, mode: goal.mode });
    else if (goal !== undefined) this.#put(path, goal);
  }

  /** Adds a folder that is missing, at any time before `plan`. */
  make(folder: PlannedFolder): void {
    this.#touched.add(folderAbove(folder.path));
    this.#folders.push(folder);
  }

  /** All steps in their order. Looks at each folder in which names come or go, to see whether it lets them. */
  plan(now: SnapshotView): RevertPlan {
    this.#openFolders(now);
    const [files, links] = ["file", "link"].map((kind) =>
      this.#puts.filter((put) => put.state.kind === kind),
    );
    return {
      moves: this.#moves,
      gone: this.#gone.reverse(),
      modes: this.#modes.sort(byPath),
      folders: this.#folders.sort(byPath),
      puts: [...(files ?? []), ...(links ?? [])],
    };
  }

  /** Adds the step by which a file or link leaves its place. Returns true if changing its mode suffices. */
  #leave(
    path: string,
    now: Exclude<RevertItem["now"], { kind: "folder" } | undefined>,
    goal: SnapshotEntry | undefined,
  ): boolean {
    const facts = this.#places.look(path);
    if (facts?.isOtherFileSystem === true) this.blocked.push({ path, reason: "other-file-system" });
    else if (facts?.isOurs === false) this.blocked.push({ path, reason: "owner" });
    if (now.kind !== "file") {
      this.#moves.push({ path, expected: now });
      return false;
    }
    const isSame = goal?.kind === "file" && matchesDigest(goal.digest, now.digest, this.#crypto);
    // A chmod would reach every other name of the file.
    if (isSame && (facts?.links ?? 1) === 1) {
      this.#modes.push({ path, kind: "file", from: now.mode, to: goal.mode });
      return true;
    }
    this.#moves.push({ path, expected: { ...now, bytes: facts?.bytes ?? 0 } });
    return false;
  }

  #put(path: string, goal: Exclude<SnapshotEntry, { kind: "folder" }>): void {
    const state = this.#withSize(goal);
    if (state === undefined) this.blocked.push({ path, reason: "object-missing" });
    else this.#puts.push({ path, state });
  }

  #withSize(goal: Exclude<SnapshotEntry, { kind: "folder" }>): FileOrLink | undefined {
    if (goal.kind === "link") return goal;
    const bytes = this.#places.sizeOf(goal.digest);
    return bytes === undefined ? undefined : { ...goal, bytes };
  }

  #changeMode(change: PlannedMode): void {
    if (this.#places.look(change.path)?.isOurs === false)
      this.blocked.push({ path: change.path, reason: "owner" });
    this.#modes.push(change);
  }

  /** Folders of this user that do not let names come and go are made writable for it; those of others block. */
  #openFolders(now: SnapshotView): void {
    const planned = new Set(this.#modes.map(({ path }) => path));
    const gone = new Set(this.#gone.map(({ path }) => path));
    for (const path of this.#touched) {
      const mode = now.folders.get(path);
      const facts = path === "" || mode !== undefined ? this.#places.look(path) : undefined;
      if (facts === undefined) continue;
      if (facts.isOtherFileSystem) this.blocked.push({ path, reason: "other-file-system" });
      else if (facts.isWritable) continue;
      else if (!facts.isOurs || mode === undefined) this.blocked.push({ path, reason: "closed" });
      else if (!planned.has(path) && !gone.has(path))
        this.#modes.push({ path, kind: "folder", from: mode, to: mode });
    }
  }
}
