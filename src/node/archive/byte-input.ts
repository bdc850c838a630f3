/**
 * The bytes of an archive, piece by piece: of an open file, or of a stream; compressed or not.
 *
 * @module
 */

import { createInflateRaw, type InflateRaw } from "node:zlib";
import type { ArchiveFlaw } from "../../core/internal.ts";
import { type FileSystem, nodeFileSystem } from "../files/file-system.ts";
import { GZIP_MAGIC, GZIP_TRAILER_BYTES, GzipSums, gzipHeaderBytes } from "./gzip-frame.ts";

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
  const inflate = createInflateRaw({ chunkSize: INFLATED_BYTES });
  const pieces = inflate.iterator({ destroyOnReturn: true });
  // It comes out of the iterator.
  inflate.on("error", () => undefined);
  const sums = new GzipSums();
  const feeding = feed(input, inflate).then(
    (left) => ({ left }),
    (thrown: unknown) => {
      inflate.destroy();
      return { thrown };
    },
  );
  return {
    next: async () => {
      try {
        const step = await pieces.next();
        if (step.done !== true) {
          sums.add(step.value as Uint8Array);
          return step.value as Uint8Array;
        }
      } catch (thrown) {
        const fed = inflate.errored === null || !isZlibError(thrown) ? await feeding : undefined;
        if (fed !== undefined && "thrown" in fed) throw fed.thrown;
        throw isZlibError(thrown)
          ? new GzipError(thrown.code === "Z_BUF_ERROR" ? "end" : "gzip", thrown)
          : thrown;
      }
      const ended = await feeding;
      if ("thrown" in ended) throw ended.thrown;
      await endMember(ended.left, input, sums);
      return undefined;
    },
    close: async () => {
      inflate.destroy();
      await input.close();
    },
  };
}

/** Reads what is behind the deflated bytes, of which these came already. Throws a GzipError unless it is the trailer alone. */
async function endMember(left: Uint8Array, input: ByteInput, sums: GzipSums): Promise<void> {
  let rest = left;
  while (rest.length <= GZIP_TRAILER_BYTES) {
    const piece = await input.next();
    if (piece === undefined) break;
    rest = Buffer.concat([rest, piece]);
  }
  if (rest.length < GZIP_TRAILER_BYTES) throw new GzipError("end");
  if (!sums.isTrailer(rest)) throw new GzipError("gzip");
  if (rest.length > GZIP_TRAILER_BYTES) throw new GzipError("trailing");
}

/** Gives the deflated bytes to the decompressor, as it takes them. Gives those that it did not take, for they are behind its end. */
async function feed(input: ByteInput, inflate: InflateRaw): Promise<Uint8Array> {
  /** What was given and may not be taken yet, and where that begins among all that was given. */
  let kept: Uint8Array[] = [];
  let keptAt = 0;
  const left = (): Uint8Array => Buffer.concat(kept).subarray(inflate.bytesWritten - keptAt);
  let piece: Uint8Array | undefined = await readHeader(input);
  for (; piece !== undefined; piece = await input.next()) {
    while (kept[0] !== undefined && keptAt + kept[0].length <= inflate.bytesWritten) {
      keptAt += kept[0].length;
      kept = kept.slice(1);
    }
    // A copy: it is read after the next piece was asked for.
    const own = Buffer.from(piece);
    kept.push(own);
    if (inflate.destroyed) return left();
    if (own.length > 0 && !inflate.write(own)) await drainedOrClosed(inflate);
  }
  inflate.end();
  // It may take bytes that wait until then.
  while (!inflate.closed) await drainedOrClosed(inflate);
  return left();
}

/** Not `once` of node:events: an error comes out of the iterator, and bytes behind the end abort what is still written. */
async function drainedOrClosed(inflate: InflateRaw): Promise<void> {
  await new Promise<void>((resolve) => {
    const end = (): void => {
      inflate.off("drain", end);
      inflate.off("close", end);
      resolve();
    };
    inflate.on("drain", end);
    inflate.on("close", end);
  });
}

/** Reads the header of a member, and gives what was read behind it. Throws a GzipError. */
async function readHeader(input: ByteInput): Promise<Uint8Array> {
  let bytes: Uint8Array = Buffer.alloc(0);
  for (;;) {
    const header = gzipHeaderBytes(bytes);
    if (header === "broken") throw new GzipError("gzip");
    if (header !== "more") return bytes.subarray(header);
    const piece = await input.next();
    if (piece === undefined) throw new GzipError("end");
    bytes = Buffer.concat([bytes, piece]);
  }
}

function isZlibError(thrown: unknown): thrown is Error & { readonly code: string } {
  return (
    thrown instanceof Error &&
    "code" in thrown &&
    typeof thrown.code === "string" &&
    thrown.code.startsWith("Z_")
  );
}
