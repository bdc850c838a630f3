/** The man page: roff with the man macros, as groff and mandoc read it. @module */

import { EXIT_CODES } from "../codes/exit-code.ts";
import { wrapped } from "../text/wrapped.ts";
import type {
  DescribedCommand,
  DescribedGroup,
  DescribedProgram,
  DescribedTerm,
} from "./described-command.ts";

/** When the text was last gone through. Not the day of the build, which would make each build another. */
const DATE = "2026-11-29";

/** Bytes of a line of text, which has none but ASCII. */
const MAX_COLUMNS = 78;

const ENVIRONMENT: readonly DescribedTerm[] = [
  { term: "NO_COLOR", about: "nothing is coloured, unless --color says otherwise" },
  {
    term: "FORCE_COLOR",
    about: "what is printed is coloured without a terminal too; 0 switches colours off",
  },
  { term: "RUNSEAL_KEY", about: "the key that signs if --key names none" },
  { term: "RUNSEAL_LOG", about: "debug switches --debug on" },
  { term: "RUNSEAL_PASSPHRASE_COMMAND", about: "the command that prints the passphrase of a key" },
  { term: "HOME, XDG_CONFIG_HOME, XDG_STATE_HOME, XDG_DATA_HOME", about: "where the user's own files are" },
];

const FILES: readonly DescribedTerm[] = [
  { term: "~/.config/runseal/keys", about: "the user's keys" },
  { term: "~/.config/runseal/trust", about: "whom the user trusts" },
  { term: "~/.local/state/runseal", about: "what this machine remembers of projects" },
  { term: ".runseal", about: "a project: its bundles, its store and HEAD" },
];

/** What names a run. */
const FORMS: readonly DescribedTerm[] = [
  { term: "build-42", about: "a run id of the project; where it can be left out, the newest run is taken" },
  { term: ".runseal/runs/build-42", about: "the folder of a bundle" },
  { term: "build-42.runseal", about: "an archive, as push writes it; - reads one from stdin" },
  {
    term: "HOST/REPOSITORY:TAG, HOST/REPOSITORY@sha256:DIGEST",
    about: "a run in an OCI registry, as push leaves it",
  },
  { term: "oci-layout:FOLDER:TAG", about: "a run in an OCI layout on a disk" },
];

/** Writes the page of a version. */
export function manPage({ about, common, groups }: DescribedProgram, version: string): string {
  return [
    `.TH RUNSEAL 1 ${DATE} "runseal ${version}" "User Commands"`,
    ".SH NAME",
    "runseal \\- seal what a run produced, verify it, restore it",
    ".SH SYNOPSIS",
    ".B runseal",
    ".I command",
    "[options]",
    ".SH DESCRIPTION",
    ...filled(about),
    ".PP",
    ...filled(
      "A bundle is a few small JSON files that a signature covers. With the files that it lists it is a run. Runs are in a project: the folder that has .runseal in it.",
    ),
    ".PP",
    ...filled("Most commands take a run in one of these forms:"),
    ...FORMS.flatMap(termLines),
    ".PP",
    ...filled(
      "seal and run keep the bytes of the files in the project's store. From there, verify --stored, restore and push have them after the folder has moved on.",
    ),
    ".SH OPTIONS OF EVERY COMMAND",
    ...common.flatMap(termLines),
    ...groups.flatMap(groupLines),
    ".SH EXIT STATUS",
    ...Object.entries(EXIT_CODES).flatMap(([code, words]) => termLines({ term: code, about: words })),
    ".SH ENVIRONMENT",
    ...ENVIRONMENT.flatMap(termLines),
    ".SH FILES",
    ...FILES.flatMap(termLines),
    "",
  ]
    .filter((line, index, lines) => line !== "" || index === lines.length - 1)
    .join("\n");
}

function groupLines({ commands, title }: DescribedGroup): readonly string[] {
  return [`.SH "${text(title.toUpperCase())}"`, ...commands.flatMap(commandLines)];
}

function commandLines(command: DescribedCommand): readonly string[] {
  const { about, examples, more, name, operands, options, usage } = command;
  return [
    `.SS "${text(name)}"`,
    `.B "${text(usage)}"`,
    ".PP",
    ...filled(about),
    ...[...operands, ...options].flatMap(termLines),
    ...(more === "" ? [] : literal(more)),
    ...literal(examples.join("\n")),
  ];
}

/** Lines as they are, set off from the text. */
function literal(lines: string): readonly string[] {
  const shown = lines.split("\n").map((line) => (line.trim() === "" ? ".sp" : text(line)));
  return [".PP", ".nf", ...shown, ".fi"];
}

function termLines({ about, term }: DescribedTerm): readonly string[] {
  return [".TP", `.B "${text(term)}"`, ...filled(about)];
}

/** A text in lines as long as mandoc wants them. What reads the page fills them again. */
function filled(line: string): readonly string[] {
  const lines = wrapped(text(line), MAX_COLUMNS, "", "").trimEnd().split("\n");
  return lines.map(protect);
}

/** One line of text: nothing in it is a request, an escape or the end of an argument. */
function text(line: string): string {
  const escaped = line
    .replaceAll("\\", "\\e")
    .replaceAll("-", "\\-")
    .replaceAll('"', "\\(dq")
    .replaceAll("'", "\\(aq")
    .replaceAll("`", "\\(ga")
    .replaceAll("^", "\\(ha")
    .replaceAll("~", "\\(ti")
    .replaceAll(
      /[^ -~]/gu,
      (character) => `\\[u${(character.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, "0")}]`,
    );
  return protect(escaped);
}

/** A line that begins with one of these characters is a request. */
function protect(line: string): string {
  return /^[.']/.test(line) ? `\\&${line}` : line;
}
