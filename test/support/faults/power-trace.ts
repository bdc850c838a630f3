/**
 * What an act did to a disk, change by change: recorded at the file-system port, to be replayed in part.
 *
 * @module
 */

import { constants, fstatSync, lstatSync, readlinkSync, statSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import type { FileSystem } from "../../../src/node/system/files/file-system.ts";
import {
  type DiskImage,
  type FileInode,
  type FolderInode,
  type Inode,
  InodeNumbers,
  type LinkInode,
  photograph,
  readUnbound,
  STATE_NAME,
} from "../files/disk-image.ts";
import { type Call, interceptFileSystem } from "../files/faulty-file-system.ts";
import { keyIn } from "./bound-journal.ts";
import { fsyncSite } from "./named-fsyncs.ts";

/** What one name of one folder leads to from now on; undefined where it is gone. */
export interface NameChange {
  readonly folder: number;
  readonly name: string;
  readonly inode: number | undefined;
}

/** One change. A rename is one change of two names. */
export type Change =
  | { readonly kind: "names"; readonly changes: readonly NameChange[] }
  | { readonly kind: "content"; readonly inode: number; readonly content: FileInode | LinkInode }
  /** The permission bits of a folder. */
  | { readonly kind: "mode"; readonly inode: number; readonly mode: number }
  /** All that was changed in one inode is durable; `site` is the fsync's name in the engine. */
  | { readonly kind: "sync"; readonly inode: number; readonly site: string }
  /** The texts of all links are durable, by one sync of the whole file system. */
  | { readonly kind: "sync-links"; readonly site: string };

/** What a link leads to if its text was lost: file systems leave an empty or broken link then. */
export const LOST_TEXT = "lost";

/** A disk, and what was done to it in order. */
export interface Trace {
  /** All of it is durable. */
  readonly start: DiskImage;
  /** Inodes that came later, as they were when they came. */
  readonly made: ReadonlyMap<number, Inode>;
  readonly changes: readonly Change[];
}

/** Records what is done in a container. */
export class Recorder implements Trace {
  readonly start: DiskImage;
  readonly made: Map<number, Inode> = new Map();
  readonly changes: Change[] = [];
  readonly fs: FileSystem;
  readonly #numbers = new InodeNumbers();
  /** Sockets that restores bind without a call of the port. */
  readonly #awaited = new Set<string>();

  readonly #state: string;

  constructor(container: string) {
    this.#state = join(container, STATE_NAME);
    this.start = photograph(container, this.#numbers);
    this.fs = interceptFileSystem((call, proceed) => this.#record(call, proceed));
  }

  #record(call: Call, proceed: () => unknown): unknown {
    const { address, args, name } = call;
    const to = String(args[1]);
    switch (name) {
      case "fsyncSync":
        // These disks are never cut off: a real fsync would only cost time.
        this.#noticeSockets();
        this.#sync(Number(args[0]));
        return undefined;
      case "mkdirSync":
        return this.#naming(proceed, () => [this.#created(address, { kind: "folder", names: new Map() })]);
      case "symlinkSync":
        return this.#linking(to, address, proceed);
      case "syncWhole":
        this.changes.push({ kind: "sync-links", site: fsyncSite() });
        return Promise.resolve(true);
      case "linkSync":
        return this.#naming(proceed, () => [this.#named(to, to)]);
      case "unlinkSync":
      case "rmdirSync":
        return this.#naming(proceed, () => [this.#named(address, undefined)]);
      case "renameSync":
        return this.#naming(proceed, () => [this.#named(address, undefined), this.#named(to, to)]);
      case "openSync":
        if ((Number(args[1]) & constants.O_CREAT) === 0) return proceed();
        return this.#naming(proceed, () => [
          this.#created(address, { kind: "file", bytes: Buffer.alloc(0) }),
        ]);
      case "copyFileSync":
        // From one descriptor to another, by their names in /proc.
        return this.#filling(Number(basename(to)), proceed);
      case "writeSync":
      case "ftruncateSync":
      case "fchmodSync":
        return this.#filling(Number(args[0]), proceed);
      default:
        return proceed();
    }
  }

  /** Folders above the container are synced for the names of those below: they are durable already. */
  #sync(fd: number): void {
    const inode = this.#numbers.find(fstatSync(fd));
    if (inode !== undefined) this.changes.push({ kind: "sync", inode, site: fsyncSite() });
  }

  #naming(proceed: () => unknown, changesOf: () => readonly NameChange[]): unknown {
    this.#noticeSockets();
    const answer = proceed();
    this.changes.push({ kind: "names", changes: changesOf() });
    return answer;
  }

  /** A link comes with a name, and with a text that may be lost. */
  #linking(address: string, text: string, proceed: () => unknown): unknown {
    const answer = this.#naming(proceed, () => [this.#created(address, { kind: "link", text: LOST_TEXT })]);
    const inode = this.#numbers.find(lstatSync(address));
    if (inode !== undefined) this.changes.push({ kind: "content", inode, content: { kind: "link", text } });
    return answer;
  }

  #filling(fd: number, proceed: () => unknown): unknown {
    const answer = proceed();
    const stats = fstatSync(fd);
    const mode = stats.mode & 0o7777;
    if (stats.isDirectory()) {
      this.changes.push({ kind: "mode", inode: this.#numberOf(fd), mode });
      return answer;
    }
    const content = { kind: "file", mode, bytes: this.#bytesOf(fd) } as const;
    this.changes.push({ kind: "content", inode: this.#numberOf(fd), content });
    return answer;
  }

  #bytesOf(fd: number): Buffer {
    const from = `/proc/self/fd/${fd}`;
    return readUnbound(readlinkSync(from), keyIn(this.#state), from);
  }

  #created(
    address: string,
    inode: Omit<FolderInode, "mode"> | Omit<FileInode, "mode"> | LinkInode,
  ): NameChange {
    const stats = lstatSync(address);
    const number = this.#numbers.add(stats);
    this.made.set(number, inode.kind === "link" ? inode : { ...inode, mode: stats.mode & 0o7777 });
    if (/^\.spectrum06_(?:staging|new)_/.test(basename(address))) {
      const folder = readlinkSync(dirname(address));
      this.#awaited.add(join(folder, basename(address), "owner"));
    }
    return this.#change(address, number);
  }

  #named(address: string, target: string | undefined): NameChange {
    if (target === undefined) return this.#change(address, undefined);
    return this.#change(address, this.#numbers.find(lstatSync(target)));
  }

  #change(address: string, inode: number | undefined): NameChange {
    const folder = this.#numbers.find(statSync(`${dirname(address)}/.`));
    if (folder === undefined) throw new Error("something was changed outside of the container");
    return { folder, name: basename(address), inode };
  }

  #numberOf(fd: number): number {
    const number = this.#numbers.find(fstatSync(fd));
    if (number === undefined) throw new Error("something was changed outside of the container");
    return number;
  }

  #noticeSockets(): void {
    for (const address of this.#awaited) {
      const stats = lstatSync(address, { throwIfNoEntry: false });
      if (stats === undefined) continue;
      this.#awaited.delete(address);
      const number = this.#numbers.add(stats);
      this.made.set(number, { kind: "socket" });
      this.changes.push({ kind: "names", changes: [this.#change(address, number)] });
    }
  }
}
