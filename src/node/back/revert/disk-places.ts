/**
 * What the plan of a revert asks of the machine: owners, hard links, rights and names below the guarded folder, and sizes of objects.
 * No link is followed below the folder.
 *
 * @module
 */

import { type BigIntStats, constants } from "node:fs";
import type { HexDigest, PlaceFacts, RevertPlaces } from "../../../core/internal.ts";
import type { StoredObjects } from "../../records/store/stored-objects.ts";
import type { AnchoredRoot } from "../../system/files/anchored-root.ts";
import type { FileSystem } from "../../system/files/file-system.ts";
import { readMountPoints } from "../../system/files/mount-points.ts";
import { RootDisk } from "../../system/files/root-disk.ts";
import { tolerate, unlessErrno } from "../../system/runtime/machine-reason.ts";
import { isSpecial } from "../transaction/judge-entry.ts";
import type { SoughtFile } from "./open-writers.ts";

/** The errors of a path that leads nowhere, or through something that is not a folder. */
const NOT_THERE = ["ENOENT", "ENOTDIR", "ELOOP", "ENAMETOOLONG"];

/** Looks at places below a folder that is held. */
export class DiskPlaces implements RevertPlaces {
  readonly #root: AnchoredRoot;
  readonly #store: StoredObjects | undefined;
  readonly #fs: FileSystem;
  readonly #disk: RootDisk;
  readonly #device: bigint;
  readonly #mountPoints: ReadonlySet<string>;
  readonly #user: bigint | undefined;

  constructor(root: AnchoredRoot, store: StoredObjects | undefined, fs: FileSystem) {
    this.#root = root;
    this.#store = store;
    this.#fs = fs;
    this.#disk = new RootDisk(root, fs);
    this.#device = fs.fstatSync(root.dir.fd, { bigint: true }).dev;
    this.#mountPoints = readMountPoints(root.dir);
    const user = process.geteuid?.();
    // The superuser may do with everything what its owner may.
    this.#user = user === undefined || user === 0 ? undefined : BigInt(user);
  }

  /** As `RevertPlaces.look`. Throws what the system says. */
  look(path: string): PlaceFacts | undefined {
    const found = this.#lstat(path);
    if (found === undefined) return undefined;
    const { address, stats } = found;
    const isMounted = [...this.#mountPoints].some((point) => `${path}/`.startsWith(`${point}/`));
    const isOtherFileSystem = stats.dev !== this.#device || isMounted;
    return {
      isOurs: this.#user === undefined || stats.uid === this.#user,
      isOtherFileSystem,
      isSpecial: !isOtherFileSystem && isSpecial(stats),
      links: Number(stats.nlink),
      bytes: Number(stats.size),
      isWritable: stats.isDirectory() && this.#isWritable(address),
    };
  }

  /** As `RevertPlaces.list`. A name that is not text is listed as it can be shown: no snapshot has it. */
  list(path: string): readonly string[] | undefined {
    return this.#disk.list(path)?.map(({ isText, name }) => (isText ? name : `${name}/`));
  }

  /** As `RevertPlaces.sizeOf`. Throws what the system says. */
  sizeOf(digest: HexDigest): number | undefined {
    const found = this.#store?.find(digest);
    return typeof found === "number" ? found : undefined;
  }

  /** The identity of a file, to look for processes that write to it; undefined if nothing is there. Throws what the system says. */
  identify(path: string): SoughtFile | undefined {
    const stats = this.#lstat(path)?.stats;
    return stats === undefined ? undefined : { path, dev: stats.dev, ino: stats.ino };
  }

  #lstat(path: string): { readonly address: string; readonly stats: BigIntStats } | undefined {
    const address = this.#addressOf(path);
    if (address === undefined) return undefined;
    const stats = this.#fs.lstatSync(address, { bigint: true, throwIfNoEntry: false });
    return stats && { address, stats };
  }

  /** Where a path leads, if its folder is there. */
  #addressOf(path: string): string | undefined {
    if (path === "") return this.#root.dir.self;
    return unlessErrno(NOT_THERE, () => this.#root.addressOf(path));
  }

  #isWritable(address: string): boolean {
    const access = constants.W_OK | constants.X_OK;
    return tolerate(["EACCES", "EPERM", "EROFS"], () => this.#fs.accessSync(address, access));
  }
}
