/**
 * The bytes of an archive, piece by piece: of an open file, or of a stream; compressed or not.
 *
 * @module
 */

import { once } from "node:events";
import { createGunzip, type Gunzip } from "node:zlib";
import type { ArchiveFlaw } from "../../core/internal.ts";
import { type FileSystem, nodeFileSystem } from "../files/file-system.ts";

/** Bytes that are read at once. */
const PIECE_BYTES: number = 1024 * 1024;

/** Bytes that are decompressed at once. */
const INFLATED_BYTES: number = 256 * 1024;

/** Pieces of bytes, each valid until the next one is asked for. */
export interface ByteInput {
  /** The next piece, never empty; undefined at the end. Throws what the system says, and a GzipError. */
  next(): Promise<Uint8Array | undefined>;
  /** Goes on at an offset. Only an input of a file whose bytes are the archive's has it. */
  readonly seek?: (offset: number) => void;
  close(): Promise<void>;
}

/** Compressed bytes that can't be decompressed. */
export class GzipError extends Error {
  override readonly name = "GzipError";
  /** `end`: they break off. `trailing`: other bytes come behind them. */
  readonly flaw: Extract<ArchiveFlaw, "gzip"> | "end" | "trailing";

  constructor(flaw: GzipError["flaw"], cause?: unknown) {
    super("the compressed bytes can't be decompressed", { cause });
    this.flaw = flaw;
  }
}

/** Reads an open file from its beginning. The caller closes the descriptor. */
export function fileInput(fd: number, fs: FileSystem = nodeFileSystem): ByteInput {
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

const GZIP_MAGIC = [0x1f, 0x8b] as const;

/**
 * Decompresses an input that begins as gzip does. No archive begins so: its first bytes are a path. Gives the input as it is
 * otherwise. Throws as the input does.
 */
export async function decompressed(input: ByteInput): Promise<ByteInput> {
  const first = await firstBytes(input);
  if (!GZIP_MAGIC.every((byte, at) => first[at] === byte)) {
    if (input.seek === undefined) return prepended(first, input);
    input.seek(0);
    return input;
  }
  return inflating(prepended(first, input));
}

/** The first piece, or more of them where it is shorter than what tells gzip. */
async function firstBytes(input: ByteInput): Promise<Uint8Array> {
  let first: Uint8Array = Buffer.alloc(0);
  while (first.length < GZIP_MAGIC.length) {
    const piece = await input.next();
    if (piece === undefined) break;
    first = Buffer.concat([first, piece]);
  }
  return first;
}

function prepended(first: Uint8Array, input: ByteInput): ByteInput {
  let isGiven = first.length === 0;
  return {
    next: () => {
      if (isGiven) return input.next();
      isGiven = true;
      return Promise.resolve(first);
    },
    close: () => input.close(),
  };
}

function inflating(input: ByteInput): ByteInput {
  const inflate = createGunzip({ chunkSize: INFLATED_BYTES });
  const pieces = inflate.iterator({ destroyOnReturn: true });
  const feeding = feed(input, inflate).then(
    (fed) => ({ fed }),
    (thrown: unknown) => {
      inflate.destroy();
      return { thrown };
    },
  );
  return {
    next: async () => {
      try {
        const step = await pieces.next();
        if (step.done !== true) return step.value as Uint8Array;
      } catch (thrown) {
        const fed = inflate.errored === null || !isZlibError(thrown) ? await feeding : undefined;
        if (fed !== undefined && "thrown" in fed) throw fed.thrown;
        throw isZlibError(thrown)
          ? new GzipError(thrown.code === "Z_BUF_ERROR" ? "end" : "gzip", thrown)
          : thrown;
      }
      const ended = await feeding;
      if ("thrown" in ended) throw ended.thrown;
      // zlib stops at zeros behind the last member, and reports no error.
      if (ended.fed !== inflate.bytesWritten) throw new GzipError("trailing");
      return undefined;
    },
    close: async () => {
      inflate.destroy();
      await input.close();
    },
  };
}

/** Gives all bytes to the decompressor, as it takes them, and how many they were. */
async function feed(input: ByteInput, inflate: Gunzip): Promise<number> {
  let fed = 0;
  for (let piece = await input.next(); piece !== undefined; piece = await input.next()) {
    if (inflate.destroyed) return fed;
    fed += piece.length;
    // A copy: the decompressor reads it after the next piece was asked for.
    if (!inflate.write(Buffer.from(piece)))
      await Promise.race([once(inflate, "drain"), once(inflate, "close")]);
  }
  inflate.end();
  return fed;
}

function isZlibError(thrown: unknown): thrown is Error & { readonly code: string } {
  return (
    thrown instanceof Error &&
    "code" in thrown &&
    typeof thrown.code === "string" &&
    thrown.code.startsWith("Z_")
  );
}
