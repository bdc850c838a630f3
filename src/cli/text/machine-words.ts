/** What the machine said, for a person. Loads nothing: whatever the program does, it may have to say this. @module */

import type { MachineReason } from "../../core/internal.ts";

/** A system's refusal in words. */
export function machineWords(reason: MachineReason): string {
  switch (reason) {
    case "no-space":
      return "the disk is full";
    case "read-only":
      return "the file system is read-only";
    case "no-permission":
      return "permission denied";
    case "no-hard-links":
      return "no hard links can be made there; restore into a new folder, with --mkdir, which needs none";
    case "too-many-open-files":
      return "too many open files";
    case "already-there":
      return "something of that name is already there";
    case "not-a-folder":
      return "something on the way is not a folder";
    case "input-output":
      return "the disk reports an error";
    case "unsupported-platform":
      return "this system has no way of restoring that an attacker could not turn elsewhere";
    case "not-private":
      return "it is not of the form that runseal writes, or it does not belong to this user alone";
    case "other":
      return "the system refused it";
  }
}
