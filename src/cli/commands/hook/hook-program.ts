/** `runseal hook` as data; see define-command.ts. @module */

import { AGENTS } from "../../../node/back/turns/hook-message.ts";
import { type MakeCommand, newCommand } from "../../options/define-command.ts";
import { flag } from "../../options/option-kinds.ts";

/** The command `hook`. */
export const hookCommand: MakeCommand = newCommand({
  name: "hook",
  summary: "take a coding agent's snapshots, before each prompt and after each answer",
  operands: [["<agent>", "whose message comes on stdin", AGENTS]],
  options: {
    strict: flag("--strict", "refuse a prompt whose snapshot can't be taken: exit code 2, which erases it"),
  },
  examples: ["runseal hook claude", "runseal hook generic --strict"],
  more: `
The agent calls it. A folder is guarded after runseal snapshot; elsewhere it does nothing.
It waits 2 seconds at most for another runseal, and never keeps an agent from working: a
snapshot that can't be taken is said to the person, listed by runseal log, and the exit
code is 0. Of the message, only event, session and folder are used.

Any other agent or script: {"cwd": "/folder", "session": "ID", "event": "prompt"} on
stdin of runseal hook generic, and "stop" when it has answered.
`,
  exitCodes: [0, 2, 70, 130],
  call: async ([agent], options, io) => (await import("./hook.ts")).runHook(agent, options, io),
});
