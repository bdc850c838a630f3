/** Compressed archives. @module */

import { type ArchiveFault, archiveFault, ok, type Result } from "../../src/core/internal.ts";
import { inflatedUpTo } from "./inflated-up-to.ts";

/** Bytes up to which a page decompresses: a small file may claim any number. */
const MOST_BYTES: number = 2 * 1024 * 1024 * 1024;

/** Decompresses a file that begins as gzip does, and gives any other one as it is. Fails with ARCHIVE_TOO_LARGE or ARCHIVE_MALFORMED. */
export async function decompressed(file: Blob): Promise<Result<Blob, ArchiveFault>> {
  const [first, second] = new Uint8Array(await file.slice(0, 2).arrayBuffer());
  if (first !== 0x1f || second !== 0x8b) return ok(file);
  try {
    const blob = await inflatedUpTo(file, "gzip", MOST_BYTES);
    return blob === undefined ? archiveFault("ARCHIVE_TOO_LARGE") : ok(blob);
  } catch (thrown) {
    // What a browser says of bytes that are not gzip, that end early or go on behind their end.
    if (thrown instanceof TypeError) return archiveFault("ARCHIVE_MALFORMED", { why: "gzip" });
    throw thrown;
  }
}
