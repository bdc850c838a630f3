/**
 * Where a restore takes the bytes of each run from: folders of this machine, or ranges of a file that a carrier holds open.
 *
 * @module
 */

import {
  foldersAt,
  type HeldFolders,
  type OutputSource,
  type SourceOf,
  type ThreadSources,
} from "../../records/store/output-source.ts";
import type { FileSystem } from "../../system/files/file-system.ts";
import { type HeldRanges, rangeSource } from "./held-ranges.ts";

/** The ranges of carried runs, by their run ids. */
interface CarriedRanges {
  readonly ranges: ReadonlyMap<string, HeldRanges>;
}

/** The sources of a restore, as data for any thread. */
export type HeldSources = HeldFolders | CarriedRanges;

/** The open sources of a restore. */
export interface RunSources extends Disposable {
  readonly sourceOf: SourceOf;
  readonly held: HeldSources;
}

/** The ranges of runs as sources. Their file stays its owner's. */
export function carriedSources(ranges: ReadonlyMap<string, HeldRanges>): RunSources {
  return { sourceOf: chooseRanges(ranges), held: { ranges }, [Symbol.dispose]: () => undefined };
}

/** The same sources for one thread. */
export function sourcesAt(held: HeldSources, fs: FileSystem): ThreadSources {
  if (!("ranges" in held)) return foldersAt(held, fs);
  return { sourceOf: chooseRanges(held.ranges), close: () => undefined };
}

/** Gives the source of a run. Throws on a run that the carrier has not. */
function chooseRanges(ranges: ReadonlyMap<string, HeldRanges>): SourceOf {
  const sources = new Map<string, OutputSource>();
  for (const [runId, own] of ranges) sources.set(runId, rangeSource(own));
  return (runId) => {
    const source = sources.get(runId);
    if (source === undefined) throw new TypeError("a run was planned that its source has not");
    return source;
  };
}
