/**
 * One file for each run that began and that no bundle of the history lists yet, in `.runseal/unlisted`. It is durable before the
 * command starts, so that a killed run leaves it, and the next seal signs a list of such runs (PROTOCOL 11).
 *
 * The name is random: a run id that was killed may be used again. Canonical JSON and a line feed; `bundle_root` and
 * `previous_bundle_root` are null until the run is sealed as a failed one.
 *
 * @module
 */

import { randomBytes } from "node:crypto";
import { DIGEST, type HexDigest, list, MOMENT, orNull, recordFile, text } from "../../../core/internal.ts";
import type { AnchoredDir } from "../../system/files/anchored-dir.ts";
import { nodeFileSystem as fs } from "../../system/files/file-system.ts";
import { makeFolder } from "../../system/files/make-folders.ts";
import { createFile } from "../../system/files/placed-file.ts";
import { readRegularFile } from "../../system/files/read-source.ts";
import { writeRecord } from "../../system/files/record-file.ts";
import { attempt } from "../../system/runtime/machine-reason.ts";
import { isRunId } from "../bundle/run-names.ts";

/** The folder of the records in a project's own. */
export const UNLISTED_NAME = "unlisted";

const RECORD_NAME = /^[0-9a-f]{32}$/;

/** As `replaceFile` names it. */
const REPLACEMENT_NAME = /^[0-9a-f]{32}\.[0-9a-f]{16}\.new$/;

/** A record has room for the beginning of a command. */
const MAX_BYTES = 16_384;
const MAX_COMMAND_BYTES = 8192;

/** A run that began, as its file says. */
interface RunFacts {
  readonly runId: string;
  /** RFC 3339, by that machine's clock: when it was sealed, or else when it began. */
  readonly time: string;
  /** As many words of it as fit into a record. Not signed. */
  readonly command: readonly string[];
  /** The failed run's bundle; undefined before it is sealed. */
  readonly bundleRoot: HexDigest | undefined;
  /** The bundle that it names; undefined before it is sealed, and if the history had not begun. */
  readonly previousBundleRoot: HexDigest | undefined;
}

/** A run that began. */
export interface RunRecord extends RunFacts {
  /** The name of its file. */
  readonly name: string;
}

const RECORD = recordFile<RunFacts>(1, {
  runId: text(isRunId),
  time: MOMENT,
  command: list(text()),
  bundleRoot: orNull(DIGEST),
  previousBundleRoot: orNull(DIGEST),
});

/**
 * Writes the record of a run that is about to begin, durably. `own` is the project's own folder, in `home`. Throws what the system
 * says; then no record is left.
 */
export function writeRunRecord(
  own: AnchoredDir,
  home: AnchoredDir,
  run: Pick<RunRecord, "command" | "runId" | "time">,
): string {
  const name = randomBytes(16).toString("hex");
  makeFolder(own, UNLISTED_NAME, 0o777);
  const folder = own.enter(UNLISTED_NAME);
  let isWritten = false;
  try {
    const begun = {
      ...run,
      command: shortened(run.command),
      bundleRoot: undefined,
      previousBundleRoot: undefined,
    };
    createFile(folder.address(name), RECORD.encode(begun), 0o644);
    // [run-record] Always all three: another command may have made these folders, and synced none.
    for (const { fd } of [folder, own, home]) fs.fsyncSync(fd);
    isWritten = true;
  } finally {
    folder.close();
    if (!isWritten) removeRunRecords(own, [name]);
  }
  return name;
}

/** Adds the bundle of a failed run to its record, before the bundle appears. Throws what the system says. */
export function completeRunRecord(own: AnchoredDir, record: RunRecord): void {
  using folder = own.enter(UNLISTED_NAME);
  writeRecord(folder, record.name, RECORD.encode(record), 0o644);
}

/** Removes records, and their folder if it is empty then. A record that can't be removed is listed again. */
export function removeRunRecords(own: AnchoredDir, names: Iterable<string>): void {
  attempt(() => {
    const folder = own.enter(UNLISTED_NAME);
    try {
      for (const name of names) attempt(() => folder.unlink(name));
      fs.fsyncSync(folder.fd);
    } finally {
      folder.close();
    }
    own.rmdir(UNLISTED_NAME);
  });
}

/** The files in the folder of records. */
export interface RunRecords {
  /** In order of time. */
  readonly records: readonly RunRecord[];
  /** Names of unfinished records: of a run that is about to begin, or that was killed then. */
  readonly unfinished: readonly string[];
  /** Names of files that were to replace a record. */
  readonly replacements: readonly string[];
}

/** Reads the records of a project, by its own folder. Other files are passed over. Throws what the system says. */
export function readRunRecords(own: AnchoredDir): RunRecords {
  using folder = own.enterIfThere(UNLISTED_NAME);
  if (folder === undefined) return { records: [], unfinished: [], replacements: [] };
  const records: RunRecord[] = [];
  const unfinished: string[] = [];
  const replacements: string[] = [];
  for (const name of folder.names()) {
    if (REPLACEMENT_NAME.test(name)) replacements.push(name);
    if (!RECORD_NAME.test(name)) continue;
    const reading = readRegularFile(folder, name, MAX_BYTES, fs);
    if (reading.kind !== "bytes") continue;
    const facts = RECORD.parse(reading.bytes);
    if (facts === undefined) unfinished.push(name);
    else records.push({ ...facts, name });
  }
  records.sort((a, b) => compare(a.time, b.time) || compare(a.runId, b.runId));
  return { records, unfinished, replacements };
}

/** The words that fit. */
function shortened(command: readonly string[]): readonly string[] {
  const words: string[] = [];
  let bytes = 0;
  for (const word of command) {
    bytes += Buffer.byteLength(JSON.stringify(word)) + 1;
    if (bytes > MAX_COMMAND_BYTES) return [...words, "…"];
    words.push(word);
  }
  return words;
}

function compare(left: string, right: string): number {
  return left < right ? -1 : left > right ? 1 : 0;
}
