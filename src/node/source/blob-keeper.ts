/** Where the blobs of a run go while they are fetched: the store of a project, a spool, or nowhere. @module */

import type { BlobName, CarriedPack, RecordColumns, Result } from "../../core/internal.ts";
import type { ChunkSink } from "../registry/repository.ts";
import type { OperationFault } from "../runtime/operation-fault.ts";

/** What an object or a pack becomes while it is fetched. */
export interface KeptBlob {
  /** Where its bytes begin, in a place of the keeper's. */
  readonly start: number;
  /** Takes its next bytes; they must not be kept. Throws a SpoolFailure. */
  readonly add: ChunkSink;
  /** Ends it, once its digest was right; gives a fault if it can't be kept. `records` are those of a pack. */
  readonly end: (
    records: RecordColumns | undefined,
  ) => Promise<OperationFault | undefined> | OperationFault | undefined;
  /** Forgets it, because it is not what it should be. */
  readonly abandon: () => Promise<void> | void;
}

/** Where fetched bytes go. */
export interface BlobKeeper {
  /** Begins an object or a pack. `present`: the keeper has it, and has hashed it. */
  readonly begin: (
    blob: BlobName,
    pack: PackBlob | undefined,
  ) => Promise<KeptBlob | PresentBlob | OperationFault>;
}

/** A blob that is a pack. */
export type PackBlob = Pick<CarriedPack, "id" | "pack">;

/** Opens a keeper, told which outputs come in blobs of their own. */
export type OpenKeeper = (objects: readonly BlobName[]) => Promise<Result<BlobKeeper, OperationFault>>;

/** A blob that need not be fetched. */
export interface PresentBlob {
  readonly present: true;
  readonly start: number;
  /** The records of a pack. */
  readonly records: RecordColumns | undefined;
}

/** Gives a blob all of its bytes, which are right, and ends it. Fails as its `end` does. Throws a SpoolFailure. */
export async function keepWhole(
  kept: KeptBlob,
  bytes: Uint8Array,
  records: RecordColumns | undefined,
): Promise<OperationFault | undefined> {
  let isKept = false;
  try {
    await kept.add(bytes);
    const fault = await kept.end(records);
    isKept = fault === undefined;
    return fault;
  } finally {
    if (!isKept) await kept.abandon();
  }
}

/** For a caller that keeps nothing. */
export const NO_KEEPER: BlobKeeper = {
  begin: async () => ({ start: 0, add: () => undefined, end: () => undefined, abandon: () => undefined }),
};
