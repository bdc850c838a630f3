/**
 * Copies the records that are needed from old packs into a new one, hashed, and removes the old ones once the new one is durable.
 *
 * @module
 */

import {
  DIGEST_AT,
  HEAD_BYTES,
  indexName,
  ok,
  packName,
  type Result,
  writeHead,
} from "../../../core/internal.ts";
import type { AnchoredDir } from "../files/anchored-dir.ts";
import type { FileSystem } from "../files/file-system.ts";
import { attempt } from "../runtime/machine-reason.ts";
import type { OperationFault } from "../runtime/operation-fault.ts";
import { DigestTable } from "./digest-table.ts";
import { PACK_MODES } from "./pack-board.ts";
import { enterPacks, type PackFolder } from "./pack-catalog.ts";
import { PackDraft } from "./pack-draft.ts";
import { openPack, type PackFile, type ScannedRecord, type VisitOptions, visitRecords } from "./pack-file.ts";
import type { PackReader } from "./pack-reader.ts";
import type { PlacedPack } from "./place-pack.ts";
import { modeOfPack } from "./plan-joins.ts";
import { isSoundRecord } from "./record-content.ts";

/** How to copy. */
export interface CopyOptions extends VisitOptions {
  /** Whether an object is needed, by its digest, 32 raw bytes of `digests` at `place`. Default: all are. */
  readonly isNeeded?: (digests: Uint8Array, place: number) => boolean;
  /** Where good copies of objects with wrong bytes may be. */
  readonly others?: PackReader;
}

/** What became of some packs. */
export interface CopiedPacks<Pack> {
  /** The new pack; undefined if nothing was needed. */
  readonly written: PlacedPack | undefined;
  /** The packs that are not needed any more: none, if nothing could be written. */
  readonly replaced: readonly Pack[];
  /** Packs that stay: each is not what it was, or a needed object has wrong bytes in it, and no other pack has a good copy. */
  readonly bad: readonly Pack[];
}

/**
 * Copies what is needed of packs of one mode into a new one, which is durable when this returns, each object once. Fails with STORE_DAMAGED
 * as `placePack` does. Throws what the system says, and an Interruption; then no partial pack is left.
 */
export async function copyPacks<Pack extends PackFile>(
  held: PackFolder,
  packs: readonly Pack[],
  options: CopyOptions,
): Promise<Result<CopiedPacks<Pack>, OperationFault>> {
  const { fs } = options;
  const folder = enterPacks(held, fs);
  const draft = new PackDraft(folder, modeOfPack(packs[0]?.stats) ?? PACK_MODES[1], fs);
  let bad: Pack | undefined;
  try {
    bad = await copyInto(draft, folder, packs, options);
    if (bad === undefined && draft.count > 0) {
      const placed = draft.place();
      if (!placed.ok) return placed;
      // [new-packs] Else a power cut could keep the removal of an old pack, and not the name of the new one.
      fs.fsyncSync(held.fd);
      return ok({ written: placed.value, replaced: packs, bad: [] });
    }
  } finally {
    draft.discard();
  }
  if (bad === undefined) return ok({ written: undefined, replaced: packs, bad: [] });
  const others = packs.filter((pack) => pack !== bad);
  if (others.length < 2) return ok({ written: undefined, replaced: [], bad: [bad] });
  const copied = await copyPacks(held, others, options);
  return copied.ok ? ok({ ...copied.value, bad: [...copied.value.bad, bad] }) : copied;
}

/** Copies the records that are needed. Gives a pack that must stay as it is. */
async function copyInto<Pack extends PackFile>(
  draft: PackDraft,
  folder: AnchoredDir,
  packs: readonly Pack[],
  { fs, isNeeded = () => true, others, signal }: CopyOptions,
): Promise<Pack | undefined> {
  const copied = new DigestTable();
  const copy = ({ bytes }: ScannedRecord): boolean => {
    if (!isNeeded(bytes, DIGEST_AT) || copied.find(bytes, DIGEST_AT) >= 0) return true;
    const record = isSoundRecord(bytes) ? bytes : others && goodCopy(others, bytes);
    if (record === undefined || !draft.hasRoomFor(record.length)) return false;
    draft.add(record);
    copied.add(bytes, DIGEST_AT);
    return true;
  };
  for (const pack of packs) {
    const open = openPack(folder, pack.id, fs);
    if (typeof open === "string") return pack;
    try {
      if (!isSame(pack, open.before) || !(await visitRecords(open, copy, { fs, signal }))) return pack;
    } finally {
      fs.closeSync(open.fd);
    }
  }
  return undefined;
}

/** The record of an object in another pack, in the place of one with wrong bytes. */
function goodCopy(others: PackReader, wrong: Buffer): Buffer | undefined {
  const read = others.read(wrong, DIGEST_AT);
  if (read.kind !== "bytes") return undefined;
  const record = Buffer.alloc(HEAD_BYTES + read.bytes.length);
  writeHead(record, 0, read.bytes.length, wrong, DIGEST_AT);
  record.set(read.bytes, HEAD_BYTES);
  return record;
}

/**
 * Removes a pack and its index, if it is still the file that was listed: a new pack with the same records may have its name. The index
 * first: it is a cache, and an orphan is removed by the next lock holder, so that no sync has to be between the two. Throws what the
 * system says.
 */
export function removePack(held: PackFolder, pack: PackFile, fs: FileSystem): void {
  const folder = enterPacks(held, fs);
  const place = folder.address(packName(pack.id));
  const stats = fs.lstatSync(place, { bigint: true, throwIfNoEntry: false });
  if (stats === undefined || !isSame(pack, stats)) return;
  attempt(() => folder.unlink(indexName(pack.id)));
  fs.unlinkSync(place);
}

function isSame({ stats }: PackFile, now: Pick<PackFile["stats"], "dev" | "ino">): boolean {
  return stats.ino === now.ino && stats.dev === now.dev;
}
