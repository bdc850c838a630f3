/** Compressed records of packs: one raw deflate stream (RFC 1951). @module */

/** Decompresses the content of a record to exactly so many bytes; undefined if it has more, fewer, or is damaged. */
export async function inflateRecord(content: Blob, raw: number): Promise<Blob | undefined> {
  let left = raw;
  // A few bytes can expand to gigabytes.
  const limit = new TransformStream<Uint8Array, Uint8Array>({
    transform: (piece, controller) => {
      left -= piece.length;
      if (left < 0) controller.terminate();
      else controller.enqueue(piece);
    },
  });
  try {
    const stream = content.stream().pipeThrough(new DecompressionStream("deflate-raw")).pipeThrough(limit);
    const blob = await new Response(stream).blob();
    return left === 0 ? blob : undefined;
  } catch (thrown) {
    if (thrown instanceof TypeError || thrown instanceof DOMException) return undefined;
    throw thrown;
  }
}
