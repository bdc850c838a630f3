/** Compressed records of packs: one raw deflate stream (RFC 1951). @module */

import { inflatedUpTo } from "../source/inflated-up-to.ts";

/** Decompresses the content of a record to exactly so many bytes; undefined if it has more, fewer, or is damaged. */
export async function inflateRecord(content: Blob, raw: number): Promise<Blob | undefined> {
  try {
    const blob = await inflatedUpTo(content, "deflate-raw", raw);
    return blob?.size === raw ? blob : undefined;
  } catch (thrown) {
    if (thrown instanceof TypeError || thrown instanceof DOMException) return undefined;
    throw thrown;
  }
}
