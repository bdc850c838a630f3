/**
 * Changing a trust file (PROTOCOL 12): one line more or some lines fewer, everything else byte for byte, in a
 * single step. A file with a bad line is not edited: nothing in it is trusted, and a line added to it would
 * look like trust without being any. For the same reason no edit may leave a file that is refused.
 *
 * @module
 */

import { dirname } from "node:path";
import {
  appendTrustLine,
  MAX_TRUST_FILE_BYTES,
  ok,
  type Result,
  removeTrustLines,
  revokeTrustLines,
  type TrustFile,
  type TrustLine,
} from "../../../core/internal.ts";
import { followOwnLinks } from "../../system/files/follow-own-links.ts";
import { makePrivateFolders } from "../../system/files/make-folders.ts";
import { FileEdit, type FoundFile } from "../../system/locks/file-edit.ts";
import { publishCause } from "../../system/runtime/cause-channel.ts";
import { reasonOf } from "../../system/runtime/machine-reason.ts";
import { type OperationFault, operationFault } from "../../system/runtime/operation-fault.ts";
import { configFolder, type Environment } from "../../system/runtime/user-home.ts";
import { userTrustFile } from "../key-store.ts";
import {
  OWN_LABEL,
  parseTrustBytes,
  readTrustBytes,
  type TrustRequestFault,
  unreadable,
} from "./read-trust.ts";

/** A trust file that is made is for every user to read. */
const NEW_FILE_MODE = 0o644;

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

/** Who edits: the environment says which trust file is the user's own, and the signal ends a wait for the lock. */
export interface TrustEditor {
  readonly environment: Environment;
  readonly signal?: AbortSignal | undefined;
}

/** The file that the caller named, else the user's own. */
export function placeOfTrustFile(file: string | undefined, environment: Environment): TrustFilePlace {
  if (file !== undefined) return { address: file, label: file };
  return { address: userTrustFile(environment), label: OWN_LABEL };
}

/** Reads a trust file. Fails with TRUST_FILE_MALFORMED or TRUST_FILE_UNREADABLE. */
export function openTrustFile(place: TrustFilePlace): Result<ReadTrustFile, TrustRequestFault> {
  const bytes = readTrustBytes(place.address, place.label);
  if (!bytes.ok) return bytes;
  const file = parseTrustBytes(bytes.value ?? new Uint8Array(), place.label);
  return file.ok ? ok({ ...file.value, isThere: bytes.value !== undefined }) : file;
}

/** A line to add: its text, the lines of its kind in a file, and which of them say the same. */
export interface AddedLine<Line> {
  readonly text: string;
  readonly linesOf: (file: TrustFile) => readonly Line[];
  readonly isSame: (line: Line) => boolean;
}

/** A line of any kind. */
type AnyLine = { readonly line: number } & (
  | { readonly names: readonly string[] }
  | { readonly name: string }
);

/** The line of a signer. Two lines for one key are for a person to weigh. */
export function signerLine(text: string, publicKeyHex: string): AddedLine<TrustLine> {
  const isSame = (line: TrustLine): boolean => line.publicKeyHex === publicKeyHex;
  return { text, linesOf: ({ lines }) => lines, isSame };
}

/**
 * Adds a line, and makes the file if it is missing; gives the line as it stands in it. Fails with
 * TRUST_LINE_REFUSED if a line says the same. Fails with
 * LOCKED, NOT_A_FILE, CHANGED_WHILE_READ or WRITE_FAILED too. Throws an Interruption while it waits.
 */
export async function addTrustLine<Line extends AnyLine>(
  place: TrustFilePlace,
  line: AddedLine<Line>,
  editor: TrustEditor,
): Promise<Result<Line, TrustEditFault>> {
  return await editTrustFile(place, editor, (edit) => {
    const staged = edit.stageLine(line);
    if (!staged.ok) return staged;
    const written = edit.commit();
    return written.ok ? staged : written;
  });
}

/** Removes the lines of one kind that are wanted, and gives them as they stood. Fails with TRUST_LINE_NOT_FOUND, and as `addTrustLine` does. */
export async function removeTrustLinesOf<Line extends AnyLine>(
  place: TrustFilePlace,
  wantedOf: (file: TrustFile) => readonly Line[],
  editor: TrustEditor,
): Promise<Result<{ readonly removed: readonly Line[]; readonly left: TrustFile }, TrustEditFault>> {
  return await editTrustFile(place, editor, (edit) => {
    const removed = wantedOf(edit.file);
    if (removed.length === 0) return operationFault("TRUST_LINE_NOT_FOUND", { path: place.label });
    const left = edit.stage(removeTrustLines(edit.bytes, new Set(removed.map(({ line }) => line))));
    if (!left.ok) return left;
    const written = edit.commit();
    return written.ok ? ok({ removed, left: left.value }) : written;
  });
}

/** From when on a key is revoked. */
export interface RevocationMoment {
  /** As a line of the file has it: YYYYMMDD or YYYYMMDDHHMM[SS], UTC. */
  readonly text: string;
  /** Seconds since 1970. */
  readonly seconds: number;
}

/** What became of the lines of a key or a name. */
export interface RevokedLines {
  /** Lines that are revoked now, as they stand. */
  readonly revoked: readonly TrustLine[];
  /** Lines that were revoked before, for the same moment or an earlier one, as they stand. */
  readonly unchanged: readonly TrustLine[];
}

/**
 * Revokes every line of a key, or every line that lists a name. A revocation that is there is made stricter, and never
 * milder. Fails as `addTrustLine` does.
 */
export async function revokeTrustLinesOf(
  place: TrustFilePlace,
  wanted: LinesWanted,
  moment: RevocationMoment | undefined,
  editor: TrustEditor,
): Promise<Result<RevokedLines, TrustEditFault>> {
  return await editTrustFile(place, editor, (edit) => {
    const found = linesWanted(edit.file, wanted);
    if (found.length === 0) return operationFault("TRUST_LINE_NOT_FOUND", { path: place.label });
    const open = found.filter((line) => !isRevokedBy(line, moment?.seconds));
    const unchanged = found.filter((line) => !open.includes(line));
    if (open.length === 0) return ok({ revoked: [], unchanged });
    const numbers = new Set(open.map(({ line }) => line));
    const staged = edit.stage(revokeTrustLines(edit.bytes, numbers, moment?.text));
    if (!staged.ok) return staged;
    const revoked = staged.value.lines.filter(({ line }) => numbers.has(line));
    if (!revoked.every((line) => isRevokedBy(line, moment?.seconds)))
      throw new TypeError("a line that was revoked is read as such");
    const written = edit.commit();
    return written.ok ? ok({ revoked, unchanged }) : written;
  });
}

/** Whether a line is revoked from that moment on at the latest; without a moment, for every one. */
function isRevokedBy({ revoked, revokedAt }: TrustLine, seconds: number | undefined): boolean {
  return revoked && (revokedAt === undefined || (seconds !== undefined && revokedAt <= seconds));
}

/** Every line of a key, or every line of a signer that lists a name. */
export function linesWanted({ lines }: TrustFile, wanted: LinesWanted): readonly TrustLine[] {
  return lines.filter((line) =>
    "name" in wanted ? line.names.includes(wanted.name) : line.publicKeyHex === wanted.publicKeyHex,
  );
}

/** Opens a trust file for an edit, does the work, and closes it. */
export async function editTrustFile<Value>(
  place: TrustFilePlace,
  editor: TrustEditor,
  work: (edit: TrustFileEdit) => Result<Value, TrustEditFault>,
): Promise<Result<Value, TrustEditFault>> {
  try {
    const opened = await TrustFileEdit.open(place, editor);
    if (!opened.ok) return opened;
    using edit = opened.value;
    return work(edit);
  } catch (thrown) {
    const reason = reasonOf(thrown);
    publishCause(thrown);
    return operationFault("WRITE_FAILED", { path: place.label, reason });
  }
}

/** A locked trust file: what it says now, and what it is to say. */
export class TrustFileEdit implements Disposable {
  readonly #edit: FileEdit;
  readonly #label: string;
  readonly #found: FoundFile;
  /** The file as it stands; empty if it is missing. */
  readonly bytes: Uint8Array;
  readonly file: TrustFile;

  private constructor(edit: FileEdit, label: string, found: FoundFile, file: TrustFile) {
    this.#edit = edit;
    this.#label = label;
    this.#found = found;
    this.bytes = bytesOf(found);
    this.file = file;
  }

  /** Takes the lock of a trust file and reads it. The caller closes it. Throws what the system says. */
  static async open(
    { address, label }: TrustFilePlace,
    { environment, signal }: TrustEditor,
  ): Promise<Result<TrustFileEdit, TrustEditFault>> {
    // A file that can't be read is reported as such, before any folder is made for it.
    const readable = readTrustBytes(address, label);
    if (!readable.ok) return readable;
    if (dirname(address) === configFolder(environment)) {
      makePrivateFolders(dirname(address));
    }
    const path = followOwnLinks(address);
    if (path === undefined) return operationFault("NOT_A_FILE", { path: label });
    const opened = await FileEdit.open(path, label, signal);
    if (!opened.ok) return opened;
    const edit = opened.value;
    let isOpen = false;
    try {
      const read = readLocked(edit, label);
      isOpen = read.ok;
      return read.ok ? ok(new TrustFileEdit(edit, label, read.value.found, read.value.file)) : read;
    } finally {
      if (!isOpen) edit.close();
    }
  }

  /** Stages the file with one line more. Gives the line as it will stand there. Fails with TRUST_LINE_REFUSED, or as `stage` does. */
  stageLine<Line extends AnyLine>({ isSame, linesOf, text }: AddedLine<Line>): Result<Line, TrustEditFault> {
    const listed = linesOf(this.file).find(isSame);
    if (listed !== undefined) {
      const { line } = listed;
      const names = "names" in listed ? listed.names : [listed.name];
      return operationFault("TRUST_LINE_REFUSED", { reason: "exists", path: this.#label, line, names });
    }
    const staged = this.stage(appendTrustLine(this.bytes, text));
    if (!staged.ok) return staged;
    const added = linesOf(staged.value).at(-1);
    if (added === undefined) throw new TypeError("a line that was added is there");
    return ok(added);
  }

  /**
   * Stages new bytes, and gives what readers will make of them. Fails with TRUST_LINE_REFUSED if a threshold could
   * not be met any more, TRUST_FILE_UNREADABLE if the file gets too large. Throws what the system says.
   */
  stage(edited: Uint8Array): Result<TrustFile, TrustEditFault> {
    if (edited.length > MAX_TRUST_FILE_BYTES) return unreadable(this.#label, "too-large");
    const parsed = parseTrustBytes(edited, this.#label);
    if (!parsed.ok) {
      const isUnmet = parsed.code === "TRUST_FILE_MALFORMED" && parsed.reason.startsWith("threshold-");
      return isUnmet
        ? operationFault("TRUST_LINE_REFUSED", { reason: "required", path: this.#label })
        : parsed;
    }
    const found = this.#found;
    if (found.kind === "file") this.#edit.checkWritable();
    const attributes = found.kind === "file" ? found : { mode: NEW_FILE_MODE };
    this.#edit.stage(edited, attributes);
    return parsed;
  }

  /**
   * Puts the staged bytes in the file's place, durably. Fails with CHANGED_WHILE_READ, or with IN_DOUBT if the bytes
   * are in place and the disk does not confirm it. Throws what the system says.
   */
  commit(): Result<undefined, OperationFault> {
    // An editor that does not know the lock may have saved meanwhile: its change stays.
    return this.#edit.commit(false);
  }

  /** Removes what was staged and not placed, and gives the lock back. Throws what the system says. */
  close(): void {
    this.#edit.close();
  }

  [Symbol.dispose](): void {
    this.close();
  }
}

function readLocked(
  edit: FileEdit,
  label: string,
): Result<{ readonly found: FoundFile; readonly file: TrustFile }, TrustRequestFault> {
  const found = edit.read(MAX_TRUST_FILE_BYTES);
  if (found.kind === "not-a-file" || found.kind === "too-large") return unreadable(label, found.kind);
  const file = parseTrustBytes(bytesOf(found), label);
  return file.ok ? ok({ found, file: file.value }) : file;
}

function bytesOf(found: FoundFile): Uint8Array {
  return found.kind === "file" ? found.bytes : new Uint8Array();
}
