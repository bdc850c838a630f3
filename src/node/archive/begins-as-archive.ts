/** Whether a file can be an archive at all, by its first bytes. @module */

import { nodeFileSystem as fs } from "../files/file-system.ts";
import { openNamedFile } from "../files/open-named-file.ts";
import { readUpTo } from "../files/read-source.ts";
import { errnoOf } from "../runtime/machine-reason.ts";

/** Where a header of a tar names its format. */
const MAGIC_AT = 257;

const USTAR_MAGIC: Buffer = Buffer.from("ustar", "latin1");

/** Whether the file at a path begins as a tar does; `false` where it can't be read. Its archive may still be refused. */
export function beginsAsArchive(path: string): boolean {
  const opened = openNamedFile(path);
  if (!opened.ok) return false;
  try {
    const first = Buffer.from(readUpTo(opened.value.fd, MAGIC_AT + USTAR_MAGIC.length, fs));
    return first.indexOf(USTAR_MAGIC, MAGIC_AT) === MAGIC_AT;
  } catch (thrown) {
    if (errnoOf(thrown) === undefined) throw thrown;
    return false;
  } finally {
    fs.closeSync(opened.value.fd);
  }
}
