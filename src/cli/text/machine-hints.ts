/** What to do about a system's refusal. @module */

import type { MachineReason } from "../../core/internal.ts";

/** What to do where something could not be read or written. */
export function machineHint(reason: MachineReason | undefined, act: "read" | "write"): string {
  switch (reason) {
    case "no-space":
      return "free some space on that disk, then run it again";
    case "read-only":
      return "name a place on a file system that can be written to";
    case "no-permission":
      return act === "read"
        ? "check who may read it: ls -ld shows its permissions and those of its folder"
        : "check who may write there: ls -ld shows the permissions of the folder";
    case "too-many-open-files":
      return "raise the limit of open files (ulimit -n), then run it again";
    case "already-there":
      return "name a new file: an existing one is never overwritten";
    case "not-a-folder":
      return "check the path: one of its folders is a file";
    case "input-output":
      return "look at the disk and the system's log, then run it again";
    default:
      return act === "read"
        ? "check the path and its permissions; --debug shows the cause"
        : "check the path, its permissions and the room on the disk; --debug shows the cause";
  }
}
