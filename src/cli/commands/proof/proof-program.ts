/** `runseal prove` as data; see define-command.ts. @module */

import { type MakeCommand, newCommand } from "../../options/define-command.ts";
import { text } from "../../options/option-kinds.ts";
import { CARRIED, EXPECTED, FILES, PROGRESS, PROJECT, RUN_OR_NEWEST } from "../../options/shared-options.ts";

/** The command `prove`. */
export const proveCommand: MakeCommand = newCommand({
  name: "prove",
  summary: "print a proof that files were in a run, without the others",
  usage: "[options] [run] <file...>",
  operands: [
    ["<run-or-file...>", `${RUN_OR_NEWEST}; then files of the run, by their paths in it or on this disk`],
  ],
  options: {
    out: text("-o, --out <file>", "write the proof to a new file, not to stdout"),
    files: FILES,
    ...EXPECTED,
    ...CARRIED,
    ...PROGRESS,
    project: PROJECT,
  },
  examples: [
    "runseal prove .runseal/runs/build-42 dist/app.js > proof.json",
    "runseal prove .runseal/runs/build-42 dist/app.js dist/app.css -o proof.json",
  ],
  more: `
A FILE is an output's path in the bundle, else a place on this disk below --files
(default: the folder above .runseal, else this one). Nothing there is looked at:
the bundle alone says what was sealed.

The proof tells the paths and digests of these files, the run's id, hash, time
and signer, and about how many files there were; it tells no other path. It shows
the bytes under a path, not the mode, and it can't show links or folders. Who can
guess both path and digest of another file may be able to confirm it.
docs/proofs.md says more. An existing file is never overwritten.
`,
  call: async ([words], options, io) => (await import("./prove.ts")).runProve(words, options, io),
});
