/**
 * Outputs of a run as ranges of one file that is held open: an archive, or the spool of a stream or registry. Plain data in shared
 * memory, which any thread of this process reads by the same descriptor.
 *
 * @module
 */

import type { VerifiedOutput } from "../../../core/internal.ts";
import type { OutputSource } from "../../records/store/output-source.ts";

/** Where the outputs of a run are, by the rows of its claims. */
export interface HeldRanges {
  /** The file. Its owner closes it when no thread uses it any more. */
  readonly fd: number;
  /** Where the bytes of each row begin; `NOT_HELD` where they are not in the file. */
  readonly offsets: Float64Array<SharedArrayBuffer>;
  /** How many bytes each row has. */
  readonly sizes: Float64Array<SharedArrayBuffer>;
  /** 1 for each row that its owner may execute. It is read only for a bundle without a tree. */
  readonly programs: Uint8Array<SharedArrayBuffer>;
}

/** The offset of a row whose bytes are not in the file. */
export const NOT_HELD = -1;

/** Makes the columns for so many claims. No row is held yet. */
export function makeHeldRanges(fd: number, rows: number): HeldRanges {
  return {
    fd,
    offsets: new Float64Array(new SharedArrayBuffer(rows * 8)).fill(NOT_HELD),
    sizes: new Float64Array(new SharedArrayBuffer(rows * 8)),
    programs: new Uint8Array(new SharedArrayBuffer(rows)),
  };
}

/** Notes where the bytes of a row are. */
export function holdRange(ranges: HeldRanges, row: number, offset: number, bytes: number): void {
  ranges.offsets[row] = offset;
  ranges.sizes[row] = bytes;
}

/** The ranges as a source of outputs. Opening one makes no system call. */
export function rangeSource({ fd, offsets, programs, sizes }: HeldRanges): OutputSource {
  const offsetOf = ({ row }: VerifiedOutput): number => offsets[row] ?? NOT_HELD;
  return {
    kindOf: (output) => (offsetOf(output) === NOT_HELD ? "missing" : "file"),
    open: (output) => {
      const offset = offsetOf(output);
      if (offset === NOT_HELD) return "missing";
      const range = { fd, offset, bytes: sizes[output.row] ?? 0 };
      return { range, isProgram: programs[output.row] === 1 };
    },
  };
}
