/** The outputs of a bundle by their digests, and what the blobs of a run may hold by them. @module */

import {
  type CarriedRunLayers,
  DIGEST_BYTES,
  HEAD_BYTES,
  HEADER_BYTES,
  type OutputClaims,
  TRAILER_BYTES,
} from "../../../core/internal.ts";
import { DigestTable } from "../../system/packs/digest-table.ts";

/** The digests that are claimed, each once. */
export function claimedDigests({ columns: { digests, length } }: OutputClaims): DigestTable {
  const table = new DigestTable();
  for (let place = 0; place < length * DIGEST_BYTES; place += DIGEST_BYTES)
    if (isDeclared(digests, place)) table.add(digests, place);
  return table;
}

/** Whether a claim declares a digest: zeros stand for none. */
export function isDeclared(digests: Uint8Array, place: number): boolean {
  return digests.subarray(place, place + DIGEST_BYTES).some((byte) => byte !== 0);
}

/** Whether blobs hold more than a bundle declares: no record is there twice, and none that the bundle does not name. */
export function holdMore(
  { objects, packs }: CarriedRunLayers,
  declaredBytes: number | undefined,
  digests: number,
): boolean {
  if (declaredBytes === undefined) return false;
  const bytes = sumOf(objects) + sumOf(packs.map(({ pack }) => pack));
  return bytes > declaredBytes + digests * HEAD_BYTES + packs.length * (HEADER_BYTES + TRAILER_BYTES);
}

/** The bytes of blobs together. */
export function sumOf(blobs: readonly { readonly size: number }[]): number {
  return blobs.reduce((sum, { size }) => sum + size, 0);
}
