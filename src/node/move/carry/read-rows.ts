/** Hashes the outputs of some rows of a run, where its repository has them. @module */

import { type BlobName, DIGEST_BYTES, type OutputFindings, ok, type Result } from "../../../core/internal.ts";
import type { WantedOutputs } from "../../judge/source/bundle-source.ts";
import type { OperationFault } from "../../system/runtime/operation-fault.ts";
import { FoundRows } from "../archive/found-rows.ts";
import { readBlob } from "../registry/blob-bytes.ts";
import type { Repository } from "../registry/repository.ts";
import { inLanes } from "./in-lanes.ts";
import type { OutputPlaces } from "./output-places.ts";
import { readWanted, type TakeRecord } from "./read-records.ts";

/** Which rows to hash. */
export interface WantedRows extends Pick<WantedOutputs, "bundle"> {
  /** Ascending. */
  readonly rows: Uint32Array;
  readonly places: OutputPlaces;
}

/**
 * Hashes the outputs of rows: blobs of their own, a few at once, and then records, one pack after the other. With the first row, the
 * indexes of all packs are read, whatever the rows need. Fails as the repository does, and with CARRIED_RUN_MALFORMED.
 */
export async function readRows(
  repository: Repository,
  wanted: WantedRows,
  signal: AbortSignal | undefined,
): Promise<Result<OutputFindings, OperationFault>> {
  const { bundle, places, rows } = wanted;
  const found = new FoundRows(wanted, undefined);
  const { digests } = bundle.claims.columns;
  // What was hashed has the digest that is claimed.
  const note = (row: number, size: number): void => {
    const place = row * DIGEST_BYTES;
    found.found(row, digests.subarray(place, place + DIGEST_BYTES), { mode: 0, offset: 0, size });
  };
  const objects = new Map<BlobName, number[]>();
  const others: number[] = [];
  for (const row of rows) {
    if (!found.isWanted(row)) continue;
    const object = places.objectOf(row);
    const same = object === undefined ? others : (objects.get(object) ?? []);
    same.push(row);
    if (object !== undefined) objects.set(object, same);
  }
  const fault = await inLanes(objects, async ([object, same]) => {
    const read = await readBlob(repository, object, () => undefined, signal);
    if (!read.ok) return read;
    for (const row of same) note(row, object.size);
    return undefined;
  });
  if (fault !== undefined) return fault;
  const unread = rows[0] === 0 || others.length > 0 ? await places.locate(repository, signal) : undefined;
  if (unread !== undefined) return unread;
  const take: TakeRecord = ({ length }, place) => {
    note(place / DIGEST_BYTES, length);
    return undefined;
  };
  for (const [pack, records] of places.inPacks(others)) {
    const read = await readWanted(repository, pack, records, { digests, take, signal });
    if (!read.ok) return read;
  }
  return ok(found.table());
}
