/**
 * The runs of an archive, and where their outputs are: of one run under their paths, of several by their digests (PROTOCOL 20.1).
 *
 * @module
 */

import {
  declaredBytes,
  ObjectRows,
  type OutputClaims,
  type WebCrypto,
  walkObjects,
  walkOutputs,
} from "../../src/core/internal.ts";
import type { ArchiveFailure, ReadArchive } from "../source/read-archive.ts";
import { StoredObjects } from "../store/given-objects.ts";
import { outputsBelow, outputsByDigest } from "./output-place.ts";
import type { AllRunsRequest } from "./verify-all-runs.ts";
import type { VerifyRequest } from "./verify-bundle.ts";

/** How the outputs of a run are found, and what of an archive is checked before. */
export interface RunOutputs extends Pick<VerifyRequest, "place" | "checkEntries" | "from"> {
  /** Of an archive of several runs: checks all that is in it, for all of them. */
  readonly checkAll?: AllRunsRequest["checkAll"];
}

/** Says it for the runs of an archive. */
export async function archivedOutputs(
  { drive, file, folder, runIds }: ReadArchive,
  { port: crypto }: WebCrypto,
): Promise<RunOutputs> {
  if (runIds.length === 1)
    return {
      from: "archive",
      place: outputsBelow(folder),
      checkEntries: ({ claims }, tree, signal) =>
        drive((first) => walkOutputs(first, { claims, tree }), signal),
    };
  const check = (
    claims: readonly OutputClaims[],
    areAll: boolean,
    maxBytes: number,
    signal?: AbortSignal,
  ): Promise<ArchiveFailure | undefined> => {
    const rows = new ObjectRows(claims, (run, row) => {
      const claim = claims[run]?.at(row);
      return claim?.lawful === true && claim.digest !== undefined;
    });
    return drive((first) => walkObjects(first, { rows, areAll, maxBytes, crypto }), signal);
  };
  return {
    from: "archive",
    place: outputsByDigest(await StoredObjects.open(folder, crypto)),
    checkEntries: ({ claims, status }, _tree, signal) =>
      check([claims], false, declaredBytes(status) ?? file.size, signal),
    checkAll: (claims) => check(claims, true, file.size),
  };
}
