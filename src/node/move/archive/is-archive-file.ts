/** Whether a file is meant as an archive, by its first bytes. @module */

import { BEGINNING_BYTES, beginsAsArchive } from "../../../core/internal.ts";
import { nodeFileSystem as fs } from "../../system/files/file-system.ts";
import { openNamedFile } from "../../system/files/open-named-file.ts";
import { readUpTo } from "../../system/files/read-source.ts";
import { errnoOf } from "../../system/runtime/machine-reason.ts";

/** Whether the file at a path begins as an archive of any kind; `false` where it can't be read. It may still be refused. */
export function isArchiveFile(path: string): boolean {
  const opened = openNamedFile(path);
  if (!opened.ok) return false;
  try {
    return beginsAsArchive(readUpTo(opened.value.fd, BEGINNING_BYTES, fs));
  } catch (thrown) {
    if (errnoOf(thrown) === undefined) throw thrown;
    return false;
  } finally {
    fs.closeSync(opened.value.fd);
  }
}
