/**
 * A list of 32-byte keys in the user's state folder: a header, the keys, then the SHA-256 of both. It is read only if no
 * other user could have written it. It remembers finished work, so losing it costs only time.
 *
 * @module
 */

import { hash } from "node:crypto";
import { attempt, errnoOf, machineReason } from "../runtime/machine-reason.ts";
import { AnchoredDir, isOursAlone } from "./anchored-dir.ts";
import { replaceFile, replacementsOf } from "./durable-file.ts";
import { nodeFileSystem as fs } from "./file-system.ts";
import { openOrMakeFolders } from "./make-folders.ts";
import { readRegularFile } from "./read-source.ts";

const KEY_BYTES = 32;

/** Where several may write, most files of other writers that are left alone: more of them are from killed writers. */
const MAX_LEFT = 8;

/** What is in a list's place. */
export type KeyListState =
  | "read"
  /** No list yet. */
  | "absent"
  /** Not written by runseal: its content is ignored, and it is written again. */
  | "malformed"
  /** Other users could have written it: its content is ignored, and it stays. */
  | "refused"
  | "unreadable";

/** Where a list is, and its form. */
export interface KeyListPlace {
  /** Path of its folder, which is made if it is missing. */
  readonly folder: string;
  /** File name. */
  readonly name: string;
  /** First line of the file, with its line feed, in Latin-1. */
  readonly header: string;
  /** Keys that it holds at most. */
  readonly maxKeys: number;
  /** Whether only the holder of a lock writes it: then any file of another writer is from a killed one. */
  readonly isLocked: boolean;
}

/** A list as it was found. Keys are 32 characters in Latin-1 each. */
export interface KeyList {
  readonly state: KeyListState;
  readonly keys: readonly string[];
}

/** Reads a list. A fault of the list is its state, never a failure. */
export function readKeyList(place: KeyListPlace): KeyList {
  try {
    using dir = AnchoredDir.open(place.folder);
    return readIn(dir, place);
  } catch (thrown) {
    return faulty(thrown);
  }
}

function readIn(dir: AnchoredDir, { header, maxKeys, name }: KeyListPlace): KeyList {
  try {
    if (!isOursAlone(fs.fstatSync(dir.fd))) return nothing("refused");
    const seen = fs.lstatSync(dir.address(name), { throwIfNoEntry: false });
    if (seen === undefined) return nothing("absent");
    // No other user can exchange the file meanwhile.
    if (!seen.isFile() || !isOursAlone(seen)) return nothing("refused");
    const maxBytes = header.length + (maxKeys + 1) * KEY_BYTES;
    const reading = readRegularFile(dir, name, maxBytes, fs);
    const keys = reading.kind === "bytes" ? decodeKeys(header, reading.bytes) : undefined;
    return keys === undefined ? nothing("malformed") : { state: "read", keys };
  } catch (thrown) {
    return faulty(thrown);
  }
}

function nothing(state: KeyListState): KeyList {
  return { state, keys: [] };
}

function faulty(thrown: unknown): KeyList {
  if (machineReason(thrown) === undefined) throw thrown;
  return nothing(errnoOf(thrown) === "ENOENT" ? "absent" : "unreadable");
}

/**
 * Replaces a list in one step. `choose` gets the present keys and gives those to write. Gives whether it was written: not if
 * other users could have written the file, or if the system refuses.
 */
export function replaceKeyList(
  place: KeyListPlace,
  choose: (now: readonly string[]) => readonly string[],
): boolean {
  let isOurs = true;
  const isAllowed = attempt(() => {
    using dir = openOrMakeFolders(place.folder, 0o700);
    const now = readIn(dir, place);
    isOurs = now.state !== "refused" && now.state !== "unreadable";
    if (!isOurs) return;
    sweep(dir, place);
    replaceFile(dir.address(place.name), encodeKeys(place.header, choose(now.keys)), 0o600);
  });
  return isOurs && isAllowed;
}

/** Removes what killed writers left beside a list that is not replaced now. What the system refuses stays. */
export function tidyKeyList(place: KeyListPlace): void {
  attempt(() => {
    using dir = AnchoredDir.open(place.folder);
    if (isOursAlone(fs.fstatSync(dir.fd))) sweep(dir, place);
  });
}

function encodeKeys(header: string, keys: readonly string[]): Buffer {
  const body = Buffer.concat([Buffer.from(header, "latin1"), Buffer.from(keys.join(""), "latin1")]);
  return Buffer.concat([body, hash("sha256", body, "buffer")]);
}

/** Decodes what `encodeKeys` wrote; `undefined` for anything else. */
function decodeKeys(header: string, bytes: Uint8Array): readonly string[] | undefined {
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString("latin1");
  const end = text.length - KEY_BYTES;
  const count = (end - header.length) / KEY_BYTES;
  if (!Number.isInteger(count) || count < 0 || !text.startsWith(header)) return undefined;
  if (hash("sha256", bytes.subarray(0, end), "binary") !== text.slice(end)) return undefined;
  return Array.from({ length: count }, (_, index) => {
    const start = header.length + index * KEY_BYTES;
    return text.slice(start, start + KEY_BYTES);
  });
}

/**
 * Removes the files of killed writers. Where several may write, it does so once there are more files than live writers can have. Throws
 * what the system says.
 */
function sweep(dir: AnchoredDir, { isLocked, name }: KeyListPlace): void {
  const left = replacementsOf(dir, name);
  if (isLocked || left.length > MAX_LEFT) for (const other of left) fs.unlinkSync(dir.address(other));
}
