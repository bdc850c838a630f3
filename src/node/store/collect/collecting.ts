/**
 * A collection at work, and the question that each of its parts asks: whether another good copy of an object stays.
 *
 * @module
 */

import { DIGEST_AT, DIGEST_BYTES, type HexDigest, matchesDigest, packName } from "../../../core/internal.ts";
import { type FileSystem, OPEN_SOURCE } from "../../files/file-system.ts";
import { hashOpenFile, makeReadBuffer } from "../../hashing/hash-file.ts";
import { enterPacks, type PackFolder } from "../../packs/pack-catalog.ts";
import { isSoundRecord } from "../../packs/record-content.ts";
import type { RecordJudge } from "../../packs/rewrite-packs.ts";
import { SoundCopies } from "../../packs/sound-copies.ts";
import type { SurveyedPack } from "../../packs/survey-packs.ts";
import { runSteps } from "../../runtime/interruption.ts";
import { machineReason } from "../../runtime/machine-reason.ts";
import { nodeCrypto } from "../../runtime/node-crypto.ts";
import type { ObjectStore } from "../object-store.ts";
import { MARKS, type NamedObjects, type Tally } from "./removals.ts";

/** What the parts of a collection share. */
export interface CollectSetting {
  readonly folder: PackFolder;
  readonly loose: ObjectStore | undefined;
  readonly named: NamedObjects;
  readonly tally: Tally;
  readonly dryRun: boolean;
  readonly signal: AbortSignal | undefined;
  readonly fs: FileSystem;
  /** Called with each object that was looked at. */
  readonly count: () => void;
}

/** Whether other copies stay. The lock holder asks: no other process adds or removes any. */
export class OtherCopies implements Disposable {
  readonly setting: CollectSetting;
  /** Packs that stay. */
  readonly kept: SoundCopies;
  /** All packs that are there, also those that will be removed once what they hold is copied. */
  readonly all: SoundCopies;
  #isSynced = false;

  constructor(setting: CollectSetting, packs: readonly SurveyedPack[]) {
    this.setting = setting;
    this.kept = new SoundCopies(setting.folder, packs, setting.fs);
    this.all = new SoundCopies(setting.folder, packs, setting.fs);
  }

  /** Notes that a pack stays: a new one, or one that could not be replaced. */
  keep(pack: SurveyedPack): void {
    this.kept.add(pack);
    this.all.add(pack);
    this.#isSynced = false;
  }

  /** Whether a pack that stays holds an object with the right bytes, for all users if that is asked for. */
  isKept(object: number, isForAll: boolean): boolean {
    return this.kept.holds(this.setting.named.digests, object * DIGEST_BYTES, isForAll);
  }

  /** Whether any good copy of an object exists, in a pack or in a file of its own. */
  exists(object: number): boolean {
    return (
      this.all.holds(this.setting.named.digests, object * DIGEST_BYTES, false) || this.#isSoundFile(object)
    );
  }

  /** Begins to decide for the records of packs that are copied. The caller ends it, so that the next copying begins anew. */
  judge(isForAll: boolean): CopyJudge {
    const { count, named } = this.setting;
    const copied: number[] = [];
    return {
      fateOf: (record) => {
        count();
        const object = named.find(record.bytes, DIGEST_AT);
        if (object < 0 || named.isMarked(object, MARKS.copied) || this.isKept(object, isForAll))
          return "drop";
        if (!isSoundRecord(record.bytes)) return this.exists(object) ? "drop" : "bad";
        named.mark(object, MARKS.copied);
        copied.push(object);
        return "copy";
      },
      end: () => {
        for (const object of copied.splice(0)) named.unmark(object, MARKS.copied);
      },
    };
  }

  /** Makes the packs that stay durable, before another copy of what they hold is removed. Throws what the system says. */
  sync(): void {
    if (this.#isSynced) return;
    const { folder, fs } = this.setting;
    const dir = enterPacks(folder, fs);
    for (const pack of this.kept.packs) {
      const fd = fs.openSync(dir.address(packName(pack.id)), OPEN_SOURCE);
      try {
        // [kept-pack] An archive may have brought it, or a process that was killed before it synced.
        fs.fsyncSync(fd);
      } finally {
        fs.closeSync(fd);
      }
    }
    // [kept-packs] Their names too: a power cut could keep the removal of the other copy, and not the name of this one.
    fs.fsyncSync(folder.fd);
    this.#isSynced = true;
  }

  [Symbol.dispose](): void {
    this.kept.close();
    this.all.close();
  }

  #isSoundFile(object: number): boolean {
    const { fs, loose, named } = this.setting;
    const digest = named.digests.toString(
      "hex",
      object * DIGEST_BYTES,
      (object + 1) * DIGEST_BYTES,
    ) as HexDigest;
    try {
      const source = loose?.open(digest) ?? "missing";
      if (typeof source === "string") return false;
      try {
        const found = runSteps(hashOpenFile(source, makeReadBuffer(), fs));
        return found.kind === "file" && matchesDigest(digest, found.digest, nodeCrypto);
      } finally {
        fs.closeSync(source.fd);
      }
    } catch (thrown) {
      if (machineReason(thrown) === undefined) throw thrown;
      return false;
    }
  }
}

/** The judge of one copying. */
export interface CopyJudge {
  readonly fateOf: RecordJudge;
  /** Forgets what was copied: it is in a pack that stays by now, or nowhere. */
  readonly end: () => void;
}
