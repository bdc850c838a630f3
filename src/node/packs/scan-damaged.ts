/**
 * Finds the records that are left in a damaged pack, also behind the first bad byte.
 *
 * @module
 */

import { HEAD_BYTES, HEADER_BYTES, MAX_PACKED_BYTES, RECORD_MAGIC, readHead } from "../../core/internal.ts";
import type { FileSystem } from "../files/file-system.ts";
import { fillAt, type ScannedRecord } from "./pack-file.ts";
import { isSoundRecord } from "./record-content.ts";

const WINDOW_BYTES: number = 4 * MAX_PACKED_BYTES;

/** Bytes that are hashed in vain before the search ends, beside twice the file's: an attacker can put a head at every byte. */
const VAIN_BYTES: number = 64 * MAX_PACKED_BYTES;

/** Reads all records whose bytes have their digests. The bytes of each are overwritten by the next one. Throws what the system says. */
export function* scanDamaged(
  { end, fd }: { readonly fd: number; readonly end: number },
  fs: FileSystem,
): Generator<ScannedRecord, void, undefined> {
  const window = Buffer.allocUnsafe(Math.min(WINDOW_BYTES, Math.max(end - HEADER_BYTES, 0)));
  let vain = end * 2 + VAIN_BYTES;
  let start = HEADER_BYTES;
  let filled = 0;
  for (let offset = HEADER_BYTES; end - offset >= HEAD_BYTES && vain > 0; ) {
    if (start + filled - offset < Math.min(HEAD_BYTES + MAX_PACKED_BYTES, end - offset)) {
      filled = fillAt(fd, offset, window.subarray(0, Math.min(window.length, end - offset)), fs);
      start = offset;
    }
    if (filled < HEAD_BYTES) return;
    const at = offset - start;
    const head = readHead(window.subarray(0, filled), at);
    const size = HEAD_BYTES + (head?.size ?? 0);
    if (head !== undefined && at + size <= filled) {
      const bytes = window.subarray(at, at + size);
      if (isSoundRecord(bytes)) {
        yield { ...head, offset, bytes };
        offset += size;
        continue;
      }
      vain -= size + head.size;
    }
    const next = window.subarray(0, filled).indexOf(RECORD_MAGIC, at + 1);
    // The file may have become shorter: then nothing more can be read, and the next window is empty.
    offset = next < 0 ? Math.max(start + filled - RECORD_MAGIC.length + 1, offset + 1) : start + next;
  }
}
