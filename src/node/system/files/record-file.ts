/**
 * Small files of runseal's own in a folder that is held open: each is replaced in one step, and read strictly.
 *
 * @module
 */

import { type JsonObject, parseObject, type RecordFile } from "../../../core/internal.ts";
import type { AnchoredDir } from "./anchored-dir.ts";
import { nodeFileSystem as fs } from "./file-system.ts";
import { replaceFile } from "./placed-file.ts";
import { readRegularFile } from "./read-source.ts";

/** Reads a record; `malformed` for anything but what its codec writes in at most `limit` bytes. Throws what the system says. */
export function readRecord<T>(
  dir: AnchoredDir,
  name: string,
  limit: number,
  { parse }: Pick<RecordFile<T>, "parse">,
): T | "missing" | "malformed" {
  const reading = readRegularFile(dir, name, limit, fs);
  if (reading.kind === "missing") return "missing";
  return (reading.kind === "bytes" ? parse(reading.bytes) : undefined) ?? "malformed";
}

/** Reads a JSON object; `undefined` for anything else, or more than `limit` bytes. Throws what the system says. */
export function readObject(dir: AnchoredDir, name: string, limit: number): JsonObject | undefined {
  const reading = readRegularFile(dir, name, limit, fs);
  return reading.kind === "bytes" ? parseObject(reading.bytes) : undefined;
}

/**
 * Puts bytes in the place of the file before, in one step. Both the bytes and the name are durable then. For a file that has one writer
 * at a time. Throws what the system says.
 */
export function writeRecord(dir: AnchoredDir, name: string, bytes: Uint8Array, mode: number): void {
  replaceFile(dir.address(name), bytes, mode);
  fs.fsyncSync(dir.fd);
}
