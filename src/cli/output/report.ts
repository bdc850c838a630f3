/** What a command ends with: one value, printed either for a person or for a program. @module */

// Not from the index: that would load all of the core for every `--version`.
import { printable } from "../../core/system/paths/quote.ts";
import type { AnyCode } from "../codes/all-codes.ts";
import type { ReportExitCode } from "../codes/exit-code.ts";
import type { DetailsFacts } from "../results/details.ts";
import type { EndFacts } from "../results/result-members.ts";
import { type Label, label, paintNotes } from "../text/paint.ts";
import { widthOf, wrapped } from "../text/wrapped.ts";
import { escapeUnsafe } from "./escape-unsafe.ts";
import type { Io } from "./io.ts";

/** Members that every JSON report has, whatever the command, and those of its result. */
export interface ReportFacts extends EndFacts {
  readonly ok: boolean;
  /** `"OK"` on success. */
  readonly code: AnyCode;
  readonly exit_code: ReportExitCode;
  readonly [member: string]: unknown;
}

/** An error for a person. */
export interface ErrorText {
  readonly message: string;
  /** What the message speaks of, one a line. */
  readonly list?: readonly string[];
  readonly hints: readonly string[];
}

/** A remark beside the answer, whether the command failed or not. */
export interface Remark {
  /** A warning asks for an action. */
  readonly kind: "note" | "warning";
  readonly message: string;
  readonly hints: readonly string[];
}

/** A remark that asks for no action. */
export function note(message: string, ...hints: readonly string[]): Remark {
  return { kind: "note", message, hints };
}

/** A remark that asks for an action. */
export function warning(message: string, ...hints: readonly string[]): Remark {
  return { kind: "warning", message, hints };
}

/** The end of a command. */
export interface Report {
  /** The one object of `--json`. */
  readonly facts: ReportFacts;
  /** What a person reads on stdout, lines with line feeds. May be empty. */
  readonly text: string;
  /** Whether the text is what the command made, for a file or another program: `--quiet` prints it all the same. */
  readonly isProduct?: true;
  /** What a person reads on stderr first. */
  readonly remarks?: readonly Remark[];
  /** What a person reads on stderr then, without the words `error:` and `hint:` and without the code. */
  readonly error?: ErrorText;
}

/** Takes the end of a command. */
export type Sink = (report: Report) => void;

/**
 * The end of a command that did what it was asked. `known` are its own members: those of its result, whose type each caller names.
 */
export function doneReport<T extends object = never>(
  message: string,
  known: NoInfer<T>,
  text: string,
  more: Done = {},
): Report {
  const { details = {}, remarks = [] } = more;
  return { facts: { ok: true, code: "OK", message, details, ...known, exit_code: 0 }, text, remarks };
}

/** What else such an end may have. */
interface Done {
  readonly details?: DetailsFacts;
  readonly remarks?: readonly Remark[];
}

/** The same with more remarks behind its own. */
export function withRemarks(report: Report, ...more: readonly Remark[]): Report {
  return { ...report, remarks: [...(report.remarks ?? []), ...more] };
}

/** The same with better hints, where there are any. */
export function withHints(report: Report, hints: readonly string[] | undefined): Report {
  return report.error === undefined || hints === undefined
    ? report
    : { ...report, error: { ...report.error, hints } };
}

/** The options about what is printed, as parsed. */
export interface SpokenOptions {
  readonly json?: true | undefined;
  readonly quiet?: true | undefined;
}

/** Whether nothing is printed while a command is at work. */
export function isSilent({ json, quiet }: SpokenOptions): boolean {
  return json === true || quiet === true;
}

/** How a report is printed. */
export interface Voice {
  readonly json: boolean;
  /** Whether a person reads nothing but the error. */
  readonly quiet: boolean;
  /** Where the answer goes: stdout, or stderr if stdout belongs to the command that `run` runs. */
  readonly writeAnswer: (text: string) => void;
  /** Whether the answer is coloured. */
  readonly colour: boolean;
}

/** What printing needs of stderr. */
type ErrorIo = Pick<Io, "errorColour" | "errorColumns" | "writeError">;

/** Prints a report and gives its exit code. With `json`, the answer is one object on one line, and there is nothing else. */
export function printReport(
  report: Report,
  { colour, json, quiet, writeAnswer }: Voice,
  io: ErrorIo,
): ReportExitCode {
  if (json) {
    writeAnswer(jsonLine(report));
    return report.facts.exit_code;
  }
  if (!quiet || report.isProduct === true) writeAnswer(paintNotes(report.text, colour));
  for (const { kind, message, hints } of quiet ? [] : (report.remarks ?? [])) {
    writeLine(kind, message, io);
    writeHints(hints, io);
  }
  if (report.error !== undefined) {
    const { message, list = [], hints } = report.error;
    writeLine("error", codedMessage(report.facts.code, message), io);
    for (const line of list) io.writeError(`  ${printable(line)}\n`);
    writeHints(hints, io);
  }
  return report.facts.exit_code;
}

/** The one object of `--json`, on one line: the facts, and in `hint` what a person reads behind `hint:`, a line for each. */
export function jsonLine({ error, facts }: Report): string {
  const hint = error === undefined || error.hints.length === 0 ? {} : { hint: error.hints.join("\n") };
  return `${escapeUnsafe(JSON.stringify({ ...facts, ...hint }))}\n`;
}

/** The form of every error: the code, so that `runseal explain CODE` can be asked, and the sentence. */
export function codedMessage(code: AnyCode, message: string): string {
  return `${code}: ${message}`;
}

/** Writes a line for a person: what is longer than the terminal is wide goes on below, behind six blanks. */
function writeLine(word: Label, text: string, io: ErrorIo): void {
  const folded = wrapped(`${word}: ${printable(text)}`, widthOf(io.errorColumns), "      ", "");
  // Last: colours take no columns.
  io.writeError(label(word, io.errorColour) + folded.slice(word.length + 2));
}

function writeHints(hints: readonly string[], io: ErrorIo): void {
  for (const hint of hints) writeLine("hint", hint, io);
}
