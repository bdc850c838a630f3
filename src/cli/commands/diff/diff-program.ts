/** `runseal diff` as data; see define-command.ts. @module */

import { type MakeCommand, newCommand } from "../../options/define-command.ts";
import { flag } from "../../options/option-kinds.ts";
import { PROJECT, REGISTRY, TRUST, TURN, WORK } from "../../options/shared-options.ts";

/** The command `diff`. */
export const diffCommand: MakeCommand = newCommand({
  name: "diff",
  summary: "say what changed: since the newest run, by one run, or between two runs",
  operands: [
    ["[run-or-path...]", "up to two runs, and paths with a slash or behind --, to see nothing else"],
  ],
  options: {
    stat: flag("--stat", "count the lines that changed, a line for each file or folder"),
    patch: flag("-p, --patch", "show the lines that changed, of text files up to 1 MiB"),
    ...TURN,
    ...REGISTRY,
    ...TRUST,
    ...WORK,
    project: PROJECT,
  },
  rules: [
    {
      refused: ["--stat", "--patch"],
      beside: ["--json"],
      why: "that lists every change with its digests",
    },
    { refused: ["--session"], without: ["--turn"], why: "it says whose turn is meant" },
  ],
  examples: ["runseal diff --stat", "runseal diff monday tuesday -p ./src"],
  more: `
  no run    the newest run, or the newest snapshot of a guard, and the folder
  one run   what it changed: of a guarded run its folder before and after, of another
            what was sealed before it and with it
  two runs  what differs between them, wherever they are
  --turn    what a coding agent's turn changed; of one that has not ended, until now

A run is judged by its artifacts; its files are read by --stat and --patch alone, from
the store. A folder that was added or removed whole is one line, but for --patch.
`,
  exitCodes: [0, 1, 2, 4, 70, 130],
  call: async ([operands], options, io, { behindTerminator }) =>
    (await import("./diff.ts")).runDiff(operands, behindTerminator.length, options, io),
});
