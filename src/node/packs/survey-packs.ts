/**
 * What a folder of packs holds, as the lock holder sees it: no index is believed, the heads of all records are read.
 *
 * @module
 */

import type { BigIntStats } from "node:fs";
import { type HexDigest, indexBytes, PERMISSIONS, packIdIn } from "../../core/internal.ts";
import type { AnchoredDir } from "../files/anchored-dir.ts";
import type { FileSystem } from "../files/file-system.ts";
import { breathe } from "../runtime/interruption.ts";
import { attempt, machineReason } from "../runtime/machine-reason.ts";
import { PACK_MODES } from "./pack-board.ts";
import {
  type DamagedPack,
  enterPacks,
  type ListedPack,
  MAX_INDEX_BYTES,
  type PackFolder,
  rebuildIndex,
} from "./pack-catalog.ts";
import { type OpenPack, openPack } from "./pack-file.ts";
import { isDamagedName } from "./place-pack.ts";
import { indexIdIn, isPartialPackName } from "./tidy-packs.ts";

/** A pack with a good trailer. */
export interface PackFile {
  readonly id: HexDigest;
  readonly bytes: number;
  readonly records: number;
  readonly owner: PackOwner;
  /** Another file that has its name by now is another pack. */
  readonly stats: BigIntStats;
}

/** A good pack, with an index that was made from its record heads. */
export interface SurveyedPack extends PackFile, ListedPack {}

/** Who may read a pack, and whether this user may put another in its place. */
export type PackOwner =
  /** This user's, for all users, or for this user only. */
  | "for-all"
  | "for-owner"
  /** Another user's, but readable by all. */
  | "foreign-for-all"
  /** Anything else: never rewritten or joined, and never a reason to remove another copy. */
  | "foreign";

/** The content of a folder of packs, by file names. */
export interface PackSurvey {
  readonly packs: readonly SurveyedPack[];
  readonly damaged: readonly DamagedPack[];
  /** Packs that the system refused to read, or whose indexes need too much memory. */
  readonly unreadable: readonly string[];
  readonly partials: readonly string[];
  readonly indexes: readonly string[];
  /** What runseal did not make. */
  readonly strays: readonly string[];
}

/** Lists packs by their trailers, without those that are damaged or can't be read. Throws what the system says of the folder. */
export function listPackFiles(held: PackFolder, fs: FileSystem): readonly PackFile[] {
  const folder = enterPacks(held, fs);
  const files: PackFile[] = [];
  for (const id of fs.readdirSync(folder.self).flatMap((name) => packIdIn(name) ?? [])) {
    attempt(() => {
      const pack = openPack(folder, id, fs);
      if (typeof pack === "string") return;
      fs.closeSync(pack.fd);
      files.push(packFileOf(pack));
    });
  }
  return files;
}

/** Reads the heads of all packs. Throws what the system says of the folder, and an Interruption. */
export async function surveyPacks(
  held: PackFolder,
  signal: AbortSignal | undefined,
  fs: FileSystem,
): Promise<PackSurvey> {
  const folder = enterPacks(held, fs);
  const survey = namesOf(folder, fs);
  const packs: SurveyedPack[] = [];
  let loaded = 0;
  for (const [number, id] of survey.ids.entries()) {
    const pause = breathe(number, signal);
    if (pause !== undefined) await pause;
    const pack = surveyPack(folder, id, MAX_INDEX_BYTES - loaded, fs);
    if (pack === "unreadable") survey.unreadable.push(`${id}.pack`);
    else if (pack !== undefined && "problem" in pack) survey.damaged.push(pack);
    else if (pack !== undefined) {
      packs.push(pack);
      loaded += pack.index.length;
    }
  }
  return { ...survey, packs };
}

function namesOf(folder: AnchoredDir, fs: FileSystem) {
  const ids: HexDigest[] = [];
  const damaged: DamagedPack[] = [];
  const unreadable: string[] = [];
  const partials: string[] = [];
  const indexes: string[] = [];
  const strays: string[] = [];
  const entries = fs.readdirSync(folder.self, { withFileTypes: true });
  for (const entry of entries.sort((left, right) => (left.name < right.name ? -1 : 1))) {
    const { name } = entry;
    const id = packIdIn(name);
    if (!entry.isFile()) strays.push(name);
    else if (id !== undefined) ids.push(id);
    else if (isDamagedName(name)) damaged.push({ name, problem: "set-aside" });
    else if (isPartialPackName(name)) partials.push(name);
    else if (indexIdIn(name) !== undefined) indexes.push(name);
    else strays.push(name);
  }
  return { ids, damaged, unreadable, partials, indexes, strays };
}

function surveyPack(
  folder: AnchoredDir,
  id: HexDigest,
  room: number,
  fs: FileSystem,
): SurveyedPack | DamagedPack | "unreadable" | undefined {
  try {
    const pack = openPack(folder, id, fs);
    if (pack === "missing") return undefined;
    if (typeof pack === "string") return { name: `${id}.pack`, problem: pack };
    try {
      if (indexBytes(pack.trailer.records) > room) return "unreadable";
      const { index, problem } = rebuildIndex(pack, fs);
      return problem === undefined ? { ...packFileOf(pack), index } : { name: `${id}.pack`, problem };
    } finally {
      fs.closeSync(pack.fd);
    }
  } catch (thrown) {
    if (machineReason(thrown) === undefined) throw thrown;
    return "unreadable";
  }
}

function packFileOf({ before: stats, id, trailer }: OpenPack): PackFile {
  return { id, bytes: Number(stats.size), records: trailer.records, owner: ownerOf(stats), stats };
}

/** Whose a pack is, by the stats of its file. */
export function ownerOf({ mode, uid }: Pick<BigIntStats, "mode" | "uid">): PackOwner {
  const permissions = Number(mode) & PERMISSIONS;
  const [forAll, forOwner] = PACK_MODES;
  const isOwn = process.geteuid === undefined || Number(uid) === process.geteuid();
  if (isOwn && permissions === forAll) return "for-all";
  if (isOwn && permissions === forOwner) return "for-owner";
  return (permissions & forAll) === forAll ? "foreign-for-all" : "foreign";
}
