/** Compressed archives. @module */

import { type ArchiveFault, archiveFault, ok, type Result } from "../../src/core/internal.ts";

/** Bytes up to which a page decompresses: a small file may claim any number. */
const MOST_BYTES: number = 2 * 1024 * 1024 * 1024;

/** Decompresses a file that begins as gzip does, and gives any other one as it is. Fails with ARCHIVE_TOO_LARGE or ARCHIVE_MALFORMED. */
export async function decompressed(file: Blob): Promise<Result<Blob, ArchiveFault>> {
  const [first, second] = new Uint8Array(await file.slice(0, 2).arrayBuffer());
  if (first !== 0x1f || second !== 0x8b) return ok(file);
  let left = MOST_BYTES;
  const limit = new TransformStream<Uint8Array, Uint8Array>({
    transform: (piece, controller) => {
      left -= piece.length;
      if (left < 0) controller.terminate();
      else controller.enqueue(piece);
    },
  });
  try {
    const stream = file.stream().pipeThrough(new DecompressionStream("gzip")).pipeThrough(limit);
    const blob = await new Response(stream).blob();
    return left < 0 ? archiveFault("ARCHIVE_TOO_LARGE") : ok(blob);
  } catch (thrown) {
    // What a browser says of bytes that are not gzip, that end early or go on behind their end.
    if (thrown instanceof TypeError) return archiveFault("ARCHIVE_MALFORMED", { why: "gzip" });
    throw thrown;
  }
}
