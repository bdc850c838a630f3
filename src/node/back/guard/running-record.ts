/**
 * What a guarded run in progress names: the snapshot from before its command. `.runseal/running/ID.json` is durable before the command
 * starts, so that a run that is killed can still be taken back to that snapshot. Canonical JSON and a line feed:
 *
 *     {"before":"…","folder":"…","run_id":"…","started":"2026-11-25T01:02:03Z","version":1}
 *
 * Not signed: a reader looks for a snapshot with that root in the history.
 *
 * @module
 */

import { DIGEST, type HexDigest, MOMENT, recordFile, text } from "../../../core/internal.ts";
import { isRunId } from "../../records/bundle/run-names.ts";
import { RUNNING_NAME, socketNameOf } from "../../records/project/running-runs.ts";
import type { AnchoredDir } from "../../system/files/anchored-dir.ts";
import { nodeFileSystem as fs } from "../../system/files/file-system.ts";
import { makeFolder } from "../../system/files/make-folders.ts";
import { readRecord, writeRecord } from "../../system/files/record-file.ts";
import { attempt } from "../../system/runtime/machine-reason.ts";

/** A record has two digests, a time and a run id. */
const MAX_BYTES = 4096;

const ENDING = ".json";

/** A guarded run in progress, or one that was killed. */
export interface RunningRecord {
  readonly runId: string;
  /** The root of the snapshot from before its command. */
  readonly before: HexDigest;
  /** SHA-256 of the guarded folder's real path. */
  readonly folder: HexDigest;
  /** RFC 3339, by that machine's clock. */
  readonly started: string;
}

const RUNNING = recordFile<RunningRecord>(1, {
  before: DIGEST,
  folder: DIGEST,
  runId: text(isRunId),
  started: MOMENT,
});

/** Writes the record of a run that is about to begin, durably. `own` is the guard's `.runseal`. Throws what the system says. */
export function writeRunningRecord(own: AnchoredDir, record: RunningRecord): void {
  if (makeFolder(own, RUNNING_NAME, 0o777)) fs.fsyncSync(own.fd);
  using running = own.enter(RUNNING_NAME);
  // [running-record] And its folder, which the run's own socket may have made: before the command changes anything.
  writeRecord(running, nameOf(record.runId), RUNNING.encode(record), 0o644);
  fs.fsyncSync(own.fd);
}

/** Removes the record of a run that has its bundle. A record that can't be removed is one of a run that has a bundle. */
export function removeRunningRecord(own: AnchoredDir, runId: string): void {
  attempt(() => {
    using running = own.enterIfThere(RUNNING_NAME);
    if (running === undefined) return;
    running.unlink(nameOf(runId));
    fs.fsyncSync(running.fd);
  });
}

/** Reads the records of a guard, by its `.runseal`. What runseal did not write is passed over. Throws what the system says. */
export function readRunningRecords(own: AnchoredDir): readonly RunningRecord[] {
  using running = own.enterIfThere(RUNNING_NAME);
  if (running === undefined) return [];
  const records: RunningRecord[] = [];
  for (const name of running.names().sort()) {
    if (!name.endsWith(ENDING)) continue;
    const record = readRecord(running, name, MAX_BYTES, RUNNING);
    if (typeof record !== "string" && nameOf(record.runId) === name) records.push(record);
  }
  return records;
}

function nameOf(runId: string): string {
  return `${socketNameOf(runId)}${ENDING}`;
}
