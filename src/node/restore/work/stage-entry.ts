/**
 * Fills one staged file: from a source, or with bytes that runseal made (PROTOCOL 13.5).
 *
 * @module
 */

import {
  matchesDigest,
  type RestoreFault,
  restoreFault,
  type VerifiedOutput,
} from "../../../core/internal.ts";
import { writeAll } from "../../files/durable-file.ts";
import { OPEN_NEW, OPEN_NEW_TO_READ } from "../../files/file-system.ts";
import { type Filling, fillFile } from "../../hashing/fill-file.ts";
import type { Steps, WaitingSteps } from "../../runtime/interruption.ts";
import { nodeCrypto } from "../../runtime/node-crypto.ts";
import type { OutputSource } from "../../store/output-source.ts";

const MODE = 0o644;
const EXECUTABLE_MODE = 0o755;

/** Calls `make` with the address of the new file. */
export type Create = <Value>(make: (address: string) => Value) => Value;

/**
 * Copies one source, and hashes the staged bytes. A source that changed after it was verified is therefore noticed:
 * RESTORE_STAGING_HASH_MISMATCH. Throws what the system says.
 */
export function* stageOutput(
  output: VerifiedOutput,
  source: OutputSource,
  create: Create,
  filling: Filling,
): WaitingSteps<RestoreFault | undefined> {
  const { fs } = filling;
  const opened = source.open(output);
  if (!("fd" in opened)) return opened;
  try {
    // A source that has grown, even by a hole, could fill the disk before its digest shows the change.
    if (opened.before.size !== BigInt(output.bytes)) return mismatch(output);
    // Only this bit of the source's mode: never set-uid, owner, or times.
    const executable = (opened.before.mode & 0o100n) !== 0n;
    const fd = create((address) => fs.openSync(address, OPEN_NEW_TO_READ, 0o600));
    try {
      const staged = yield* fillFile(opened, fd, filling);
      fs.fchmodSync(fd, executable ? EXECUTABLE_MODE : MODE);
      if (staged.kind === "file" && matchesDigest(output.digest, staged.digest, nodeCrypto)) return undefined;
      return mismatch(output);
    } finally {
      fs.closeSync(fd);
    }
  } finally {
    fs.closeSync(opened.fd);
  }
}

function mismatch({ path }: VerifiedOutput): RestoreFault {
  return restoreFault("EXECUTE", "RESTORE_STAGING_HASH_MISMATCH", { path });
}

/** Stages bytes that runseal made, such as a result artifact, with a pause after each piece. Throws what the system says. */
export function* stageBytes(
  pieces: Iterable<Uint8Array>,
  create: Create,
  { count, fs }: Pick<Filling, "count" | "fs">,
): Steps<void> {
  const fd = create((address) => fs.openSync(address, OPEN_NEW, 0o600));
  try {
    let position = 0;
    for (const piece of pieces) {
      writeAll(fd, piece, position, fs);
      position += piece.length;
      count(piece.length);
      yield;
    }
    fs.fchmodSync(fd, MODE);
  } finally {
    fs.closeSync(fd);
  }
}
