/** What a revert puts in place, as the entries of a transaction. @module */

import type { OutputPath, PlannedPut, TreeLink, VerifiedOutput } from "../../../core/internal.ts";
import type { OutputSource } from "../../records/store/output-source.ts";
import type { StoredObjects } from "../../records/store/stored-objects.ts";
import { digestOf } from "../../system/runtime/node-crypto.ts";
import { Entries } from "../transaction/work/entries.ts";
import { NO_WORK } from "../transaction/work/entry-work.ts";

/** Where the bytes of files come from, by their digests: a project's store. They are hashed as they are staged. */
export type ObjectSource = Pick<StoredObjects, "kindOf" | "open">;

/** The entries of a plan, and the source of their bytes; without a store, it has none. */
export function workOnPuts(puts: readonly PlannedPut[], objects: ObjectSource | undefined): typeof NO_WORK {
  if (puts.length === 0) return NO_WORK;
  const files: VerifiedOutput[] = [];
  const modes: number[] = [];
  const links: TreeLink[] = [];
  for (const { path, state } of puts) {
    if (state.kind === "link") {
      links.push({ path, target: state.target });
      continue;
    }
    const { bytes, digest, mode } = state;
    // A path of a plan obeys the law of paths.
    files.push({ path: path as OutputPath, digest, bytes, row: files.length });
    modes.push(mode);
  }
  const tree = { ...NO_TREE, links, modes: Uint16Array.from(modes) };
  const bytes = files.reduce((sum, file) => sum + file.bytes, 0);
  const run = { runId: "", bundleRoot: NO_ROOT, folder: "", files, bytes, tree };
  const entries = new Entries({ runs: [run], chainRoot: undefined }, { reports: false });
  return {
    ...NO_WORK,
    entries,
    sourceOf: objects === undefined ? NO_WORK.sourceOf : () => sourceIn(objects),
  };
}

function sourceIn(objects: ObjectSource): OutputSource {
  return {
    kindOf: ({ digest }) => objects.kindOf(digest),
    open: ({ digest }) => objects.open(digest),
  };
}

const NO_TREE = { emptyFolders: [], folderModes: [], leaving: undefined, linksLeftOut: [] } as const;

/** Only reports name it, and none is written. */
const NO_ROOT = digestOf(new Uint8Array());
