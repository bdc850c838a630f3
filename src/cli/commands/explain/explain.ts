/** `runseal explain CODE`: what a code, or an exit code, means and what to do. @module */

import { quote } from "../../../core/internal.ts";
import { ALL_CODES, exitCodeOf, isCode, type ReasonWords, reasonsOf, wordsOf } from "../../codes/codes.ts";
import { EXIT_CODES } from "../../codes/exit-code.ts";
import { presentCodeOf } from "../../codes/former-codes.ts";
import { UsageError } from "../../options/usage-error.ts";
import type { Io } from "../../output/io.ts";
import { doneReport, type Report } from "../../output/report.ts";
import { folded, widthOf } from "../../text/wrapped.ts";
import type { ExplainResult } from "./explain-results.ts";
import { nearWords } from "./near-codes.ts";

/** A longer word is not compared with codes. */
const MAX_WORD = 80;

/** Exit codes that share the words of another. */
const SHARED_EXIT_CODES: Readonly<Record<string, keyof typeof EXIT_CODES>> = { "127": 126, "143": 130 };

/** Explains one code, in any case of letters, or one exit code. */
export function runExplain(text: string, io: Pick<Io, "columns">): Report {
  if (/^[0-9]+$/.test(text)) return explainExitCode(text, io);
  // As it is printed in `error: CODE: …`, too.
  const wanted = text.toUpperCase().replaceAll(/[- ]/g, "_").replace(/:$/, "");
  const present = presentCodeOf(wanted);
  const code = present?.code ?? wanted;
  if (!isCode(code)) throw new UsageError(`there is no code ${quote(text)}\n${nearHint(wanted)}`);
  const { meaning, remedy } = wordsOf(code);
  const reasons = reasonsOf(code);
  const exit = exitCodeOf(code);
  const asReason = present?.reason === undefined ? "" : `, with the reason ${present.reason}`;
  const now = present === undefined ? "" : `${wanted} is ${code} now${asReason}.\n\n`;
  return explained(
    io,
    { explained: code, meaning, remedy, reasons, explained_exit_code: exit },
    `${now}${code} (exit code ${exit})\n\n${meaning}\n\nWhat to do: ${remedy}\n${reasonLines(reasons)}`,
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
  const found = Object.entries(EXIT_CODES).find(
    ([known]) => known === String(SHARED_EXIT_CODES[text] ?? text),
  );
  if (found === undefined) {
    throw new UsageError(
      `${text} is not an exit code of runseal\nruns end with their command's exit code if it fails`,
    );
  }
  const exit = Number(text);
  const meaning = found[1];
  const codes = ALL_CODES.filter((code) => String(exitCodeOf(code)) === text);
  const list = codes.length === 0 ? "" : `\nCodes that end with it:\n  ${codes.join(" ")}\n`;
  return explained(
    io,
    { explained: text, meaning, remedy: null, explained_exit_code: exit, codes },
    `exit code ${text}\n\n${meaning}\n${list}`,
  );
}

function explained({ columns }: Pick<Io, "columns">, known: ExplainResult, text: string): Report {
  return doneReport<ExplainResult>("explained", known, folded(text, widthOf(columns)));
}
