/**
 * Puts small objects that are files of their own into packs, for stores of older seals. The files are removed afterwards, once the packs
 * are durable, by the same rule as for any other object that a pack holds.
 *
 * @module
 */

import {
  DIGEST_BYTES,
  type HexDigest,
  MAX_PACKED_BYTES,
  ok,
  type Result,
  shownObject,
} from "../../../core/internal.ts";
import type { FileSystem } from "../../files/file-system.ts";
import { isUnchanged } from "../../files/read-source.ts";
import { readSmallFile } from "../../hashing/hash-file.ts";
import { enterPacks } from "../../packs/pack-catalog.ts";
import { hasDigestAt } from "../../packs/record-content.ts";
import { PackSeries, syncNewPacks } from "../../packs/rewrite-packs.ts";
import { breathe } from "../../runtime/interruption.ts";
import type { OperationFault } from "../../runtime/operation-fault.ts";
import type { ObjectStore } from "../object-store.ts";
import { walkStore } from "../walk-store.ts";
import { packModeFor } from "./collect-objects.ts";
import type { OtherCopies } from "./collecting.ts";
import { MARKS } from "./removals.ts";

/** Packs objects that bundles name. Those with wrong bytes, and those of other users or modes, stay. Throws what the system says. */
export async function repackObjects(
  copies: OtherCopies,
  store: ObjectStore,
): Promise<Result<void, OperationFault>> {
  const { dryRun, folder, fs, named, signal, tally } = copies.setting;
  const dir = enterPacks(folder, fs);
  const targets = [true, false].map((isForAll) => new Target(new PackSeries(dir, isForAll, fs)));
  const buffer = Buffer.allocUnsafeSlow(MAX_PACKED_BYTES + 1);
  let seen = 0;
  try {
    for (const entry of walkStore(store, fs)) {
      const pause = breathe(seen++, signal);
      if (pause !== undefined) await pause;
      if (entry.kind !== "object" || !entry.isFile) continue;
      const object = named.find(Buffer.from(entry.digest, "hex"), 0);
      const read = object < 0 ? undefined : readObject(store, entry.digest, buffer, fs);
      if (read === undefined || copies.isKept(object, read.isForAll)) continue;
      if (!hasDigestAt(read.bytes, named.digests, object * DIGEST_BYTES)) {
        tally.damaged.push({ path: shownObject(entry.digest), problem: "content" });
        continue;
      }
      if (dryRun) named.mark(object, MARKS.packable);
      const target = targets[read.isForAll ? 0 : 1];
      const fault = target?.add(read.bytes, named.digests, object * DIGEST_BYTES, dryRun);
      if (fault !== undefined) return fault;
    }
    return placeAll(copies, targets);
  } finally {
    for (const { series } of targets) series.discard();
  }
}

/** The new packs of one mode. */
class Target {
  readonly series: PackSeries;
  /** Whether there is anything in them, or would be. */
  isUsed = false;

  constructor(series: PackSeries) {
    this.series = series;
  }

  add(bytes: Uint8Array, digests: Uint8Array, place: number, dryRun: boolean): OperationFault | undefined {
    this.isUsed = true;
    const head = { flags: 0, raw: bytes.length, stored: bytes.length };
    return dryRun ? undefined : this.series.add(head, bytes, digests, place);
  }
}

function placeAll(copies: OtherCopies, targets: readonly Target[]): Result<void, OperationFault> {
  const { dryRun, folder, fs, tally } = copies.setting;
  for (const { isUsed, series } of targets) {
    if (dryRun) tally.packsWritten += isUsed ? 1 : 0;
    else {
      const placed = series.place();
      if (!placed.ok) return placed;
      for (const pack of placed.value) copies.keep(pack);
      tally.packsWritten += placed.value.length;
    }
  }
  if (!dryRun && targets.some(({ isUsed }) => isUsed)) syncNewPacks(folder, fs);
  return ok(undefined);
}

interface SmallObject {
  readonly bytes: Uint8Array;
  readonly isForAll: boolean;
}

/** The bytes of an object that can go into a pack. */
function readObject(
  store: ObjectStore,
  digest: HexDigest,
  buffer: Uint8Array,
  fs: FileSystem,
): SmallObject | undefined {
  const source = store.open(digest);
  if (typeof source === "string") return undefined;
  try {
    const { size, uid } = source.before;
    const isOwn = process.geteuid === undefined || Number(uid) === process.geteuid();
    const mode = packModeFor(Number(source.before.mode));
    if (size > MAX_PACKED_BYTES || !isOwn || mode === undefined) return undefined;
    const bytes = readSmallFile(source, buffer, fs);
    // A file that another process writes to stays a file.
    return isUnchanged(source, bytes.length, fs) ? { bytes, isForAll: mode === "for-all" } : undefined;
  } finally {
    fs.closeSync(source.fd);
  }
}
