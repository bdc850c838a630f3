/**
 * An address of a unix socket that the system has room for. It has 104 bytes on macOS and 108 on Linux, and Node cuts a longer path
 * off without an error: the socket then has another name, or is in another folder. Below `/proc/PID/fd` every address is short. Where
 * folders are reached by their paths, a link in a temporary folder leads to the folder of the socket.
 *
 * @module
 */

import { mkdtempSync, realpathSync, rmdirSync, symlinkSync, unlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, dirname, join, resolve } from "node:path";
import { nodeFileSystem } from "../files/file-system.ts";
import { findSharedFolder } from "../files/shared-above.ts";
import { attempt, unlessRefused } from "../runtime/machine-reason.ts";

/** On macOS, which has the least room, without the zero byte at the end. */
const MAX_BYTES = 103;

/** mkdtemp(3) makes the folder for this user alone, so no other user can exchange the link in it. */
const PREFIX = "runseal-";
const SUFFIX_BYTES = 6;
const LINK = "d";

/** An address to listen at or to connect to, for as long as the call takes. */
export interface SocketAddress extends Disposable {
  readonly address: string;
}

/** Gives a short address for one of any length. Throws what the system says. */
export function socketAddress(address: string): SocketAddress {
  if (Buffer.byteLength(address) <= MAX_BYTES) return { address, [Symbol.dispose]: () => undefined };
  const folder = mkdtempSync(join(temporaryFolder(basename(address)), PREFIX));
  const link = join(folder, LINK);
  const remove = (): void => {
    attempt(() => unlinkSync(link));
    attempt(() => rmdirSync(folder));
  };
  let isLinked = false;
  try {
    symlinkSync(resolve(dirname(address)), link);
    isLinked = true;
    return { address: join(link, basename(address)), [Symbol.dispose]: remove };
  } finally {
    if (!isLinked) remove();
  }
}

/** The user's folder for temporary files, if a socket of that name then has room, and if no other user can exchange what is in it. */
function temporaryFolder(name: string): string {
  const own = unlessRefused(() => realpathSync.native(tmpdir())) ?? "";
  const rest = join(PREFIX + "x".repeat(SUFFIX_BYTES), LINK, name);
  const hasRoom = own !== "" && Buffer.byteLength(join(own, rest)) <= MAX_BYTES;
  return hasRoom && findSharedFolder(own, nodeFileSystem) === undefined ? own : "/tmp";
}
