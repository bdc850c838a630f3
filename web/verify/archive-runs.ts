/**
 * The runs of an archive, and where their outputs are: of one run under their paths, of several by their digests (PROTOCOL 20.1).
 *
 * @module
 */

import { declaredBytes } from "../../src/core/internal.ts";
import type { PageCrypto } from "../crypto/page-crypto.ts";
import type { ReadArchive } from "../source/read-archive.ts";
import { checkObjects } from "../store/check-objects.ts";
import { StoredObjects } from "../store/stored-objects.ts";
import { outputsBelow, outputsByDigest } from "./output-place.ts";
import type { VerifyRequest } from "./verify-bundle.ts";
import type { LineRequest } from "./verify-line.ts";

/** How the outputs of a run are found, and what of an archive is checked before. */
export interface RunOutputs extends Pick<VerifyRequest, "place" | "checkEntries" | "from"> {
  /** Of an archive of several runs: checks all that is in it, for all of them. */
  readonly checkAll?: LineRequest["checkAll"];
}

/** Says it for the runs of an archive. */
export async function archivedOutputs(archive: ReadArchive, { port }: PageCrypto): Promise<RunOutputs> {
  const { entries, file, folder, runIds } = archive;
  if (runIds.length === 1)
    return {
      from: "archive",
      place: outputsBelow(folder),
      checkEntries: ({ claims }, tree) => archive.checkEntries(claims, tree),
    };
  const bytes = { entries, file, name: folder.name, crypto: port };
  return {
    from: "archive",
    place: outputsByDigest(await StoredObjects.open(folder, port)),
    checkEntries: async ({ claims, status }, _tree, signal) => {
      const maxBytes = declaredBytes(status) ?? file.size;
      return await checkObjects({ ...bytes, claims: [claims], areAll: false, maxBytes, signal });
    },
    checkAll: async (claims) => await checkObjects({ ...bytes, claims, areAll: true, maxBytes: file.size }),
  };
}
