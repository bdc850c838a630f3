/**
 * The staging folder: copies of the outputs on the target's own file system, complete and synced before
 * the first of them appears under its name (PROTOCOL 13.5).
 *
 * @module
 */

import { createHash, randomUUID } from "node:crypto";
import {
  digestToHex,
  matchesDigest,
  type RestoreFault,
  restoreFault,
  STAGING_PREFIX,
  type VerifiedOutput,
} from "../../core/index.ts";
import { publishCause } from "../cause-channel.ts";
import type { AnchoredDir } from "../files/anchored-dir.ts";
import type { AnchoredRoot } from "../files/anchored-root.ts";
import { writeAll } from "../files/durable-file.ts";
import { type FileSystem, OPEN_NEW, OPEN_SOURCE } from "../files/file-system.ts";
import { errnoOf } from "../files/machine-reason.ts";
import { acceptRegularFile, isUnchanged, type OpenSource } from "../files/read-source.ts";
import { BYTES_A_STEP, type Steps } from "../interruption.ts";
import { nodeCrypto } from "../node-crypto.ts";
import { type FileIdentity, OwnFolder } from "./own-entry.ts";

const BLOCK_BYTES = 1024 * 1024;

/** A staging folder that this restore made. Files in it are numbered, never named by the bundle. */
export class Staging {
  readonly #parent: AnchoredDir;
  readonly #name: string = stagingName();
  readonly #fs: FileSystem;
  readonly #folder = new OwnFolder();
  #dir: AnchoredDir | undefined;
  /** By number; a number without an identity was tried, and its file may be there. */
  readonly #identities: (FileIdentity | undefined)[] = [];
  readonly #buffer = new Uint8Array(BLOCK_BYTES);

  constructor(parent: AnchoredDir, fs: FileSystem) {
    this.#parent = parent;
    this.#fs = fs;
  }

  /** Makes the folder, exclusively: a name that is taken is an error, never a reuse (H-08). Throws what the system says. */
  make(): undefined {
    this.#folder.make(this.#parent, this.#name, 0o700, this.#fs);
    // Where one may only add, as after `chattr +a`, this fails: now, while nothing but an empty folder is left behind.
    this.#folder.discard(this.#parent, this.#name, this.#fs);
    this.#folder.make(this.#parent, this.#name, 0o700, this.#fs);
    this.#dir = this.#parent.enter(this.#name);
  }

  /** The address of staged file `index`. */
  address(index: number): string {
    if (this.#dir === undefined) throw new TypeError("a file is staged after the folder was made");
    return this.#dir.address(`f${index}`);
  }

  /** Which file was staged as `index`. */
  identity(index: number): FileIdentity | undefined {
    return this.#identities[index];
  }

  /**
   * Copies one source. What is hashed are the bytes that were staged, so a source that was changed after
   * it was verified is noticed: RESTORE_STAGING_HASH_MISMATCH. Throws what the system says.
   */
  *copyIn(index: number, source: AnchoredRoot, output: VerifiedOutput): Steps<RestoreFault | undefined> {
    const { path } = output;
    const opened = openPlannedSource(source, path, this.#fs);
    if (!("fd" in opened)) return opened;
    try {
      const executable = (opened.before.mode & 0o100n) !== 0n;
      const staged = yield* this.#create(index, executable ? 0o755 : 0o644, (fd) =>
        copy(opened, fd, this.#buffer, this.#fs),
      );
      if (staged !== undefined && matchesDigest(output.digest, staged, nodeCrypto)) return undefined;
      return restoreFault("EXECUTE", "RESTORE_STAGING_HASH_MISMATCH", { path });
    } finally {
      this.#fs.closeSync(opened.fd);
    }
  }

  /** Stages bytes of our own, such as a result artifact. Throws what the system says. */
  write(index: number, bytes: Uint8Array): void {
    const fs = this.#fs;
    const steps = this.#create(index, 0o644, function* (fd): Steps<void> {
      writeAll(fd, bytes, fs);
      yield;
    });
    while (steps.next().done !== true);
  }

  /** Unlinks every staged name and removes the folder. Throws what the system says; may be called again. */
  remove(): undefined {
    for (const index of this.#identities.keys()) ignoreAbsent(() => this.#fs.unlinkSync(this.address(index)));
    ignoreAbsent(() => this.#folder.discard(this.#parent, this.#name, this.#fs));
  }

  /** Lets go of the folder. */
  close(): void {
    this.#dir?.close();
  }

  *#create<Value>(index: number, mode: number, fill: (fd: number) => Steps<Value>): Steps<Value> {
    const fd = this.#open(index);
    try {
      const { dev, ino } = this.#fs.fstatSync(fd, { bigint: true });
      this.#identities[index] = { dev, ino };
      const value = yield* fill(fd);
      this.#fs.fchmodSync(fd, mode);
      // [staged-file] The bytes are durable before any name leads to them.
      this.#fs.fsyncSync(fd);
      return value;
    } finally {
      this.#fs.closeSync(fd);
    }
  }

  #open(index: number): number {
    this.#identities[index] = undefined;
    try {
      return this.#fs.openSync(this.address(index), OPEN_NEW, 0o600);
    } catch (thrown) {
      // Somebody else's, and not ours to unlink.
      if (errnoOf(thrown) === "EEXIST") this.#identities.length = index;
      throw thrown;
    }
  }
}

/** A name for a staging folder that nobody can guess and nobody has. */
export function stagingName(): string {
  return `${STAGING_PREFIX}staging_${randomUUID()}`;
}

/** Opens a source as planned: a regular file and no link, not even one that stays inside. */
function openPlannedSource(source: AnchoredRoot, path: string, fs: FileSystem): OpenSource | RestoreFault {
  const location = source.locate(path);
  if (location.kind !== "entry") return restoreFault("EXECUTE", "RESTORE_SOURCE_MISSING", { path });
  try {
    const opened = acceptRegularFile(fs.openSync(location.dir.address(location.name), OPEN_SOURCE), fs);
    if (opened !== undefined) return opened;
  } catch (thrown) {
    const errno = errnoOf(thrown);
    if (errno !== "ENOENT" && errno !== "ELOOP" && errno !== "ENXIO") throw thrown;
    publishCause(thrown);
    if (errno === "ENOENT") return restoreFault("EXECUTE", "RESTORE_SOURCE_MISSING", { path });
  }
  return restoreFault("EXECUTE", "RESTORE_SOURCE_NOT_REGULAR_FILE", { path });
}

/** Copies all bytes and gives the digest of what was written, or `undefined` where the source changed meanwhile. */
function* copy(
  source: OpenSource,
  target: number,
  buffer: Uint8Array,
  fs: FileSystem,
): Steps<string | undefined> {
  const hash = createHash("sha256");
  let bytes = 0;
  let pause = BYTES_A_STEP;
  for (;;) {
    const count = fs.readSync(source.fd, buffer, 0, buffer.length, null);
    if (count === 0) break;
    const block = buffer.subarray(0, count);
    writeAll(target, block, fs);
    hash.update(block);
    bytes += count;
    // A source that grows as fast as it is copied would fill the disk.
    if (BigInt(bytes) > source.before.size) return undefined;
    if (bytes >= pause) {
      yield;
      pause = bytes + BYTES_A_STEP;
    }
  }
  return isUnchanged(source, bytes, fs) ? digestToHex(hash.digest()) : undefined;
}

function ignoreAbsent(call: () => void): void {
  try {
    call();
  } catch (thrown) {
    if (errnoOf(thrown) !== "ENOENT") throw thrown;
  }
}
