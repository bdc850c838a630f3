/**
 * The packs and objects of a store that this user wrote or hashed, and synced, so that the next seal need not do it again:
 *
 *     $XDG_STATE_HOME/runseal/objects/SHA256     else below ~/.local/state
 *
 * SHA256 is the hash of the store's real path. A line is a digest or the id of a pack, then inode, size and times of its file. The table is
 * outside of the store, because an attacker could write one into the store, or an archive could bring one. Losing it costs only time.
 *
 * @module
 */

import { hash } from "node:crypto";
import type { BigIntStats } from "node:fs";
import { type HexDigest, isHexDigest, matchesDigest, STORE_FOLDER } from "../../../core/internal.ts";
import { AnchoredDir, isOursAlone } from "../../system/files/anchored-dir.ts";
import type { AnchoredRoot } from "../../system/files/anchored-root.ts";
import { removeReplacements } from "../../system/files/durable-file.ts";
import { nodeFileSystem as fs } from "../../system/files/file-system.ts";
import { openOrMakeFolders } from "../../system/files/make-folders.ts";
import { pathOfComponents } from "../../system/files/path-components.ts";
import { replaceFile } from "../../system/files/placed-file.ts";
import { readRegularFile } from "../../system/files/read-source.ts";
import { unlessRefused } from "../../system/runtime/machine-reason.ts";
import { nodeCrypto } from "../../system/runtime/node-crypto.ts";
import { type Environment, stateFolderOf } from "../../system/runtime/user-home.ts";
import type { HeldProject } from "../project/held-project.ts";

/** Most packs and large objects that are remembered. */
const MAX_ENTRIES: number = 256 * 1024;

/** Most bytes of the table: a line has at most 64 hex digits, four numbers of 64 bits, and 64 hex digits again. */
const MAX_BYTES: number = MAX_ENTRIES * 256;

/**
 * How long a file must be unchanged. Two writes within this time may have the same ctime: the kernel's clock for it ticks
 * some hundred times a second, on some file systems every two seconds.
 */
const UNCHANGED_MS = 2_500;

const NS_A_SECOND = 1_000_000_000n;

/** What is compared. No st_dev: it changes when a disk is mounted again. */
export type ObjectStats = Pick<BigIntStats, "ino" | "size" | "mtimeNs" | "ctimeNs" | "ctimeMs">;

/** A file as it was, and what it holds: its digest, or the id of a pack. */
interface Remembered {
  readonly digest: HexDigest;
  readonly state: string;
}

/** The memory of one store. */
export class ObjectMemory {
  readonly #folder: string;
  readonly #name: string;
  readonly #now: () => number;
  /** By the inodes of the files; what was used last is at the end. */
  #table: Map<string, Remembered> | undefined;
  #hasNews = false;

  private constructor(folder: string, name: string, now: () => number) {
    this.#folder = folder;
    this.#name = name;
    this.#now = now;
  }

  /** The memory of the store of a project. It is read on the first question. `now` gives milliseconds since 1970. */
  static of(environment: Environment, project: AnchoredRoot, now: () => number = Date.now): ObjectMemory {
    const name = hash("sha256", pathOfComponents([...project.real, STORE_FOLDER]), "hex");
    return new ObjectMemory(stateFolderOf(environment, "objects").path, name, now);
  }

  /** The same of a held project; undefined where nothing is remembered. */
  static ofProject({
    environment,
    home,
  }: Pick<HeldProject, "environment" | "home">): ObjectMemory | undefined {
    return environment && ObjectMemory.of(environment, home);
  }

  /** Whether this file was written or hashed, and synced, and not touched since. `index` is the checksum of a pack's index. */
  recalls(digest: HexDigest, stats: ObjectStats, index = ""): boolean {
    const state = stateOf(stats, index);
    const known = this.#read().get(String(stats.ino));
    if (known?.state !== state || !matchesDigest(known.digest, digest, nodeCrypto)) return false;
    this.#set(stats, { digest, state });
    return true;
  }

  /** What was noted of a file with these stats; undefined if it was touched since, or nothing was noted. */
  digestOf(stats: ObjectStats, index: string): HexDigest | undefined {
    const known = this.#read().get(String(stats.ino));
    return known?.state === stateOf(stats, index) ? known.digest : undefined;
  }

  /**
   * Notes that a file with these stats was hashed and synced, unless it was changed just before. If this process has just written it,
   * later changes have another ctime where the file system counts in less than seconds; elsewhere it is not noted.
   */
  note(
    digest: HexDigest,
    stats: ObjectStats,
    { index = "", isWritten = false }: { readonly index?: string; readonly isWritten?: boolean } = {},
  ): void {
    const isCertain = isWritten
      ? stats.ctimeNs % NS_A_SECOND !== 0n
      : Number(stats.ctimeMs) <= this.#now() - UNCHANGED_MS;
    if (!isCertain) return;
    this.#set(stats, { digest, state: stateOf(stats, index) });
    this.#hasNews = true;
  }

  /** Forgets the packs that are gone: a line for each that was ever joined would be written with every seal. */
  forgetPacksBut(packs: readonly { readonly stats: ObjectStats }[]): void {
    const there = new Set(packs.map(({ stats }) => String(stats.ino)));
    for (const [ino, { state }] of this.#read()) {
      const isPack = !state.endsWith(" ");
      if (isPack && !there.has(ino)) this.#hasNews = this.#read().delete(ino);
    }
  }

  /** Saves what was noted, as the holder of the project's lock, and removes what killed writers left. A refusal does no harm. */
  save(): void {
    unlessRefused(() => {
      using dir = this.#hasNews ? openOrMakeFolders(this.#folder, 0o700) : AnchoredDir.open(this.#folder);
      if (!isOursAlone(fs.fstatSync(dir.fd))) return;
      removeReplacements(dir, this.#name);
      if (!this.#hasNews) return;
      const kept = [...this.#read().values()].slice(-MAX_ENTRIES);
      const lines = kept.map(({ digest, state }) => `${digest} ${state}\n`);
      replaceFile(dir.address(this.#name), Buffer.from(lines.join("")), 0o600);
      this.#hasNews = false;
    });
  }

  #set({ ino }: ObjectStats, remembered: Remembered): void {
    const table = this.#read();
    table.delete(String(ino));
    table.set(String(ino), remembered);
  }

  /** The table. It is empty if it is missing or too large, or if other users could have written it. */
  #read(): Map<string, Remembered> {
    const lines = this.#table === undefined ? unlessRefused(() => readLines(this.#folder, this.#name)) : [];
    this.#table ??= new Map(lines?.map((line) => [line.state.split(" ", 1)[0] ?? "", line]));
    return this.#table;
  }
}

function readLines(folder: string, name: string): readonly Remembered[] {
  using dir = AnchoredDir.open(folder);
  // No other user can exchange the file between the two calls.
  if (!isOursAlone(fs.fstatSync(dir.fd)) || !isOursAlone(fs.lstatSync(dir.address(name)))) return [];
  const reading = readRegularFile(dir, name, MAX_BYTES, fs);
  if (reading.kind !== "bytes") return [];
  const lines = Buffer.from(reading.bytes).toString("latin1").split("\n");
  return lines.flatMap((line) => {
    const digest = line.slice(0, 64);
    return isHexDigest(digest) ? [{ digest, state: line.slice(65) }] : [];
  });
}

/** The state of a file: any write, rename or replacement changes it. */
export function stateOf({ ctimeNs, ino, mtimeNs, size }: ObjectStats, index = ""): string {
  return [ino, size, mtimeNs, ctimeNs, index].join(" ");
}
