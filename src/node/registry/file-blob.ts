/** A range of an open file as a blob to be put. @module */

import { read } from "node:fs";
import { promisify } from "node:util";
import type { BlobName } from "../../core/internal.ts";
import { reasonOf } from "../runtime/machine-reason.ts";
import { type OperationFault, operationFault } from "../runtime/operation-fault.ts";
import type { BlobSource } from "./repository.ts";

const readAsync = promisify(read);

/** Bytes read at once. */
const CHUNK_BYTES: number = 512 * 1024;

/** Where the bytes of a blob are. */
export interface FileRange extends BlobName {
  readonly fd: number;
  /** In bytes from the begin of the file. */
  readonly offset: number;
  /** What a fault calls the file. */
  readonly shown: string;
}

/** A blob whose bytes are read from an open file when they are sent. The caller keeps the file open. */
export function fileBlob({ digest, fd, offset, shown, size }: FileRange): BlobSource {
  return {
    digest,
    size,
    async *open(from: number): AsyncGenerator<Uint8Array | OperationFault> {
      // Two: the one that was given last may still be on its way.
      const buffers = [Buffer.allocUnsafe(CHUNK_BYTES), Buffer.allocUnsafe(CHUNK_BYTES)];
      for (let position = from, turn = 0; position < size; turn = 1 - turn) {
        const buffer = buffers[turn] ?? Buffer.allocUnsafe(CHUNK_BYTES);
        const wanted = Math.min(CHUNK_BYTES, size - position);
        let count: number;
        try {
          count = (await readAsync(fd, buffer, 0, wanted, offset + position)).bytesRead;
        } catch (thrown) {
          yield operationFault("READ_FAILED", { path: shown, reason: reasonOf(thrown) });
          return;
        }
        if (count === 0) {
          yield operationFault("CHANGED_WHILE_READ", { path: shown });
          return;
        }
        yield buffer.subarray(0, count);
        position += count;
      }
    },
  };
}
