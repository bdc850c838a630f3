/**
 * Filling one staged file: from a source, or with bytes of our own (PROTOCOL 13.5).
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

/** Where the new file comes from: a call that gives its address to whoever makes it. */
export type Create = <Value>(make: (address: string) => Value) => Value;

/**
 * Copies one source. What is hashed are the bytes that were staged, so a source that was changed after it
 * was verified is noticed: RESTORE_STAGING_HASH_MISMATCH. Throws what the system says.
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
    // A source that is longer by now, were it only by a hole, would fill the disk before its digest told.
    if (opened.before.size !== BigInt(output.bytes)) return mismatch(output);
    // Of all the source's bits only this one: never set-uid, owner, or times.
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

/** Stages bytes of our own, such as a result artifact, with a pause after each piece. Throws what the system says. */
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
