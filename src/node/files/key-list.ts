/**
 * A list of 32-byte keys in the user's state folder: a header, the keys, then the SHA-256 of both. It is read only if no
 * other user could have written it. It remembers finished work, so losing it costs only time. Only the holder of a lock writes it.
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
}

/** Reads the keys of a list, 32 characters in Latin-1 each. There are none if the list is missing, malformed, unreadable or not ours alone. */
export function readKeyList(place: KeyListPlace): readonly string[] {
  try {
    using dir = AnchoredDir.open(place.folder);
    return readIn(dir, place) ?? [];
  } catch (thrown) {
    if (machineReason(thrown) === undefined) throw thrown;
    return [];
  }
}

/** The keys; none if the list is missing or malformed. `undefined` if it can't be read, or other users could have written it. */
function readIn(dir: AnchoredDir, { header, maxKeys, name }: KeyListPlace): readonly string[] | undefined {
  try {
    if (!isOursAlone(fs.fstatSync(dir.fd))) return undefined;
    const seen = fs.lstatSync(dir.address(name), { throwIfNoEntry: false });
    if (seen === undefined) return [];
    // No other user can exchange the file meanwhile.
    if (!seen.isFile() || !isOursAlone(seen)) return undefined;
    const maxBytes = header.length + (maxKeys + 1) * KEY_BYTES;
    const reading = readRegularFile(dir, name, maxBytes, fs);
    return (reading.kind === "bytes" && decodeKeys(header, reading.bytes)) || [];
  } catch (thrown) {
    if (machineReason(thrown) === undefined) throw thrown;
    return errnoOf(thrown) === "ENOENT" ? [] : undefined;
  }
}

/**
 * Replaces a list in one step, as the holder of a lock. `choose` gets the present keys and gives those to write. Writes nothing if
 * other users could have written the file, or if the system refuses.
 */
export function replaceKeyList(
  place: KeyListPlace,
  choose: (now: readonly string[]) => readonly string[],
): void {
  attempt(() => {
    using dir = openOrMakeFolders(place.folder, 0o700);
    const now = readIn(dir, place);
    if (now === undefined) return;
    sweep(dir, place);
    replaceFile(dir.address(place.name), encodeKeys(place.header, choose(now)), 0o600);
  });
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

/** Removes the files of killed writers: only the lock holder writes. Throws what the system says. */
function sweep(dir: AnchoredDir, { name }: KeyListPlace): void {
  for (const other of replacementsOf(dir, name)) fs.unlinkSync(dir.address(other));
}
