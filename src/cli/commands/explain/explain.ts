/** `runseal explain CODE`: what a code, or an exit code, means and what to do. @module */

import { quote } from "../../../core/internal.ts";
import {
  ALL_CODES,
  exitCodeOf,
  isCode,
  type ReasonWords,
  reasonsOf,
  wordsOf,
} from "../../codes/all-codes.ts";
import { EXIT_CODES } from "../../codes/exit-code.ts";
import { UsageError } from "../../options/usage-error.ts";
import type { Io } from "../../output/io.ts";
import { doneReport, type Report } from "../../output/report.ts";
import { folded, widthOf } from "../../text/wrapped.ts";
import type { ExplainedCode, ExplainResult } from "./explain-results.ts";
import { nearWords } from "./near-codes.ts";

/** A longer word is not compared with codes. */
const MAX_WORD = 80;

/** All exit codes. Two share the words of another. */
const ALL_EXITS: Readonly<Record<string, string>> = {
  ...EXIT_CODES,
  127: EXIT_CODES[126],
  143: EXIT_CODES[130],
};

/** Explains one code, in any case of letters, or one exit code; lists all without a word. */
export function runExplain(text: string | undefined, io: Pick<Io, "columns">): Report {
  if (text === undefined) return listCodes(io);
  if (/^[0-9]+$/.test(text)) return explainExitCode(text, io);
  // As it is printed in `error: CODE: …`, too.
  const code = text.toUpperCase().replaceAll(/[- ]/g, "_").replace(/:$/, "");
  if (!isCode(code)) throw new UsageError(`there is no code ${quote(text)}\n${nearHint(code)}`);
  const { meaning, remedy } = wordsOf(code);
  const reasons = reasonsOf(code);
  const exit = exitCodeOf(code);
  return explained(
    io,
    { explained: code, meaning, remedy, reasons, explained_exit_code: exit },
    `${code} (exit code ${exit})\n\n${meaning}\n\nWhat to do: ${remedy}\n${reasonLines(reasons)}`,
  );
}

/** The cases of a code, a paragraph each. */
function reasonLines(reasons: readonly ReasonWords[]): string {
  const lines = reasons.map(
    ({ meaning, reason, remedy }) =>
      `  ${[`${reason}:`, meaning, remedy].filter((part) => part !== "").join(" ")}\n`,
  );
  return lines.length === 0 ? "" : `\nReasons (details.reason):\n${lines.join("")}`;
}

function nearHint(wanted: string): string {
  const near = wanted.length > MAX_WORD ? [] : nearWords(wanted, ALL_CODES);
  const [first = "", ...others] = near;
  if (near.length === 0) return "a code stands in `error: CODE: …`; explain takes exit codes too";
  const last = others.pop();
  return `did you mean ${last === undefined ? first : `${[first, ...others].join(", ")} or ${last}`}?`;
}

function explainExitCode(text: string, io: Pick<Io, "columns">): Report {
  const meaning = ALL_EXITS[text];
  if (meaning === undefined) {
    throw new UsageError(
      `${text} is not an exit code of runseal\nruns end with their command's exit code if it fails`,
    );
  }
  const facts = exitFacts(text, meaning);
  return explained(io, facts, exitText(facts));
}

function listCodes(io: Pick<Io, "columns">): Report {
  const exits = Object.entries(ALL_EXITS).map(([exit, meaning]) => exitFacts(exit, meaning));
  return explained(io, { exit_codes: exits }, exits.map(exitText).join("\n"));
}

function exitFacts(exit: string, meaning: string): ExplainedCode {
  const codes = ALL_CODES.filter((code) => String(exitCodeOf(code)) === exit);
  return { explained: exit, meaning, remedy: null, explained_exit_code: Number(exit), codes };
}

function exitText({ codes = [], explained: exit, meaning }: ExplainedCode): string {
  const list = codes.length === 0 ? "" : `\nCodes that end with it:\n  ${codes.join(" ")}\n`;
  return `exit code ${exit}\n\n${meaning}\n${list}`;
}

function explained({ columns }: Pick<Io, "columns">, known: ExplainResult, text: string): Report {
  return doneReport<ExplainResult>("explained", known, folded(text, widthOf(columns)));
}
