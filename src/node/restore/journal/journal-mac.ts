/**
 * The MAC of a journal (PROTOCOL 17, decided 13.9): HMAC-SHA-256 under a key of this user on this machine. An
 * unpacked archive can bring a staging folder with the right owner, mode and hard links. It can't bring the MAC.
 *
 * @module
 */

import { createHmac } from "node:crypto";
import { type BigIntStats, statSync } from "node:fs";
import type { SecretBytes } from "../../keys/secret-bytes.ts";
import { machineReason } from "../../runtime/machine-reason.ts";

/** The length of a MAC in bytes. */
export const MAC_BYTES = 32;

const DOMAIN = "RUNSEAL-JOURNAL-v2:";

/** A MAC of bytes that come in pieces. */
export interface RunningMac {
  add(piece: Uint8Array): void;
  /** Ends it. Gives 32 bytes. */
  end(): Uint8Array;
}

/**
 * Begins the MAC of a journal's first line. `binding` is the text that `bindingOf` gives.
 *
 * libsodium offers HMAC-SHA-256, but sodium-native 5 does not, so OpenSSL computes it. `createHmac` gets the secret
 * memory itself and hands it to `HMAC_Init_ex`, which keeps the hash states of the padded key, not the key. OpenSSL
 * clears these states and its own padding buffer, and Node frees the context when `digest` is called.
 */
export function beginJournalMac(key: SecretBytes, binding: string): RunningMac {
  const hmac = key.use((bytes) => createHmac("sha256", bytes));
  hmac.update(DOMAIN + binding);
  return {
    add: (piece) => {
      hmac.update(piece);
    },
    end: () => hmac.digest(),
  };
}

/** What identifies a folder, as `fstat` tells it. */
export type FolderStats = Pick<BigIntStats, "ino" | "birthtimeNs">;

/**
 * What binds a journal to its place: the staging folder's name, then inode and birth time of the folder that holds it and of
 * the staging folder itself. `st_dev` is left out: it changes when a disk is mounted again.
 *
 *     NAME LF INO SP BIRTH SP INO SP BIRTH LF      decimal; birth in nanoseconds since 1970, 0 where there is none
 */
export function bindingOf(name: string, holder: FolderStats, staging: FolderStats): string {
  return `${name}\n${identity(holder)} ${identity(staging)}\n`;
}

function identity({ birthtimeNs, ino }: FolderStats): string {
  return `${ino} ${tellsBirth() ? birthtimeNs : 0n}`;
}

let known: boolean | undefined;

/**
 * Whether birth times are birth times. Without statx(2), as under an old seccomp filter, libuv gives the time of the last
 * change instead, which moves. procfs has no birth times: a file there shows which of the two it is.
 */
function tellsBirth(): boolean {
  known ??= probe();
  return known;
}

function probe(): boolean {
  try {
    const { birthtimeNs, ctimeNs } = statSync("/proc/self", { bigint: true });
    return birthtimeNs !== ctimeNs;
  } catch (thrown) {
    if (machineReason(thrown) === undefined) throw thrown;
    return false;
  }
}
