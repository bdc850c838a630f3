/**
 * Copies what is left in damaged packs into new ones. A damaged pack is removed only once no object that a bundle names can be lost by
 * it: if its records are known, each of them that is named has a good copy elsewhere; if not, each object that any bundle names.
 *
 * @module
 */

import {
  DIGEST_AT,
  decodeTrailer,
  indexName,
  isHexDigest,
  ok,
  packName,
  type Result,
  TRAILER_BYTES,
  type Trailer,
} from "../../../core/internal.ts";
import type { AnchoredDir } from "../../files/anchored-dir.ts";
import type { FileSystem } from "../../files/file-system.ts";
import { type OpenSource, openPlainFile } from "../../files/read-source.ts";
import { type DamagedPack, enterPacks } from "../../packs/pack-catalog.ts";
import { readAt, scanRecords } from "../../packs/pack-file.ts";
import { isDamagedName } from "../../packs/place-pack.ts";
import { PackSeries, syncNewPacks } from "../../packs/rewrite-packs.ts";
import { scanDamaged } from "../../packs/scan-damaged.ts";
import { ownerOf } from "../../packs/survey-packs.ts";
import { breathe } from "../../runtime/interruption.ts";
import { attempt } from "../../runtime/machine-reason.ts";
import type { OperationFault } from "../../runtime/operation-fault.ts";
import type { OtherCopies } from "./collecting.ts";

/** A damaged pack that is open. */
interface OpenDamaged extends OpenSource {
  readonly name: string;
  /** Its trailer, if it has one; and where its records end. */
  readonly trailer: Trailer | undefined;
  readonly end: number;
}

/**
 * Salvages one damaged pack, and removes it if nothing can be lost by that. What belongs to another user, or may be a pack of a newer
 * runseal, is left alone. Fails as `PackDraft` does, and throws what the system says.
 */
export async function salvagePack(
  copies: OtherCopies,
  { name, problem }: DamagedPack,
): Promise<Result<void, OperationFault>> {
  const { folder, fs } = copies.setting;
  if (problem === "not-a-file" || problem === "unknown-form") return ok(undefined);
  // Another one was salvaged into a good pack that has its name now: this one was set aside.
  if ([...copies.all.packs].some(({ id }) => packName(id) === name)) return ok(undefined);
  const dir = enterPacks(folder, fs);
  const source = openPlainFile(dir, name, fs);
  if (typeof source === "string") return ok(undefined);
  try {
    const { mode, uid } = source.before;
    if (process.geteuid !== undefined && Number(uid) !== process.geteuid()) return ok(undefined);
    const isForAll = ownerOf({ mode: mode & 0o444n, uid }) === "for-all";
    const damaged = { ...source, name, ...endOf(source, fs) };
    const copied = await copyRecords(copies, damaged, isForAll);
    if (!copied.ok) return copied;
    if (await isNeedless(copies, damaged)) removeDamaged(dir, damaged, copies);
    return ok(undefined);
  } finally {
    fs.closeSync(source.fd);
  }
}

function endOf({ before, fd }: OpenSource, fs: FileSystem): Pick<OpenDamaged, "trailer" | "end"> {
  const size = Number(before.size);
  const trailer = decodeTrailer(readAt(fd, Math.max(size - TRAILER_BYTES, 0), TRAILER_BYTES, fs), size);
  return { trailer, end: trailer?.length ?? size };
}

/** Copies each object that is needed and has no good copy in another pack. */
async function copyRecords(
  copies: OtherCopies,
  { end, fd }: OpenDamaged,
  isForAll: boolean,
): Promise<Result<void, OperationFault>> {
  const { folder, fs, signal, tally } = copies.setting;
  const series = new PackSeries(enterPacks(folder, fs), isForAll, fs);
  const judge = copies.judge(isForAll);
  let seen = 0;
  try {
    for (const record of scanDamaged({ fd, end }, fs)) {
      const pause = breathe(seen++, signal);
      if (pause !== undefined) await pause;
      if (judge.fateOf(record) !== "copy") continue;
      const fault = series.add(record.bytes);
      if (fault !== undefined) return fault;
    }
    const placed = series.place();
    if (!placed.ok) return placed;
    for (const pack of placed.value) copies.keep(pack);
    tally.packsWritten += placed.value.length;
    if (placed.value.length > 0) syncNewPacks(folder, fs);
    return ok(undefined);
  } finally {
    judge.end();
    series.discard();
  }
}

/** Whether no object that a bundle names can be lost with it. */
async function isNeedless(copies: OtherCopies, damaged: OpenDamaged): Promise<boolean> {
  const { fs, named, signal } = copies.setting;
  const own = ownRecords(copies, damaged, fs);
  const objects = own ?? Array.from({ length: named.count }, (_, object) => object);
  for (const [index, object] of objects.entries()) {
    const pause = breathe(index, signal);
    if (pause !== undefined) await pause;
    if (!copies.exists(object)) return false;
  }
  return true;
}

/** The objects in it that bundles name; `undefined` if its records are not those that its trailer hashes. */
function ownRecords(
  { setting: { named } }: OtherCopies,
  { end, fd, trailer }: OpenDamaged,
  fs: FileSystem,
): readonly number[] | undefined {
  if (trailer === undefined) return undefined;
  const objects: number[] = [];
  const scan = scanRecords({ fd, end, trailer, isHeadsOnly: true }, fs);
  for (let step = scan.next(); ; step = scan.next()) {
    if (step.done === true) return step.value === undefined ? objects : undefined;
    const object = named.find(step.value.bytes, DIGEST_AT);
    if (object >= 0) objects.push(object);
  }
}

/** Removes it, if it is still the file that was read: a new pack may have its name by now. */
function removeDamaged(dir: AnchoredDir, { before, name }: OpenDamaged, copies: OtherCopies): void {
  const { fs, tally } = copies.setting;
  const stats = fs.lstatSync(dir.address(name), { bigint: true, throwIfNoEntry: false });
  if (stats?.ino !== before.ino || stats.dev !== before.dev) return;
  copies.sync();
  const id = name.slice(0, 64);
  if (isHexDigest(id) && !isDamagedName(name)) attempt(() => fs.unlinkSync(dir.address(indexName(id))));
  fs.unlinkSync(dir.address(name));
  tally.packsRemoved++;
}
