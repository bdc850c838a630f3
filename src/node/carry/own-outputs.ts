/**
 * The bytes of a run's outputs where it was sealed: below the root, or in the project's store. They are hashed as they are read, because
 * files change after a verification.
 *
 * @module
 */

import {
  digestToHex,
  type HexDigest,
  matchesDigest,
  ok,
  type Result,
  type VerifiedOutput,
} from "../../core/internal.ts";
import { nodeFileSystem as fs } from "../files/file-system.ts";
import { fillAt } from "../packs/pack-file.ts";
import type { BlobSource } from "../registry/repository.ts";
import { reasonOf, unlessRefused } from "../runtime/machine-reason.ts";
import { nodeCrypto } from "../runtime/node-crypto.ts";
import { type OperationFault, operationFault } from "../runtime/operation-fault.ts";
import { type OpenBytes, type OutputPlace, OutputPlaces } from "../store/output-places.ts";
import type { SourceName } from "../store/output-source.ts";

/** Where the files of a run are. */
export interface OwnPlace extends OutputPlace {
  readonly runId: string;
  /** Where they were verified: that place is asked first. */
  readonly source: SourceName;
}

/** Bytes of a large output that are read at once. */
const CHUNK_BYTES: number = 1024 * 1024;

/** Reads the outputs of one run. Its owner disposes of it. */
export class OwnOutputs implements Disposable {
  readonly #places = new OutputPlaces();
  readonly #place: OwnPlace;
  readonly #order: readonly SourceName[];

  constructor(place: OwnPlace) {
    this.#place = place;
    this.#order = place.source === "root" ? ["root", "store"] : ["store", "root"];
  }

  /** Whether the store has something under an output's digest. Nothing is hashed. */
  isKept(digest: HexDigest): boolean {
    const store = this.#places.storeOf(this.#place.home);
    return store.ok && unlessRefused(() => store.value?.kindOf(digest)) === "file";
  }

  /**
   * Reads a small output into memory of its size. Fails with PACK_SOURCE_MISSING where neither place has its bytes any more, or
   * READ_FAILED.
   */
  read(output: VerifiedOutput, target: Buffer): OperationFault | undefined {
    try {
      for (const from of this.#order) {
        const opened = this.#places.open(this.#place, from, output);
        if (!opened.ok) return opened;
        if (opened.value !== undefined && fill(opened.value, target) && holds(target, output))
          return undefined;
      }
      return this.#missing(output);
    } catch (thrown) {
      return operationFault("READ_FAILED", { path: output.path, reason: reasonOf(thrown) });
    }
  }

  /** The blob of a large output. The repository hashes its bytes. */
  blob(output: VerifiedOutput): BlobSource {
    return {
      digest: output.digest,
      size: output.bytes,
      open: (offset) => this.#chunks(output, offset),
    };
  }

  #missing({ path }: VerifiedOutput): OperationFault {
    return operationFault("PACK_SOURCE_MISSING", { run_id: this.#place.runId, names: [path], more: 0 });
  }

  [Symbol.dispose](): void {
    this.#places[Symbol.dispose]();
  }

  async *#chunks(output: VerifiedOutput, offset: number): AsyncGenerator<Uint8Array | OperationFault> {
    let fd: number | undefined;
    try {
      const opened = this.#openFile(output);
      if (!opened.ok) {
        yield opened;
        return;
      }
      fd = opened.value;
      // Two: while the system sends one, the next is filled.
      const chunks = [Buffer.allocUnsafeSlow(CHUNK_BYTES), Buffer.allocUnsafeSlow(CHUNK_BYTES)];
      for (let position = offset, turn = 0; position < output.bytes; turn++) {
        const chunk = chunks[turn % 2] ?? Buffer.alloc(0);
        const count = fillAt(fd, position, chunk.subarray(0, output.bytes - position), fs);
        if (count === 0) break;
        yield chunk.subarray(0, count);
        position += count;
      }
    } catch (thrown) {
      yield operationFault("READ_FAILED", { path: output.path, reason: reasonOf(thrown) });
    } finally {
      if (fd !== undefined) fs.closeSync(fd);
    }
  }

  /** Opens the file of a large output in the first place that has as many bytes. */
  #openFile(output: VerifiedOutput): Result<number, OperationFault> {
    for (const from of this.#order) {
      const opened = this.#places.open(this.#place, from, output);
      if (!opened.ok) return opened;
      if (opened.value === undefined || "content" in opened.value) continue;
      if (opened.value.size === output.bytes) return ok(opened.value.fd);
      fs.closeSync(opened.value.fd);
    }
    return this.#missing(output);
  }
}

/** Fills the target with exactly the bytes of a small output, and closes its file. Throws what the system says. */
function fill(opened: OpenBytes, target: Buffer): boolean {
  if ("content" in opened) {
    if (opened.content.length === target.length) target.set(opened.content);
    return opened.content.length === target.length;
  }
  try {
    return opened.size === target.length && fillAt(opened.fd, 0, target, fs) === target.length;
  } finally {
    fs.closeSync(opened.fd);
  }
}

function holds(bytes: Buffer, { digest }: VerifiedOutput): boolean {
  return matchesDigest(digest, digestToHex(nodeCrypto.sha256(bytes)), nodeCrypto);
}
