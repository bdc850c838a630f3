/**
 * The bytes of an archive, piece by piece: of an open file, or of a stream.
 *
 * @module
 */

import { nodeFileSystem as fs } from "../../system/files/file-system.ts";

/** Bytes that are read at once. */
const PIECE_BYTES: number = 1024 * 1024;

/** Pieces of bytes, each valid until the next one is asked for. */
export interface ByteInput {
  /** The next piece, never empty; undefined at the end. Throws what the system says. */
  next(): Promise<Uint8Array | undefined>;
  /** Goes on at an offset. Only an input of a file has it. */
  readonly seek?: (offset: number) => void;
  close(): Promise<void>;
}

/** Reads an open file from its beginning. The caller closes the descriptor. */
export function fileInput(fd: number): ByteInput {
  const buffer = Buffer.allocUnsafeSlow(PIECE_BYTES);
  let position = 0;
  return {
    next: () => {
      const count = fs.readSync(fd, buffer, 0, buffer.length, position);
      position += count;
      return Promise.resolve(count === 0 ? undefined : buffer.subarray(0, count));
    },
    seek: (offset) => {
      position = offset;
    },
    close: () => Promise.resolve(),
  };
}

/** Reads a stream, once. */
export function streamInput(stream: AsyncIterable<Uint8Array>): ByteInput {
  const pieces = stream[Symbol.asyncIterator]();
  return {
    next: async () => {
      for (;;) {
        const step = await pieces.next();
        if (step.done === true) return undefined;
        if (step.value.length > 0) return step.value;
      }
    },
    close: async () => {
      await pieces.return?.();
    },
  };
}
