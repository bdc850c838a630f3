/** `runseal run` as data; see define-command.ts. @module */

import { type MakeCommand, newCommand } from "../../options/define-command.ts";
import { flag, repeatable, text } from "../../options/option-kinds.ts";
import {
  AUTHORITY,
  BUDGET,
  PROGRESS,
  SEALING,
  SIGNER,
  STORE,
  UNSIGNED,
} from "../../options/shared-options.ts";
import { UsageError } from "../../options/usage-error.ts";

/** The command `run`. */
export const runCommand: MakeCommand = newCommand({
  name: "run",
  summary: "run a command and seal what it made, and how it left its scratch folders",
  operands: [["<command...>", "behind --: the command to run, and its arguments"]],
  options: {
    output: repeatable("--output <path>", "a file or folder that the command makes"),
    scratch: repeatable("--scratch <dir>", "a folder it leaves as found", "the project's .runseal/scratch"),
    input: repeatable("--input <path>", "a file or folder whose digests are recorded"),
    env: repeatable("--env <name>", "a variable whose value is recorded", "none", {
      takes: "the name of a variable, which holds no passphrase of runseal: a bundle is published",
      parse: (name) =>
        /^(?!RUNSEAL_(?:NEW_)?PASSPHRASE)[A-Za-z_][A-Za-z0-9_]*$/.test(name) ? [name] : undefined,
    }),
    guard: text("--guard <dir>", "keep this folder before and after, so that undo can take the run back"),
    ...SEALING,
    ...SIGNER,
    unsigned: UNSIGNED,
    ...STORE,
    budget: BUDGET,
    verbose: flag("--verbose", "with --guard: say each time what is not guarded, not only at first"),
    evenIfUnreadable: flag("--even-if-unreadable", "with --guard: go on without what can't be read"),
    confine: flag("--confine", "with --guard: let the command write there, in TMPDIR and /dev/shm only"),
    evenAsRoot: flag("--even-as-root", "with --confine: go on as root, who may change modes anywhere"),
    confineWrite: repeatable("--confine-write <path>", "let the command write here too"),
    ...AUTHORITY,
    ...PROGRESS,
    report: text("--report <file>", "write the facts of --json to a file too"),
  },
  rules: [
    {
      refused: [
        ...["--store", "--budget", "--verbose", "--even-if-unreadable"],
        ...["--confine", "--even-as-root", "--confine-write"],
      ],
      without: ["--guard"],
    },
    { refused: ["--unsigned"], beside: ["--guard"], why: "snapshots are signed" },
    {
      refused: ["--project", "--here"],
      beside: ["--guard"],
      why: "that says whose runs, and where the files are",
    },
  ],
  examples: [
    "runseal run --output dist -- npm run build",
    "runseal run --input src --output report.pdf --scratch tmp --id build-42 -- make report.pdf",
  ],
  more: `
The command has runseal's own stdin, stdout and stderr; what runseal says goes to
stderr, and with --report to a file. Everything behind -- is the command's.

Where the command fails, or does not leave its scratch folders as it found them, or
does not make an --output, the bundle says so and no verifier accepts it. Exit code:
the command's own where it fails (128 and the number of the signal that ended it),
10 for the other two, 126 and 127 where it could not be run: then there is no bundle.

Ctrl-C and SIGTERM go to the command; when it has ended, the bundle of the failed run
is written. A third one kills the command, or ends the writing.

Of the environment nothing is recorded but --env; command and arguments are.
`,
  call: async ([[file = "", ...words]], options, io, { behindTerminator }) => {
    checkTerminator(1 + words.length, options, behindTerminator);
    const { runRun } = await import("./run.ts");
    return await runRun([file, ...words], options, io);
  },
});

/** Without `--`, an option could belong to runseal or to the command. */
function checkTerminator(words: number, options: object, behindTerminator: readonly string[]): void {
  const values: readonly unknown[] = Object.values(options).flat();
  if (words !== behindTerminator.length || values.includes("--"))
    throw new UsageError(
      "put -- before the command, and behind the value of an option: runseal run [options] -- COMMAND…",
    );
}
