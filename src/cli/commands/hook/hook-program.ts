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
    print: flag("--print", "print the lines for the agent's settings"),
    install: flag("--install", "put them into the user's settings of the agent, after a question"),
    uninstall: flag("--uninstall", "take them out again"),
    yes: flag("--yes", "do it without asking"),
    strict: flag("--strict", "refuse a prompt whose snapshot can't be taken: exit code 2, which erases it"),
  },
  rules: [
    { refused: ["--yes"], without: ["--install", "--uninstall"] },
    { refused: ["--install", "--uninstall", "--strict"], beside: ["--print"] },
    { refused: ["--uninstall", "--strict"], beside: ["--install"] },
    { refused: ["--strict"], beside: ["--uninstall"] },
  ],
  examples: ["runseal hook claude --install", "runseal hook codex --print"],
  more: `
The agent calls it. A folder is guarded after runseal snapshot; elsewhere it does nothing.
It waits 2 seconds at most for another runseal, and never keeps an agent from working: a
snapshot that can't be taken is said to the person, listed by runseal log, and the exit
code is 0. A wrong usage ends with 1: by 2, Claude Code would erase the prompt. Of the
message, only event, session and folder are used.

Any other agent or script: {"cwd": "/folder", "session": "ID", "event": "prompt"} on
stdin of runseal hook generic, and "stop" when it has answered.
`,
  exitCodes: [0, 1, 2, 4, 8, 9, 70, 130],
  call: async ([agent], options, io) =>
    options.print === true || options.install === true || options.uninstall === true
      ? await (await import("./install.ts")).runInstall(agent, options, io)
      : await (await import("./hook.ts")).runHook(agent, options, io),
});
