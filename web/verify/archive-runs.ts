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

/** How the outputs of a run are found, and what of an archive is checked before. */
export type RunOutputs = Pick<VerifyRequest, "place" | "checkEntries" | "from">;

/** Says it for the runs of an archive. */
export async function archivedOutputs(archive: ReadArchive, { port }: PageCrypto): Promise<RunOutputs> {
  const { entries, file, folder, runIds } = archive;
  if (runIds.length === 1)
    return {
      from: "archive",
      place: outputsBelow(folder),
      checkEntries: ({ claims }, tree) => archive.checkEntries(claims, tree),
    };
  return {
    from: "archive",
    place: outputsByDigest(await StoredObjects.open(folder, port)),
    checkEntries: async ({ claims, status }, _tree, signal) =>
      await checkObjects({
        entries,
        file,
        name: folder.name,
        claims: [claims],
        areAll: false,
        maxBytes: declaredBytes(status) ?? file.size,
        crypto: port,
        signal,
      }),
  };
}
