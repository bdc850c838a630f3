/**
 * Compresses bytes as they come, with backpressure.
 *
 * @module
 */

import { once } from "node:events";
import { createGzip } from "node:zlib";
import type { TakePiece } from "./sealed-bytes.ts";

/** Compressed bytes that are handed out at once. */
const CHUNK_BYTES: number = 256 * 1024;

/** Takes bytes, and hands them out compressed. */
export interface Compressing {
  readonly take: TakePiece;
  /** Hands out the rest. Throws what the taker throws. */
  readonly end: () => Promise<void>;
  /** Lets go of what was not handed out. */
  readonly abandon: () => void;
}

/** Begins to compress as gzip does. */
export function compressing(take: TakePiece): Compressing {
  const deflate = createGzip({ chunkSize: CHUNK_BYTES });
  const handing = (async (): Promise<{ readonly thrown: unknown } | undefined> => {
    try {
      for await (const piece of deflate) await take(piece as Uint8Array);
      return undefined;
    } catch (thrown) {
      deflate.destroy();
      return { thrown };
    }
  })();
  const rethrow = async (): Promise<void> => {
    const failed = await handing;
    if (failed !== undefined) throw failed.thrown;
  };
  return {
    take: async (piece) => {
      if (deflate.destroyed) return await rethrow();
      // A copy: the caller overwrites the piece before it is compressed.
      if (!deflate.write(Buffer.from(piece))) await Promise.race([once(deflate, "drain"), handing]);
    },
    end: async () => {
      if (!deflate.destroyed) deflate.end();
      await rethrow();
    },
    abandon: () => {
      deflate.destroy();
    },
  };
}
