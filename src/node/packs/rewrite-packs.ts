/**
 * Copies the records that are needed from old packs into a new one, unchanged and hashed, and removes the old ones once the new one is
 * durable.
 *
 * @module
 */

import { indexName, ok, PackIndex, packName, type Result } from "../../core/internal.ts";
import type { AnchoredDir } from "../files/anchored-dir.ts";
import type { FileSystem } from "../files/file-system.ts";
import { breathe } from "../runtime/interruption.ts";
import { attempt } from "../runtime/machine-reason.ts";
import type { OperationFault } from "../runtime/operation-fault.ts";
import { PACK_MODES } from "./pack-board.ts";
import { enterPacks, type PackFolder } from "./pack-catalog.ts";
import { PackDraft } from "./pack-draft.ts";
import { openPack, type ScannedRecord, scanRecords } from "./pack-file.ts";
import { isDamagedName, type PlacedPack } from "./place-pack.ts";
import { ownerOf, type PackFile, type SurveyedPack } from "./survey-packs.ts";

/** What becomes of a record: "bad" if it is needed, has wrong bytes, and has no good copy elsewhere. */
export type RecordFate = "copy" | "drop" | "bad";

/** Decides it. The digest is in the head of the record, at `DIGEST_AT`. */
export type RecordJudge = (record: ScannedRecord) => RecordFate;

/** The copying of some packs. */
export type PacksCopied =
  /** The new packs: none, if nothing was needed. The caller syncs the folder. */
  | { readonly kind: "copied"; readonly packs: readonly SurveyedPack[] }
  /** Nothing was written: all is needed, or this pack holds a bad record, or is not what it was. */
  | { readonly kind: "all-needed" }
  | { readonly kind: "bad"; readonly pack: PackFile };

/** How to copy. */
export interface CopyOptions {
  readonly fs: FileSystem;
  readonly signal: AbortSignal | undefined;
}

/** Writes records into new packs, one after the other as each is full. It is either placed or discarded. */
export class PackSeries {
  readonly #folder: AnchoredDir;
  readonly #fs: FileSystem;
  readonly #mode: number;
  readonly #placed: PlacedPack[] = [];
  #draft: PackDraft | undefined;
  /** Records in all. */
  count = 0;

  constructor(folder: AnchoredDir, isForAll: boolean, fs: FileSystem) {
    this.#folder = folder;
    this.#mode = isForAll ? PACK_MODES[0] : PACK_MODES[1];
    this.#fs = fs;
  }

  /** Adds a whole record, head included. Fails and throws as `PackDraft` does. */
  add(record: Uint8Array): OperationFault | undefined {
    if (this.#draft?.hasRoomFor(record.length) === false) {
      const fault = this.#finish();
      if (fault !== undefined) return fault;
    }
    this.#draft ??= new PackDraft(this.#folder, this.#mode, this.#fs);
    this.#draft.add(record);
    this.count++;
    return undefined;
  }

  /** Gives all packs their names. Fails and throws as `PackDraft` does. */
  place(): Result<readonly SurveyedPack[], OperationFault> {
    const fault = this.#finish();
    return fault ?? ok(this.#placed.map((pack) => this.#survey(pack)));
  }

  /** Removes what has no name yet. */
  discard(): void {
    this.#draft?.discard();
    this.#draft = undefined;
  }

  #finish(): OperationFault | undefined {
    const draft = this.#draft;
    this.#draft = undefined;
    const placed = draft?.place();
    if (placed?.ok === false) return placed;
    if (placed !== undefined) this.#placed.push(placed.value);
    return undefined;
  }

  #survey({ id, index }: PlacedPack): SurveyedPack {
    const stats = this.#fs.lstatSync(this.#folder.address(packName(id)), { bigint: true });
    const { count: records } = new PackIndex(index);
    return { id, index, stats, records, owner: ownerOf(stats), bytes: Number(stats.size) };
  }
}

/**
 * Copies what is needed of packs of one owner into new packs. Fails with STORE_DAMAGED as `placePack` does. Throws what the system
 * says, and an Interruption; then no partial pack is left.
 */
export async function copyPacks(
  held: PackFolder,
  packs: readonly PackFile[],
  judge: RecordJudge,
  { fs, signal }: CopyOptions,
): Promise<Result<PacksCopied, OperationFault>> {
  const folder = enterPacks(held, fs);
  const series = new PackSeries(folder, packs[0]?.owner === "for-all", fs);
  let dropped = 0;
  let seen = 0;
  try {
    for (const pack of packs) {
      const opened = openPack(folder, pack.id, fs);
      if (typeof opened === "string") return ok({ kind: "bad", pack });
      const { fd, trailer } = opened;
      try {
        if (!isSame(pack, opened.before)) return ok({ kind: "bad", pack });
        const scan = scanRecords({ fd, end: trailer.length, trailer }, fs);
        for (let step = scan.next(); ; step = scan.next()) {
          if (step.done === true) {
            if (step.value !== undefined) return ok({ kind: "bad", pack });
            break;
          }
          const record = step.value;
          const pause = breathe(seen++, signal);
          if (pause !== undefined) await pause;
          const fate = judge(record);
          if (fate === "bad") return ok({ kind: "bad", pack });
          if (fate === "drop") dropped++;
          else {
            const fault = series.add(record.bytes);
            if (fault !== undefined) return fault;
          }
        }
      } finally {
        fs.closeSync(fd);
      }
    }
    // The new pack would be the old one.
    if (dropped === 0 && packs.length === 1) return ok({ kind: "all-needed" });
    const placed = series.place();
    return placed.ok ? ok({ kind: "copied", packs: placed.value }) : placed;
  } finally {
    series.discard();
  }
}

/** Syncs new packs' names, so that old packs can be removed. Throws what the system says. */
export function syncNewPacks({ fd }: PackFolder, fs: FileSystem): void {
  // [new-packs] Else a power cut could keep the removal of an old pack, and not the name of the new one.
  fs.fsyncSync(fd);
}

/**
 * Removes packs and their indexes, if these are still the files that were surveyed. The index first: it is a cache, and an orphan is
 * removed by the next lock holder, so that no sync has to be between the two. Throws what the system says.
 */
export function removePacks(held: PackFolder, packs: readonly PackFile[], fs: FileSystem): void {
  const folder = enterPacks(held, fs);
  for (const pack of packs) {
    if (hasName(folder, pack, packName(pack.id), fs)) {
      attempt(() => fs.unlinkSync(folder.address(indexName(pack.id))));
      fs.unlinkSync(folder.address(packName(pack.id)));
      continue;
    }
    // A new pack with the same records got its name, and set it aside.
    for (const name of fs.readdirSync(folder.self).filter(isDamagedName))
      if (hasName(folder, pack, name, fs)) fs.unlinkSync(folder.address(name));
  }
}

function hasName(folder: AnchoredDir, pack: PackFile, name: string, fs: FileSystem): boolean {
  const stats = fs.lstatSync(folder.address(name), { bigint: true, throwIfNoEntry: false });
  return stats !== undefined && isSame(pack, stats);
}

function isSame({ stats }: PackFile, now: PackFile["stats"]): boolean {
  return stats.ino === now.ino && stats.dev === now.dev;
}
