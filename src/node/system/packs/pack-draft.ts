/**
 * A new pack that one thread writes record after record: to join packs, or to leave garbage behind.
 *
 * @module
 */

import {
  ColumnsBuilder,
  DIGEST_AT,
  HEAD_BYTES,
  HEADER_BYTES,
  MAX_PACK_BYTES,
  MAX_PACK_RECORDS,
  packHeader,
  type Result,
  TRAILER_BYTES,
} from "../../../core/internal.ts";
import type { AnchoredDir } from "../files/anchored-dir.ts";
import { writeAll } from "../files/durable-file.ts";
import { type FileSystem, OPEN_NEW } from "../files/file-system.ts";
import { makePartialName } from "../files/partial-name.ts";
import { attempt } from "../runtime/machine-reason.ts";
import type { OperationFault } from "../runtime/operation-fault.ts";
import { type PlacedPack, placePack } from "./place-pack.ts";

/** Bytes written at once. */
const CHUNK_BYTES: number = 4 * 1024 * 1024;

/** A pack that is being written. Its owner discards it, once, also if it was placed. */
export class PackDraft {
  readonly #folder: AnchoredDir;
  readonly #fs: FileSystem;
  readonly #mode: number;
  readonly #name: string;
  readonly #fd: number;
  readonly #records = new ColumnsBuilder();
  readonly #chunk: Buffer = Buffer.allocUnsafeSlow(CHUNK_BYTES);
  /** Bytes in the chunk, and bytes before it that are written. */
  #length = 0;
  #written = HEADER_BYTES;
  #isPlaced = false;

  /** Begins a pack. `mode` is one of `PACK_MODES`. Throws what the system says. */
  constructor(folder: AnchoredDir, mode: number, fs: FileSystem) {
    this.#folder = folder;
    this.#mode = mode;
    this.#fs = fs;
    this.#name = makePartialName();
    this.#fd = folder.open(this.#name, OPEN_NEW, 0o600);
  }

  /** How many records it has. */
  get count(): number {
    return this.#records.count;
  }

  /** Whether a record of so many bytes still fits, head included. */
  hasRoomFor(bytes: number): boolean {
    const end = this.#written + this.#length + bytes + TRAILER_BYTES;
    return end <= MAX_PACK_BYTES && this.#records.count < MAX_PACK_RECORDS;
  }

  /** Adds a whole record, head included. Throws what the system says. */
  add(record: Uint8Array): void {
    if (this.#length + record.length > this.#chunk.length) this.#flush();
    this.#records.add(this.#written + this.#length, record.length - HEAD_BYTES, record, DIGEST_AT);
    this.#chunk.set(record, this.#length);
    this.#length += record.length;
  }

  /** Gives it its name. The caller syncs the folder, and discards the draft. Fails and throws as `placePack` does. */
  place(): Result<PlacedPack, OperationFault> {
    this.#flush();
    writeAll(this.#fd, packHeader(), 0, this.#fs);
    const partial = { name: this.#name, fd: this.#fd, end: this.#written, mode: this.#mode };
    const placed = placePack(this.#folder, { ...partial, records: this.#records.columns() }, this.#fs);
    this.#isPlaced = placed.ok;
    return placed;
  }

  /** Ends the work on it, and removes it unless it has its name. */
  discard(): void {
    this.#fs.closeSync(this.#fd);
    if (!this.#isPlaced) attempt(() => this.#folder.unlink(this.#name));
  }

  #flush(): void {
    writeAll(this.#fd, this.#chunk.subarray(0, this.#length), this.#written, this.#fs);
    this.#written += this.#length;
    this.#length = 0;
  }
}
