/**
 * Where a pulled run came from: `PULLED_FROM.json` beside its artifacts in `.runseal/pulled/ID`. Canonical JSON and a line feed:
 *
 *     {"from":"ghcr.io/team/runs@sha256:…","version":1}
 *
 * Not signed: it is this user's own note, as HEAD is.
 *
 * @module
 */

import { basename, dirname, resolve } from "node:path";
import { type RecordFile, recordFile, text } from "../../../core/internal.ts";
import { AnchoredDir } from "../../system/files/anchored-dir.ts";
import { readRecord } from "../../system/files/record-file.ts";
import { unlessRefused } from "../../system/runtime/machine-reason.ts";
import { PULLED_NAME } from "./project-names.ts";

/** The name of the record. */
export const PULLED_FROM_NAME = "PULLED_FROM.json";

/** A path has 4096 bytes at most, and escapes may take six times as many. */
const MAX_BYTES = 32 * 1024;

/** The record. `from` is a reference by digest, or what the user called the archive. */
export const PULLED_FROM: RecordFile<{ readonly from: string }> = recordFile(1, { from: text() });

/** Where the run of a run directory was pulled from; undefined if it was not, or that is not known. */
export function readPulledFrom(bundle: string): string | undefined {
  if (basename(dirname(resolve(bundle))) !== PULLED_NAME) return undefined;
  return unlessRefused(() => {
    using dir = AnchoredDir.open(bundle);
    const record = readRecord(dir, PULLED_FROM_NAME, MAX_BYTES, PULLED_FROM);
    return typeof record === "string" ? undefined : record.from;
  });
}
