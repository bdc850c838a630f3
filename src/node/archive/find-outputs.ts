/**
 * Finds the outputs of the one run of an archive: each at its path, in the order of the tree.
 *
 * @module
 */

import {
  type ArchiveEntry,
  areInOrder,
  EntryMatcher,
  matchesDigest,
  ok,
  outputEntries,
  type Result,
  toHex,
} from "../../core/internal.ts";
import { nodeCrypto } from "../runtime/node-crypto.ts";
import type { OperationFault } from "../runtime/operation-fault.ts";
import type { FindOptions, WantedOutputs } from "../source/bundle-source.ts";
import { type ArchiveReader, operationOf } from "./archive-reader.ts";
import type { ContentTaker } from "./content-taker.ts";
import type { FoundRows } from "./found-rows.ts";

/** What is done with the outputs of a run. */
export interface OutputSearch {
  readonly reader: ArchiveReader;
  readonly wanted: WantedOutputs;
  readonly found: FoundRows;
  readonly taker: ContentTaker;
  /** Most bytes of all outputs. */
  readonly maxBytes: number;
  readonly options: Pick<FindOptions, "signal" | "untilFailure">;
  readonly count: (files: number, bytes: number) => void;
}

/** A file whose content passes. */
interface PassingFile {
  readonly entry: ArchiveEntry;
  readonly row: number;
}

/**
 * Reads the rest of the archive, and notes each output. Fails with the codes of archives, and as the reader does. Throws an Interruption
 * and a SpoolFailure.
 */
export async function findOutputs(search: OutputSearch): Promise<Result<undefined, OperationFault>> {
  const { found, options, reader, taker, wanted } = search;
  const { claims } = wanted.bundle;
  const isInOrder = areInOrder(claims);
  const stopsEarly = options.untilFailure === true && isInOrder && wanted.rows === undefined;
  const matcher = new EntryMatcher(outputEntries(claims, wanted.tree));
  let passing: PassingFile | undefined;
  let bytes = 0;
  const end = (file: PassingFile): boolean => {
    passing = undefined;
    return !endFile(file, search) && stopsEarly;
  };
  for (;;) {
    const event = reader.poll();
    if (event === undefined) {
      const filled = await reader.fill(options.signal);
      if (!filled.ok) return filled;
      if (filled.value) continue;
      const missing = matcher.finish();
      return missing === undefined ? ok(undefined) : operationOf(missing);
    }
    if (!event.ok) return event;
    if (event.value.kind === "content") {
      if (passing === undefined) continue;
      search.count(0, event.value.bytes.length);
      taker.add(event.value.bytes);
      if (taker.hash.isWhole && end(passing)) return ok(undefined);
    } else if (event.value.kind === "entry") {
      const { entry, offset } = event.value;
      const expected = matcher.take(entry, offset);
      if (!expected.ok) return operationOf(expected);
      const row = expected.value.row;
      if (row === undefined) continue;
      bytes += entry.size;
      if (bytes > search.maxBytes) {
        found.oversized(bytes, isInOrder ? row : 0);
        return ok(undefined);
      }
      if (!found.isWanted(row)) {
        reader.skip(entry);
        continue;
      }
      passing = { entry, row };
      taker.begin(entry.size, offset);
      if (entry.size === 0 && end(passing)) return ok(undefined);
    }
  }
}

/** Notes a file; gives whether its bytes are those that were sealed. */
function endFile({ entry, row }: PassingFile, { count, found, taker, wanted }: OutputSearch): boolean {
  const digest = taker.hash.end();
  found.found(row, digest, { mode: entry.mode, size: entry.size, offset: taker.start });
  count(1, 0);
  const claim = wanted.bundle.claims.at(row);
  return (
    claim?.lawful === true &&
    claim.digest !== undefined &&
    matchesDigest(claim.digest, toHex(digest), nodeCrypto)
  );
}
