/**
 * The objects of a store whose bytes this user hashed and synced before, so that the next seal need not do it again:
 *
 *     $XDG_STATE_HOME/runseal/objects/SHA256     else below ~/.local/state
 *
 * SHA256 is the hash of the store's real path. A key is made of an object's digest, inode, size and times. The memory is
 * outside of the store, because an attacker could write one into the store, or an archive could bring one.
 *
 * @module
 */

import { hash } from "node:crypto";
import type { BigIntStats } from "node:fs";
import { type HexDigest, STORE_FOLDER } from "../../core/internal.ts";
import { pathOfComponents } from "../files/anchored-dir.ts";
import type { AnchoredRoot } from "../files/anchored-root.ts";
import { type KeyListPlace, readKeyList, replaceKeyList, tidyKeyList } from "../files/key-list.ts";
import { type Environment, stateFolderOf } from "../keys/user-home.ts";

const HEADER = "runseal hashed objects 1\n";

/** Most objects that are remembered: 32 MiB. */
const MAX_OBJECTS: number = 1024 * 1024;

/**
 * How long an object must be unchanged. Two writes within this time may have the same ctime: the kernel's clock for it ticks
 * some hundred times a second, on some file systems every two seconds.
 */
const UNCHANGED_MS = 2_500;

const NS_A_SECOND = 1_000_000_000n;

/** What is compared: any write, rename or replacement of an object changes one of them. */
export type ObjectStats = Pick<BigIntStats, "ino" | "size" | "mtimeNs" | "ctimeNs" | "ctimeMs">;

/** The memory of one store. */
export class ObjectMemory {
  readonly #place: KeyListPlace;
  readonly #now: () => number;
  readonly #used = new Set<string>();
  #known: ReadonlySet<string> | undefined;
  #noted = 0;

  private constructor(place: KeyListPlace, now: () => number) {
    this.#place = place;
    this.#now = now;
  }

  /** The memory of the store of a project. It is read on the first question. `now` gives milliseconds since 1970. */
  static of(environment: Environment, project: AnchoredRoot, now: () => number = Date.now): ObjectMemory {
    const { path } = stateFolderOf(environment, "objects");
    const name = hash("sha256", pathOfComponents([...project.real, STORE_FOLDER]), "hex");
    return new ObjectMemory({ folder: path, name, header: HEADER, maxKeys: MAX_OBJECTS }, now);
  }

  /** Whether this object was hashed and synced before, and not touched since. */
  recalls(digest: HexDigest, stats: ObjectStats): boolean {
    this.#known ??= new Set(readKeyList(this.#place));
    if (this.#known.size === 0) return false;
    const key = keyOfObject(digest, stats);
    const isKnown = this.#known.has(key);
    if (isKnown) this.#use(key);
    return isKnown;
  }

  /** Notes that an object with these stats was hashed and synced, unless it was changed just before. */
  note(digest: HexDigest, stats: ObjectStats): void {
    if (Number(stats.ctimeMs) > this.#now() - UNCHANGED_MS) return;
    this.#use(keyOfObject(digest, stats));
    this.#noted++;
  }

  /**
   * Notes a file that this process has just written, with the bytes that it hashed, and synced. Later changes have another ctime if the
   * file system counts in less than seconds; else it is not noted.
   */
  noteWritten(digest: HexDigest, stats: ObjectStats): void {
    if (stats.ctimeNs % NS_A_SECOND === 0n) return;
    this.#use(keyOfObject(digest, stats));
    this.#noted++;
  }

  /** Saves what was noted, as the holder of the project's lock. If that fails, the objects are hashed again next time. */
  save(): void {
    if (this.#noted === 0) {
      tidyKeyList(this.#place);
      return;
    }
    replaceKeyList(this.#place, (now) => {
      const others = now.filter((key) => !this.#used.has(key));
      return [...others.slice(0, MAX_OBJECTS - this.#used.size), ...this.#used];
    });
  }

  #use(key: string): void {
    if (this.#used.size < MAX_OBJECTS) this.#used.add(key);
  }
}

/**
 * The state of an object: 32 characters in Latin-1 that change with its bytes. No st_dev: it changes when a disk is mounted
 * again, and the store's path is part of the file's name.
 */
export function keyOfObject(digest: HexDigest, { ctimeNs, ino, mtimeNs, size }: ObjectStats): string {
  return hash("sha256", ["object", digest, ino, size, mtimeNs, ctimeNs].join(), "binary");
}
