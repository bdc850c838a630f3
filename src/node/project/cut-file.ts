/**
 * CUT.json in a project's own folder: where its line begins after older runs were forgotten (PROTOCOL 18).
 *
 * @module
 */

import {
  CUT_NAME,
  type CutFacts,
  type CutFault,
  encodeCut,
  type HistoryCut,
  readCut,
  type SignerIdentity,
} from "../../core/internal.ts";
import type { AnchoredDir } from "../files/anchored-dir.ts";
import { nodeFileSystem as fs } from "../files/file-system.ts";
import { readRegularFile } from "../files/read-source.ts";
import { writeRecord } from "../files/record-file.ts";
import { nodeCrypto } from "../runtime/node-crypto.ts";

/** Room for a full list of failed runs, each with the longest name there is. */
const MAX_BYTES = 2 * 1024 * 1024;

/** A signed cut, to be written. */
export interface NewCut {
  readonly facts: CutFacts;
  readonly signer: SignerIdentity;
  /** 64 raw bytes over `encodeCutMessage`. */
  readonly signature: Uint8Array;
}

/** Reads the cut of a project by its own folder; `undefined` if nothing was forgotten. Throws what the system says. */
export function readCutFile(own: AnchoredDir): HistoryCut | CutFault | undefined {
  const reading = readRegularFile(own, CUT_NAME, MAX_BYTES, fs);
  if (reading.kind === "missing") return undefined;
  return reading.kind === "bytes" ? readCut(reading.bytes, nodeCrypto) : { ok: false, reason: "malformed" };
}

/** Puts a cut in the place of the one before, in one step and durably. Throws what the system says. */
export function writeCutFile(own: AnchoredDir, { facts, signature, signer }: NewCut): void {
  // [cut] Before the first bundle goes: a bundle that is missing without a cut is a gap.
  writeRecord(own, CUT_NAME, encodeCut(facts, signer, signature), 0o644);
}
