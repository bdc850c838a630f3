/** `runseal snapshot` as data; see define-command.ts. @module */

import { type MakeCommand, newCommand } from "../../options/define-command.ts";
import { count, flag, ignore, text } from "../../options/option-kinds.ts";
import { BUDGET, STORE, WORK } from "../../options/shared-options.ts";

/** The command `snapshot`. */
export const snapshotCommand: MakeCommand = newCommand({
  name: "snapshot",
  summary: "keep everything in a folder, so that it can be brought back",
  operands: [["[dir]", "the folder (default: the guarded one at or above this one, else this one)"]],
  options: {
    message: text("-m, --message <text>", "why the snapshot is taken"),
    id: text("--id <id>", "the snapshot's name (default: UTC time and 4 random hex)"),
    turn: flag("--turn", "begin a turn of an agent: undo --turn takes back what is done from now on"),
    session: text("--session <id>", "whose turn: any text that stays the same for one agent's session"),
    ...STORE,
    ignore: ignore("don't guard what a pattern of gitignore's syntax matches, after .runsealignore"),
    budget: BUDGET,
    keepLast: count("--keep-last <count>", "what prune keeps from now on: so many runs (default: 50)"),
    keepDays: count("--keep-days <days>", "and the runs of so many days (default: 30)"),
    ...WORK,
  },
  rules: [
    { refused: ["--turn"], without: ["--session"], why: "turns are counted by session" },
    { refused: ["--session"], without: ["--turn"], why: "it says whose turn begins" },
    {
      refused: ["--message", "--id", "--ignore", "--budget", "--keep-last", "--keep-days", "--store"],
      beside: ["--turn"],
      why: "a turn is named by its number, in a folder that is guarded already",
    },
  ],
  examples: ["runseal snapshot -m 'before the upgrade'", "runseal snapshot ~/work/site --ignore '*.iso'"],
  more: `
A snapshot holds everything below the folder, .git and what git ignores too. It does not
hold .runseal, what is mounted below, sockets, FIFOs, devices, names that are not UTF-8,
and what the patterns of .runsealignore or --ignore match; it names what it left out.
A folder as the latest snapshot has it gives no new one: the latest is named.
--turn begins a turn of a coding agent, as runseal hook does for the agents it knows.
prune keeps a run that --keep-last or --keep-days keeps; one of them alone counts alone.

Snapshots are kept outside of the folder, below $XDG_DATA_HOME or ~/.local/share:
losing that place loses them. Your key signs them, else a key of the guard's own.
`,
  exitCodes: [0, 1, 2, 4, 7, 9, 70, 130],
  call: async ([dir], options, io) => (await import("./snapshot.ts")).runSnapshot(dir, options, io),
});
