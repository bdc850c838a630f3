/**
 * What a guarded run in progress names: the snapshot from before its command. `.runseal/running/ID.json` is durable before the command
 * starts, so that a run that is killed can still be taken back to that snapshot. Canonical JSON and a line feed:
 *
 *     {"before":"…","folder":"…","run_id":"…","started":"2026-11-25T01:02:03Z","version":1}
 *
 * Not signed: a reader looks for a snapshot with that root in the line.
 *
 * @module
 */

import {
  asCount,
  encodeOwn,
  type HexDigest,
  isHexDigest,
  isJsonObject,
  isSameBytes,
  jsonObject,
  parseStrictJson,
  utcSeconds,
} from "../../core/internal.ts";
import { isRunId } from "../bundle/run-id.ts";
import type { AnchoredDir } from "../files/anchored-dir.ts";
import { replaceFile } from "../files/durable-file.ts";
import { nodeFileSystem as fs } from "../files/file-system.ts";
import { makeFolder } from "../files/make-folders.ts";
import { readRegularFile } from "../files/read-source.ts";
import { RUNNING_NAME, socketNameOf } from "../project/running-runs.ts";
import { attempt } from "../runtime/machine-reason.ts";

const VERSION = 1;

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

/** Writes the record of a run that is about to begin, durably. `own` is the guard's `.runseal`. Throws what the system says. */
export function writeRunningRecord(own: AnchoredDir, record: RunningRecord): void {
  if (makeFolder(own.address(RUNNING_NAME), 0o777)) fs.fsyncSync(own.fd);
  using running = own.enter(RUNNING_NAME);
  replaceFile(running.address(nameOf(record.runId)), encodeRecord(record), 0o644);
  // [running-record] And its folder, which the run's own socket may have made: before the command changes anything.
  fs.fsyncSync(running.fd);
  fs.fsyncSync(own.fd);
}

/** Removes the record of a run that has its bundle. A record that can't be removed is one of a run that has a bundle. */
export function removeRunningRecord(own: AnchoredDir, runId: string): void {
  attempt(() => {
    using running = own.enterIfThere(RUNNING_NAME);
    if (running === undefined) return;
    fs.unlinkSync(running.address(nameOf(runId)));
    fs.fsyncSync(running.fd);
  });
}

/** Reads the records of a guard, by its `.runseal`. What runseal did not write is passed over. Throws what the system says. */
export function readRunningRecords(own: AnchoredDir): readonly RunningRecord[] {
  using running = own.enterIfThere(RUNNING_NAME);
  if (running === undefined) return [];
  const records: RunningRecord[] = [];
  for (const name of fs.readdirSync(running.self).sort()) {
    if (!name.endsWith(ENDING)) continue;
    const reading = readRegularFile(running, name, MAX_BYTES, fs);
    const record = reading.kind === "bytes" ? parseRecord(reading.bytes) : undefined;
    if (record !== undefined && nameOf(record.runId) === name) records.push(record);
  }
  return records;
}

function nameOf(runId: string): string {
  return `${socketNameOf(runId)}${ENDING}`;
}

function encodeRecord({ before, folder, runId, started }: RunningRecord): Uint8Array {
  const record = jsonObject({ before, folder, run_id: runId, started, version: VERSION });
  return Buffer.concat([encodeOwn(record), Buffer.from("\n")]);
}

function parseRecord(bytes: Uint8Array): RunningRecord | undefined {
  const parsed = parseStrictJson(bytes);
  if (!parsed.ok || !isJsonObject(parsed.value)) return undefined;
  const { value } = parsed;
  const [before, folder] = [value.get("before"), value.get("folder")];
  const [runId, started] = [value.get("run_id"), value.get("started")];
  if (asCount(value.get("version")) !== VERSION) return undefined;
  if (!isHexDigest(before) || !isHexDigest(folder)) return undefined;
  if (typeof runId !== "string" || !isRunId(runId)) return undefined;
  if (typeof started !== "string" || utcSeconds(started) === undefined) return undefined;
  const record = { runId, before, folder, started };
  return isSameBytes(encodeRecord(record), bytes) ? record : undefined;
}
