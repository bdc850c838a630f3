/** Where the blobs of a run go while they are fetched: the store of a project, a spool, or nowhere. @module */

import {
  type BlobName,
  type CarriedPack,
  ok,
  type RecordColumns,
  type Result,
} from "../../../core/internal.ts";
import type { OperationFault } from "../../system/runtime/operation-fault.ts";

/**
 * Takes the bytes of a blob as they arrive, each once and in their order, also where a connection broke and another went on. The
 * memory of a chunk is used again: it must not be kept. The next chunk waits for the promise. What it throws, the read throws.
 */
export type ChunkSink = (chunk: Uint8Array) => Promise<void> | void;

/** What an object or a pack becomes while it is fetched. */
export interface KeptBlob {
  /** Where its bytes begin, in a place of the keeper's. */
  readonly start: number;
  /** Takes its next bytes; they must not be kept. Throws a SpoolFailure. */
  readonly add: (chunk: Uint8Array) => Promise<void> | void;
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

/** A blob that a keeper has. */
export interface HeldBlob extends Omit<PresentBlob, "present"> {
  /** Whether the keeper had it before. */
  readonly isPresent: boolean;
}

/**
 * Has a blob kept. Unless the keeper has it, `fill` gives all of its bytes, which are right, and then the records of a pack. Fails as
 * the keeper and `fill` do. Throws a SpoolFailure, and what `fill` throws.
 */
export async function keepBlob(
  keeper: BlobKeeper,
  blob: BlobName,
  pack: PackBlob | undefined,
  fill: (add: KeptBlob["add"]) => Promise<Result<RecordColumns | undefined, OperationFault>>,
): Promise<Result<HeldBlob, OperationFault>> {
  const begun = await keeper.begin(blob, pack);
  if ("code" in begun) return begun;
  const { start } = begun;
  if ("present" in begun) return ok({ start, records: begun.records, isPresent: true });
  let isKept = false;
  try {
    const filled = await fill(begun.add);
    if (!filled.ok) return filled;
    const fault = await begun.end(filled.value);
    isKept = fault === undefined;
    return fault ?? ok({ start, records: filled.value, isPresent: false });
  } finally {
    if (!isKept) await begun.abandon();
  }
}

/** For a caller that keeps nothing. */
export const NO_KEEPER: BlobKeeper = {
  begin: async () => ({ start: 0, add: () => undefined, end: () => undefined, abandon: () => undefined }),
};
