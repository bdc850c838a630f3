/**
 * What the system said, in words of our own. Node's error texts hold absolute paths of this machine. Only the errno leaves,
 * translated (H-05). The translation ends the exception, so a log that was asked for gets the exception here.
 *
 * @module
 */

import type { MachineReason } from "../../../core/internal.ts";
import { publishCause } from "./cause-channel.ts";

/** The errno name of a thrown value, such as `ENOENT`, or `undefined` for anything that isn't a system error. */
export function errnoOf(thrown: unknown): string | undefined {
  const isSystemError = thrown instanceof Error && "syscall" in thrown && "code" in thrown;
  return isSystemError && typeof thrown.code === "string" ? thrown.code : undefined;
}

/** The reason behind a system error, or `undefined` for anything else: a bug, to be thrown on. */
export function machineReason(thrown: unknown): MachineReason | undefined {
  const errno = errnoOf(thrown);
  if (errno === undefined) return undefined;
  publishCause(thrown);
  return translate(errno);
}

/** The reason behind a system error. Throws anything else on: a bug. */
export function reasonOf(thrown: unknown): MachineReason {
  const reason = machineReason(thrown);
  if (reason === undefined) throw thrown;
  return reason;
}

/** Runs an act that the system may refuse, and gives the reason of the refusal; `undefined` where there was none. */
export function refusalOf(act: () => void): MachineReason | undefined {
  try {
    act();
    return undefined;
  } catch (thrown) {
    return reasonOf(thrown);
  }
}

/** Runs an act whose refusal does no harm. Gives whether the system allowed it. */
export function attempt(act: () => void): boolean {
  return refusalOf(act) === undefined;
}

/** Gives what an act gives; `undefined` if the system refuses it, which the caller need not tell from a missing value. */
export function unlessRefused<Value>(act: () => Value): Value | undefined {
  try {
    return act();
  } catch (thrown) {
    reasonOf(thrown);
    return undefined;
  }
}

/**
 * Runs an act that is not needed where it fails with one of these errnos, such as ENOENT for an unlink. Gives whether it was
 * needed. Throws all other errors on.
 */
export function tolerate(errnos: readonly string[], act: () => void): boolean {
  const isDone = unlessErrno(errnos, () => {
    act();
    return true;
  });
  return isDone === true;
}

/** Gives what an act gives; `undefined` if it fails with one of these errnos. Throws all other errors on. */
export function unlessErrno<Value>(errnos: readonly string[], act: () => Value): Value | undefined {
  try {
    return act();
  } catch (thrown) {
    if (!errnos.includes(errnoOf(thrown) ?? "")) throw thrown;
    return undefined;
  }
}

function translate(errno: string): MachineReason {
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
    case "ESTALE":
      return "folder-exchanged";
    case "ESHARED":
      return "folder-shared";
    case "EIO":
      return "input-output";
    default:
      return "other";
  }
}
