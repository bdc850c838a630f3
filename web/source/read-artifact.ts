/**
 * Reading small files as a whole, within bounds.
 *
 * @module
 */

import {
  type ArtifactReading,
  type Fault,
  ok,
  type ReadingCode,
  type Result,
} from "../../src/core/internal.ts";
import { readingCode } from "./reading-code.ts";
import { resolvePath } from "./resolve-path.ts";
import { pathIn, type SourceFolder } from "./source-folder.ts";

/** Something that the user gave can't be read: there is no verdict. */
export interface SourceFault extends Fault<ReadingCode> {
  readonly details: { readonly path: string };
}

/** Reads a file of at most so many bytes, through no link: as an artifact is read. Fails with READ_FAILED or CHANGED_WHILE_READ. */
export async function readArtifact(
  folder: SourceFolder,
  path: string,
  limit: number,
): Promise<Result<ArtifactReading, SourceFault>> {
  const entry = await folder.look(path);
  switch (entry.kind) {
    case "missing":
      return ok({ kind: "missing" });
    case "unreadable":
      return { ok: false, code: "READ_FAILED", details: { path } };
    case "link": {
      // A link is not followed, but one that leads nowhere counts as missing.
      const { path: place, whole } = folder.above ?? { path: "", whole: folder };
      const { entry: behind } = await resolvePath(whole, pathIn(place, path));
      return ok({ kind: behind.kind === "missing" ? "missing" : "not-a-regular-file" });
    }
    case "file": {
      const { blob } = entry;
      if (blob.size > limit) return ok({ kind: "too-large", limit });
      try {
        return ok({ kind: "bytes", bytes: new Uint8Array(await blob.arrayBuffer()) });
      } catch (thrown) {
        return { ok: false, code: readingCode(thrown), details: { path } };
      }
    }
    default:
      return ok({ kind: "not-a-regular-file" });
  }
}
