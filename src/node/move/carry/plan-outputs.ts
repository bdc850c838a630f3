/**
 * Which blobs a run's outputs become in a registry: large ones a blob each, under their own digest, and small ones packs made for this
 * run alone. Equal runs have equal blobs, and runs that share a large output share its blob.
 *
 * @module
 */

import {
  DIGEST_BYTES,
  HEAD_BYTES,
  HEADER_BYTES,
  inPathOrder,
  itemAt,
  type Listing,
  MAX_CARRIED_PACK_BYTES,
  MAX_PACKED_BYTES,
  makeListing,
  TRAILER_BYTES,
  type VerifiedOutput,
} from "../../../core/internal.ts";
import { DigestTable } from "../../system/packs/digest-table.ts";

/** A pack that is to be made. */
export interface PlannedPack {
  /** Its outputs, in the order of their records. */
  readonly outputs: Listing<VerifiedOutput>;
  /** Bytes of the whole pack. */
  readonly size: number;
}

/** The blobs of a run's outputs. */
export interface PlannedOutputs {
  /** In byte order of path. */
  readonly objects: readonly VerifiedOutput[];
  readonly packs: readonly PlannedPack[];
}

/** Plans the blobs of outputs, each digest once, at the first of its paths. */
export function planOutputs(outputs: Listing<VerifiedOutput>): PlannedOutputs {
  const seen = new DigestTable();
  const raw = Buffer.alloc(DIGEST_BYTES);
  const objects: VerifiedOutput[] = [];
  const packs: PlannedPack[] = [];
  let pack: number[] = [];
  let size = HEADER_BYTES + TRAILER_BYTES;
  const endPack = (): void => {
    if (pack.length > 0) packs.push({ outputs: chosenItems(ordered, Uint32Array.from(pack)), size });
    pack = [];
    size = HEADER_BYTES + TRAILER_BYTES;
  };
  const ordered = inPathOrder(outputs);
  let row = -1;
  for (const output of ordered) {
    row++;
    raw.write(output.digest, "hex");
    const known = seen.count;
    if (seen.add(raw, 0) < known) continue;
    if (output.bytes > MAX_PACKED_BYTES) {
      objects.push(output);
      continue;
    }
    const bytes = HEAD_BYTES + output.bytes;
    if (size + bytes > MAX_CARRIED_PACK_BYTES) endPack();
    pack.push(row);
    size += bytes;
  }
  endPack();
  return { objects, packs };
}

/** Some items of a listing, made when they are asked for: a million objects would take hundreds of megabytes. */
function chosenItems<Item>(items: Listing<Item>, rows: Uint32Array): Listing<Item> {
  return makeListing(rows.length, (index) => itemAt(items, rows[index] ?? -1));
}
