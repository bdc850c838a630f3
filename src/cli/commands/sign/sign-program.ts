/** `runseal sign` as data; see define-command.ts. @module */

import { type MakeCommand, newCommand } from "../../options/define-command.ts";
import { choice, flag, negation } from "../../options/option-kinds.ts";
import {
  AUTHORITY,
  FILES,
  HERE,
  PROJECT,
  SIGNER,
  SIGNER_FLAGS,
  TRUST,
  WORK,
} from "../../options/shared-options.ts";

/** The command `sign`. */
export const signCommand: MakeCommand = newCommand({
  name: "sign",
  summary: "sign an unsigned run, or add your signature or a timestamp to a signed one",
  operands: [
    [
      "<run>",
      "an unsigned run: its id, or its folder with a slash in the path: ./build-42; with --counter or --time the id or folder of a signed run",
    ],
  ],
  options: {
    counter: flag("--counter", "verify another signer's run and add your signature to it"),
    time: flag("--time", "add the word of the authority at --tsa for when a run was signed; opens no key"),
    ...AUTHORITY,
    yes: flag("--yes", "sign the unsigned run that is shown without asking"),
    files: FILES,
    ...SIGNER,
    keep: negation("--no-keep", "don't keep the files' bytes in the project's store"),
    links: choice("--links <which>", "which links to sign (default: inside)", ["inside", "any"]),
    ...TRUST,
    here: HERE,
    ...WORK,
    project: PROJECT,
  },
  rules: [
    { refused: ["--counter"], beside: ["--time"], why: "these are two acts; add one after the other" },
    { refused: ["--time"], without: ["--tsa"], why: "--tsa URL says which timestamp authority to ask" },
    {
      refused: ["--here", "--no-keep", "--links", "--yes", "--jobs"],
      beside: ["--counter", "--time"],
      why: "it is about an unsigned run",
    },
    { refused: ["--tsa"], beside: ["--counter"], why: "runseal sign --time adds a timestamp then" },
    { refused: ["--files", ...SIGNER_FLAGS], beside: ["--time"], why: "that opens no key and no file" },
    { refused: ["--trust"], without: ["--counter", "--time"], why: "no signer is judged otherwise" },
    {
      refused: ["--signer", "--any-signer", "--require-timestamp"],
      without: ["--counter"],
      why: "no signer is judged otherwise",
    },
  ],
  examples: ["runseal sign build-42", "runseal sign --counter build-42 --trust signers.txt"],
  more: `
Another job, user or machine ran seal --unsigned or run --unsigned, and had no key.
What is to be signed is shown, and you are asked; --yes is for where there is no
terminal. Every output is hashed again: a file that is not as the unsigned bundle
says is refused, and so is any file or member that a sealer does not write.

The run goes into your own history. It says that it was signed elsewhere: you vouch
for the bytes, and not for the command and its exit code, which you did not witness.
An unsigned run of your own project is removed then; any other folder stays.

--counter verifies a signed run with all its files, and adds your signature if you
trust its signer. --time asks the timestamp authority at --tsa about a signed run;
no key is opened. A run of the other kind is refused, and the right command named.
`,
  exitCodes: [0, 1, 2, 3, 4, 9, 70, 130],
  call: async ([run], options, io) => (await import("./sign.ts")).runSign(run, options, io),
});
