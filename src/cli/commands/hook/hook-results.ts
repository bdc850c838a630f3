/** What `hook` prints with `--json`. @module */

import type { Count, RunId } from "../../results/words.ts";

/** @result hook */
export interface HookResult {
  /** The event that the agent reported; `null` where nothing is to be done. */
  readonly event: "start" | "prompt" | "stop" | "end" | null;
  /** The turn that began or ended; `null` if none did. */
  readonly turn: {
    /** Its name. */
    readonly turn_id: RunId;
    /** Its number in the session. */
    readonly number: Count;
    /** Whether it had begun before: a prompt joins a turn that has changed nothing. */
    readonly joined: boolean;
  } | null;
  /** Why there is no snapshot: a code; else `null`. */
  readonly failure: string | null;
  /** Of `--install` and `--uninstall`; `null` of `--print`. */
  readonly settings?: {
    /** The agent's file, below a variable of the environment. */
    readonly file: string;
    /** Whether it was changed. */
    readonly changed: boolean;
  } | null;
}
