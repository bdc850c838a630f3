/**
 * The objects of a store whose bytes this user hashed and synced before, so that the next seal need not do it again:
 *
 *     $XDG_STATE_HOME/runseal/objects/SHA256     else below ~/.local/state
 *
 * SHA256 is that of the store's real path. A key names an object's digest, inode, size and times. It is kept outside of the
 * store: who can write a store could write there too, and an archive can bring one.
 *
 * @module
 */

import { hash } from "node:crypto";
import type { BigIntStats } from "node:fs";
import type { HexDigest } from "../../core/internal.ts";
import type { AnchoredRoot } from "../files/anchored-root.ts";
import { type KeyListPlace, readKeyList, replaceKeyList } from "../files/key-list.ts";
import { type Environment, stateFolderOf } from "../keys/user-home.ts";
import { STORE_FOLDER } from "./object-store.ts";

const HEADER = "runseal hashed objects 1\n";

/** Objects that are remembered, at most: 32 MiB. */
const MAX_OBJECTS: number = 1024 * 1024;

/**
 * How long an object must have been left alone. A write so soon after another may leave ctime as it is: the kernel's clock
 * for it ticks some hundred times a second, on some file systems every two seconds.
 */
const SETTLED_MS = 2_500;

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

  /** The memory of the store of a project. Nothing is read before it is asked. `now` gives milliseconds since 1970. */
  static of(environment: Environment, project: AnchoredRoot, now: () => number = Date.now): ObjectMemory {
    const { path } = stateFolderOf(environment, "objects");
    const name = hash("sha256", `/${[...project.real, STORE_FOLDER].join("/")}`, "hex");
    return new ObjectMemory({ folder: path, name, header: HEADER, maxKeys: MAX_OBJECTS }, now);
  }

  /** Whether this object was hashed and synced before, and not touched since. */
  recalls(digest: HexDigest, stats: ObjectStats): boolean {
    this.#known ??= new Set(readKeyList(this.#place).keys);
    if (this.#known.size === 0) return false;
    const key = keyOfObject(digest, stats);
    const isKnown = this.#known.has(key);
    if (isKnown) this.#use(key);
    return isKnown;
  }

  /** Notes that an object with these stats was hashed and synced, unless it was changed only just now. */
  note(digest: HexDigest, stats: ObjectStats): void {
    if (Number(stats.ctimeMs) > this.#now() - SETTLED_MS) return;
    this.#use(keyOfObject(digest, stats));
    this.#noted++;
  }

  /** Writes down what was noted. Where that fails, the objects are hashed again next time. */
  save(): void {
    if (this.#noted === 0) return;
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
 * An object as it stands: 32 characters in Latin-1 that change with its bytes. No st_dev: it changes when a disk is mounted
 * again, and the store's path is part of the file's name.
 */
export function keyOfObject(digest: HexDigest, { ctimeNs, ino, mtimeNs, size }: ObjectStats): string {
  return hash("sha256", ["object", digest, ino, size, mtimeNs, ctimeNs].join(), "binary");
}
