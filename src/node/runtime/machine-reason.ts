/**
 * What the machine said, in words of our own. Node's error texts hold absolute paths of this machine;
 * only the errno leaves, translated (H-05). The translation is where the exception ends, and so where a log
 * that was asked for hears of it.
 *
 * @module
 */

import type { MachineReason } from "../../core/internal.ts";
import { publishCause } from "./cause-channel.ts";

/** The errno name of a thrown value, such as `ENOENT`, or `undefined` for anything that isn't a system error. */
export function errnoOf(thrown: unknown): string | undefined {
  const isSystemError = thrown instanceof Error && "syscall" in thrown && "code" in thrown;
  return isSystemError && typeof thrown.code === "string" ? thrown.code : undefined;
}

/** The reason behind a system error, or `undefined` where it was no system error: a bug, to be thrown on. */
export function machineReason(thrown: unknown): MachineReason | undefined {
  const errno = errnoOf(thrown);
  if (errno === undefined) return undefined;
  publishCause(thrown);
  return reasonOf(errno);
}

function reasonOf(errno: string): MachineReason {
  switch (errno) {
    case "ENOSPC":
    case "EDQUOT":
    case "EFBIG":
      return "no-space";
    case "EROFS":
      return "read-only";
    case "EACCES":
    case "EPERM":
      return "no-permission";
    case "EXDEV":
    case "ENOTSUP":
    case "EOPNOTSUPP":
    case "EMLINK":
      return "no-hard-links";
    case "EMFILE":
    case "ENFILE":
      return "too-many-open-files";
    case "EEXIST":
    case "ENOTEMPTY":
      return "already-there";
    case "ENOTDIR":
    case "ELOOP":
      return "not-a-folder";
    case "EIO":
      return "input-output";
    default:
      return "other";
  }
}
