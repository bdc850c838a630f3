/**
 * Changing a trust file (PROTOCOL 12): one line more or some lines fewer, everything else byte for byte, in a
 * single step. A file with a bad line is not edited: nothing in it is trusted, and a line added to it would
 * look like trust and be none. For the same reason no edit may leave a file that is refused.
 *
 * @module
 */

import { realpathSync, statSync } from "node:fs";
import { dirname } from "node:path";
import {
  appendTrustLine,
  MAX_TRUST_FILE_BYTES,
  ok,
  type Result,
  removeTrustLines,
  type TrustFile,
  type TrustLine,
} from "../../core/index.ts";
import { publishCause } from "../cause-channel.ts";
import { errnoOf, machineReason } from "../files/machine-reason.ts";
import { makeFolders } from "../files/make-folders.ts";
import { type ReplaceOptions, replaceFile } from "../files/replace-file.ts";
import { configFolder, type Environment, ownTrustFile } from "../keys/key-store.ts";
import { type OperationFault, operationFault } from "../operation-fault.ts";
import { parseTrustBytes, readTrustBytes, type TrustRequestFault } from "../read-trust.ts";

/** Which trust file, and how messages call it. */
export interface TrustFilePlace {
  readonly address: string;
  readonly label: string;
}

/** A trust file that is not there is one without lines. */
export interface ReadTrustFile extends TrustFile {
  readonly isThere: boolean;
}

/** Why a trust file was not edited, or not read. */
export type TrustEditFault = TrustRequestFault | OperationFault;

/** Which lines to remove. */
export type LinesWanted = { readonly publicKeyHex: string } | { readonly name: string };

/** The file that the caller named, else the user's own. */
export function placeOfTrustFile(file: string | undefined, environment: Environment): TrustFilePlace {
  if (file !== undefined) return { address: file, label: file };
  return { address: ownTrustFile(environment), label: "your trust file" };
}

/** Reads a trust file. Fails with TRUST_FILE_MALFORMED or TRUST_FILE_UNREADABLE. */
export function openTrustFile(place: TrustFilePlace): Result<ReadTrustFile, TrustRequestFault> {
  const opened = readForEdit(place);
  return opened.ok ? ok({ ...opened.value.file, isThere: opened.value.bytes !== undefined }) : opened;
}

/**
 * Adds a line, and makes the file where it isn't there; gives the line as it stands in it. Fails with
 * TRUST_LINE_EXISTS where any line lists the key: two lines for one key are for a person to weigh.
 */
export function addTrustLine(
  place: TrustFilePlace,
  text: string,
  publicKeyHex: string,
  environment: Environment,
): Result<TrustLine, TrustEditFault> {
  const opened = readForEdit(place);
  if (!opened.ok) return opened;
  const { bytes = new Uint8Array(), file } = opened.value;
  const listed = file.lines.find((line) => line.publicKeyHex === publicKeyHex);
  if (listed !== undefined) {
    return operationFault("TRUST_LINE_EXISTS", { path: place.label, line: listed.line, names: listed.names });
  }
  const edited = appendTrustLine(bytes, text);
  const parsed = checkEdited(place, edited);
  if (!parsed.ok) return parsed;
  const added = parsed.value.lines.at(-1);
  if (added === undefined) throw new TypeError("a line that was added is there");
  const written = writeEdited(place, opened.value.bytes, edited, environment);
  return written.ok ? ok(added) : written;
}

/** Removes every line of a key, or every line that lists a name, and gives them as they stood. */
export function removeTrustLinesOf(
  place: TrustFilePlace,
  wanted: LinesWanted,
  environment: Environment,
): Result<{ readonly removed: readonly TrustLine[]; readonly left: TrustFile }, TrustEditFault> {
  const opened = readForEdit(place);
  if (!opened.ok) return opened;
  const { bytes = new Uint8Array(), file } = opened.value;
  const removed = file.lines.filter((line) => isWanted(line, wanted));
  if (removed.length === 0) return operationFault("TRUST_LINE_NOT_FOUND", { path: place.label });
  const edited = removeTrustLines(bytes, new Set(removed.map(({ line }) => line)));
  const left = checkEdited(place, edited);
  if (!left.ok) return left;
  const written = writeEdited(place, opened.value.bytes, edited, environment);
  return written.ok ? ok({ removed, left: left.value }) : written;
}

function isWanted(line: TrustLine, wanted: LinesWanted): boolean {
  return "name" in wanted ? line.names.includes(wanted.name) : line.publicKeyHex === wanted.publicKeyHex;
}

function readForEdit(
  place: TrustFilePlace,
): Result<{ readonly bytes: Uint8Array | undefined; readonly file: TrustFile }, TrustRequestFault> {
  const bytes = readTrustBytes(place.address, place.label);
  if (!bytes.ok) return bytes;
  const file = parseTrustBytes(bytes.value ?? new Uint8Array(), place.label);
  return file.ok ? ok({ bytes: bytes.value, file: file.value }) : file;
}

/** What readers will make of the edited file: a threshold may need a name, or a key of its own for each. */
function checkEdited(place: TrustFilePlace, edited: Uint8Array): Result<TrustFile, TrustEditFault> {
  if (edited.length > MAX_TRUST_FILE_BYTES) {
    return { ok: false, code: "TRUST_FILE_UNREADABLE", file: place.label, reason: "too-large" };
  }
  const parsed = parseTrustBytes(edited, place.label);
  if (parsed.ok || parsed.code !== "TRUST_FILE_MALFORMED") return parsed;
  return operationFault("TRUST_LINE_REQUIRED", { path: place.label });
}

function writeEdited(
  place: TrustFilePlace,
  before: Uint8Array | undefined,
  edited: Uint8Array,
  environment: Environment,
): Result<undefined, OperationFault> {
  try {
    if (dirname(place.address) === configFolder(environment)) makeFolders(dirname(place.address), 0o700, []);
    const { address, mode, owner } = targetOf(place.address);
    // An editor that saved meanwhile must not lose what it saved.
    const isCurrent = (): boolean => holdsStill(place, before);
    const isReplaced = replaceFile(address, edited, mode, { ...owner, isCurrent });
    return isReplaced ? ok(undefined) : operationFault("CHANGED_WHILE_READ", { path: place.label });
  } catch (thrown) {
    const reason = machineReason(thrown);
    if (reason === undefined) throw thrown;
    publishCause(thrown);
    return operationFault("WRITE_FAILED", { path: place.label, reason });
  }
}

function holdsStill(place: TrustFilePlace, before: Uint8Array | undefined): boolean {
  const now = readTrustBytes(place.address, place.label);
  if (!now.ok || now.value === undefined || before === undefined) return now.ok && now.value === before;
  return Buffer.compare(now.value, before) === 0;
}

interface EditTarget {
  readonly address: string;
  readonly mode: number;
  readonly owner: Pick<ReplaceOptions, "owner">;
}

/** Where the bytes go: a link to the file stays a link. A file that isn't there yet is for everybody to read. */
function targetOf(path: string): EditTarget {
  try {
    const address = realpathSync.native(path);
    const { gid, mode, uid } = statSync(address);
    return { address, mode: mode & 0o7777, owner: { owner: { uid, gid } } };
  } catch (thrown) {
    if (errnoOf(thrown) !== "ENOENT") throw thrown;
    return { address: path, mode: 0o644, owner: {} };
  }
}
