/** `runseal check` as data; see define-command.ts. @module */

import { type MakeCommand, newCommand } from "../../options/define-command.ts";
import { flag, ignore, text } from "../../options/option-kinds.ts";
import { EXPECTED, SIGNER_TRUST, WORK } from "../../options/shared-options.ts";

/** The command `check`. */
export const checkCommand: MakeCommand = newCommand({
  name: "check",
  summary: "judge files by a proof, or by what cosign, minisign and other tools made",
  operands: [
    ["<evidence>", "a proof of files, a Sigstore bundle, an envelope, or the signature of a list of digests"],
    ["[file...]", "the files that a proof is about, or some of them; without any, what it claims is shown"],
  ],
  options: {
    as: text("--as <path>", "which path of the proof the one file is, where its name doesn't say"),
    files: text("--files <dir>", "where the files are that the evidence names (default: this folder)"),
    all: flag("--all", "list every difference, not only the first"),
    ...SIGNER_TRUST,
    ...EXPECTED,
    run: text("--run <dir>", "the run directory, for a statement about the root of a run"),
    namespace: text("--namespace <name>", "what an SSH signature must be for (default: runseal-sums)"),
    exact: flag("--exact", "refuse files below the root that the evidence says nothing of"),
    ignore: ignore("take what a pattern of gitignore's syntax matches for no extra file"),
    ...WORK,
  },
  examples: [
    "runseal check proof.json dist/app.js",
    "runseal check SHA256SUMS.minisig --signer minisign.pub",
  ],
  more: `
The content of the file decides what is judged.

A proof of files, made by runseal prove: its signature, that the signer is trusted,
that every file of the proof was in the run, and the bytes of each FILE. A FILE is
compared with the path of the proof that its name on this disk ends with, else by its
bytes. Without a FILE no file is checked, and the exit code is 2.

Evidence of cosign, ssh-keygen, minisign, signify or model-signing: its signature,
with a key that you name as PEM, minisign, signify or SSH have it, and every file
that it is about, below --files. docs/check.md says more.
`,
  exitCodes: [0, 1, 2, 3, 4, 70, 130],
  call: async ([evidence, files], options, io) =>
    (await import("./check.ts")).runCheck(evidence, files, options, io),
});
