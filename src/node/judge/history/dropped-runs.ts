/** The runs whose bytes were dropped from the store of a project on purpose, as DROPPED.json says (PROTOCOL 18). @module */

import {
  DROPPED_FILE,
  type DroppedBytes,
  type HexDigest,
  type HistoryRun,
  isSigned,
} from "../../../core/internal.ts";
import { OWN_FOLDER } from "../../records/project/project-names.ts";
import { readSignedFile } from "../../records/project/signed-files.ts";
import { openRoot } from "../../system/files/anchored-root.ts";
import { unlessRefused } from "../../system/runtime/machine-reason.ts";
import { isSameDigest } from "../../system/runtime/node-crypto.ts";

/** The record of a project by its root; undefined where there is none, where it can't be read, or where its signature does not hold. */
function readDroppedBytes(home: string): DroppedBytes | undefined {
  const opened = openRoot(home);
  if (!opened.ok) return undefined;
  using root = opened.value;
  return unlessRefused(() => {
    using own = root.dir.enterIfThere(OWN_FOLDER);
    const read = own && readSignedFile(own, DROPPED_FILE);
    return isSigned(read) ? read : undefined;
  });
}

/** The record of a project. It is read once a run lacks bytes: it is durable then, even if they are being dropped right now. */
export class DroppedRuns {
  readonly #home: string;
  #roots: ReadonlyMap<string, HexDigest> | undefined;
  /** Undefined unless a run was looked up, and the record holds. Its signer is not judged. */
  record: DroppedBytes | undefined;

  constructor(home: string) {
    this.#home = home;
  }

  /** Whether the record lists a run. */
  has({ bundleRoot, runId }: Pick<HistoryRun, "runId" | "bundleRoot">): boolean {
    if (this.#roots === undefined) {
      this.record = readDroppedBytes(this.#home);
      this.#roots = droppedRoots(this.record);
    }
    return bundleRoot !== undefined && isSameDigest(this.#roots.get(runId), bundleRoot);
  }
}

/** The roots of runs that a record lists, by their ids. */
export function droppedRoots(record: DroppedBytes | undefined): Map<string, HexDigest> {
  return new Map(record?.runs.map(({ bundleRoot, runId }) => [runId, bundleRoot]));
}
