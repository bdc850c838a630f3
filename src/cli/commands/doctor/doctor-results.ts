/** What `doctor` prints with `--json`. @module */

import type { Count } from "../../results/words.ts";

/** @result doctor */
export interface DoctorResult {
  /** What was looked at. */
  readonly checks: readonly DoctorCheckFacts[];
  /** How many checks are not `"ok"`. The exit code is 0 all the same. */
  readonly problems: Count;
}

/** One thing that runseal needs of the machine. */
export interface DoctorCheckFacts {
  /** The thing. */
  readonly name:
    | "engine"
    | "libsodium"
    | "/proc"
    | "Landlock"
    | "clock"
    | "keys"
    | "trust file"
    | "state folder"
    | "Claude Code"
    | "codex"
    | "opencode";
  /** `"wrong"`: it must be corrected. */
  readonly state: "ok" | "missing" | "wrong";
  /** What was found. */
  readonly found: string;
  /** What does not work, or works less well; else `null`. */
  readonly cost: string | null;
}
