/** What the blobs of a run may hold, by the digests that its bundle declares. @module */

import {
  type CarriedRunLayers,
  DIGEST_BYTES,
  HEAD_BYTES,
  HEADER_BYTES,
  TRAILER_BYTES,
} from "../../../core/internal.ts";

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
