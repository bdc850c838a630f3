/** `runseal seal` as data; see define-command.ts. @module */

import { type MakeCommand, newCommand } from "../../options/define-command.ts";
import { text } from "../../options/option-kinds.ts";
import { AUTHORITY, SEALING, SIGNER, UNSIGNED, WORK } from "../../options/shared-options.ts";

/** The command `seal`. */
export const sealCommand: MakeCommand = newCommand({
  name: "seal",
  summary: "hash files and folders and sign the result into a run",
  operands: [["<path...>", "files and folders in the project"]],
  options: {
    ...SIGNER,
    ...AUTHORITY,
    unsigned: UNSIGNED,
    ...SEALING,
    task: text("--task <file>", "a JSON file that becomes TASK_SPEC.json, byte for byte"),
    out: text("--out <dir>", "put the run there, outside of the history, and keep no file's bytes"),
    ...WORK,
  },
  rules: [
    { refused: ["--out"], beside: ["--unsigned"], why: "that puts the run into .runseal/unsigned" },
    {
      refused: ["--task"],
      beside: ["--unsigned"],
      why: "a signer signs only a task that runseal wrote",
    },
  ],
  examples: ["runseal seal dist", "runseal seal report.pdf data --id build-42 --task task.json"],
  more: `
Below a folder, what version control keeps (.git, .hg, .svn, .jj, .bzr, CVS, _darcs)
and .runseal is left out. So is what a pattern matches, in the file .runsealignore of
the root or in --ignore; the syntax is gitignore's, and --ignore '!.git' takes .git
back. What you name yourself is never left out. docs/patterns.md says more.
`,
  exitCodes: [0, 1, 2, 4, 9, 70, 130],
  call: async ([paths], options, io) => (await import("./seal.ts")).runSeal(paths, options, io),
});
