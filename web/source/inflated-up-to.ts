/** Decompression within a bound: a few bytes can expand to gigabytes. @module */

/** Decompresses a file; undefined if it has more bytes than `most`. Throws what the browser throws of bytes that are not of the format. */
export async function inflatedUpTo(
  content: Blob,
  format: CompressionFormat,
  most: number,
): Promise<Blob | undefined> {
  let left = most;
  const limit = new TransformStream<Uint8Array, Uint8Array>({
    transform: (piece, controller) => {
      left -= piece.length;
      if (left < 0) controller.terminate();
      else controller.enqueue(piece);
    },
  });
  const stream = content.stream().pipeThrough(new DecompressionStream(format)).pipeThrough(limit);
  const blob = await new Response(stream).blob();
  return left < 0 ? undefined : blob;
}
