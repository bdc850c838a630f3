/**
 * Makes a pack of outputs in memory, for a registry, or for a project that pulls an archive: records in the order of their paths, so that equal outputs make equal
 * packs. Each output is hashed as it is read.
 *
 * @module
 */

import {
  ColumnsBuilder,
  DIGEST_BYTES,
  endOfPack,
  HEAD_BYTES,
  HEADER_BYTES,
  type HexDigest,
  ok,
  packHeader,
  type RecordColumns,
  type Result,
  TRAILER_BYTES,
  type VerifiedOutput,
  writeHead,
} from "../../../core/internal.ts";
import { breathe } from "../../system/runtime/interruption.ts";
import { nodeCrypto } from "../../system/runtime/node-crypto.ts";
import type { OperationFault } from "../../system/runtime/operation-fault.ts";
import type { PlannedPack } from "./plan-outputs.ts";

/** A pack in memory, with its records. */
export interface BuiltPack {
  readonly id: HexDigest;
  readonly bytes: Buffer;
  readonly records: RecordColumns;
}

/** Reads the bytes of a small output into memory, and fails where they are not the output's. */
export type ReadOutput = (output: VerifiedOutput, target: Buffer) => OperationFault | undefined;

/** Makes a pack in the memory given, which has room for it. Fails as `read` does. Throws an Interruption. */
export async function buildPack(
  { outputs, size }: PlannedPack,
  room: Buffer,
  read: ReadOutput,
  signal: AbortSignal | undefined,
): Promise<Result<BuiltPack, OperationFault>> {
  const bytes = room.subarray(0, size);
  const records = new ColumnsBuilder(outputs.length);
  const raw = Buffer.alloc(DIGEST_BYTES);
  bytes.set(packHeader());
  let end = HEADER_BYTES;
  for (const output of outputs) {
    const { bytes: length } = output;
    const content = bytes.subarray(end + HEAD_BYTES, end + HEAD_BYTES + length);
    const fault = read(output, content);
    if (fault !== undefined) return fault;
    raw.write(output.digest, "hex");
    writeHead(bytes, end, length, raw, 0);
    records.add(end, length, raw, 0);
    end += HEAD_BYTES + length;
    const pause = breathe(records.count, signal);
    if (pause !== undefined) await pause;
  }
  const columns = records.columns();
  const { id, trailer } = endOfPack(columns, nodeCrypto);
  bytes.set(trailer, size - TRAILER_BYTES);
  return ok({ id, bytes, records: columns });
}
