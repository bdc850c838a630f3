/** What the system said, for a person. Loads nothing: the program may need it in any failure. @module */

import type { MachineReason } from "../../core/internal.ts";
import { isWindows } from "../../node/system/runtime/this-system.ts";

const WORDS: Readonly<Record<MachineReason, string>> = {
  "no-space": "the disk is full",
  "read-only": "the file system is read-only",
  "no-permission": "permission denied",
  "no-hard-links":
    "no hard links can be made there; restore into a new folder, with --mkdir, which needs none",
  "no-links": "no symbolic links can be made there; --links none restores without them",
  "no-modes": "files there can't have the modes that were sealed; --ignore-modes restores without them",
  "no-reader":
    "its owner may not read it, so only root can restore it; --ignore-modes restores it so that its owner can",
  "too-many-open-files": "too many open files",
  "already-there": "something of that name is already there",
  "not-a-folder": "something on the way is not a folder",
  "folder-exchanged": "another folder took the place of the one that was opened",
  "folder-shared": "it is in a folder that other users may write to, and this system can't hold folders open",
  "input-output": "the disk reports an error",
  "no-case": "names there can't differ in capitals only; name another disk, or one of them with --only",
  "no-such-name": "this system can't give a file that name, or takes it for another one",
  "not-private": "it is not of the form that runseal writes, or it does not belong to this user alone",
  other: "the system refused it",
};

/** A system's refusal in words. */
export function machineWords(reason: MachineReason): string {
  return WORDS[reason];
}

/**
 * The end of a sentence that says why something failed: `: permission denied`, or nothing if the reason is not the system's.
 */
export function because(reason: string | undefined): string {
  return reason !== undefined && isMachineReason(reason) ? `: ${WORDS[reason]}` : "";
}

function isMachineReason(reason: string): reason is MachineReason {
  return Object.hasOwn(WORDS, reason);
}

const HINTS: Readonly<Partial<Record<MachineReason, string>>> = {
  "no-space": "free some space on that disk, then run it again",
  "read-only": "name a place on a file system that can be written to",
  "too-many-open-files": "raise the limit of open files (ulimit -n), then run it again",
  "already-there": "name a new file: an existing one is never overwritten",
  "not-a-folder": "check the path: one of its folders is a file",
  "folder-exchanged": "see which program moves folders there, and stop it; then run it again",
  "folder-shared": "take the others' right to write to that folder, as with chmod go-w; then run it again",
  "input-output": "look at the disk and the system's log, then run it again",
};

/** The command that shows permissions. */
const PERMISSIONS = isWindows ? "icacls" : "ls -ld";

/** What to do where something could not be read or written. */
export function machineHint(reason: string | undefined, act: "read" | "write"): string {
  const [permission, otherwise] =
    act === "read"
      ? [
          `check who may read it: ${PERMISSIONS} shows its permissions and those of its folder`,
          "check the path and its permissions; --debug shows the cause",
        ]
      : [
          `check who may write there: ${PERMISSIONS} shows the permissions of the folder`,
          "check the path, its permissions and the room on the disk; --debug shows the cause",
        ];
  if (reason === "no-permission") return permission;
  return (reason !== undefined && isMachineReason(reason) ? HINTS[reason] : undefined) ?? otherwise;
}
