/** `runseal explain CODE`: what a code means and what to do. @module */

import { quote } from "../../core/index.ts";
import { ALL_CODES } from "../codes.ts";
import { exitCodeOf } from "../exit-code.ts";
import { explain } from "../explanations.ts";
import type { Report } from "../report.ts";
import { UsageError } from "../usage-error.ts";

/** Explains one code, in any case of letters. */
export function runExplain(text: string): Report {
  const code = ALL_CODES.find((candidate) => candidate === text.toUpperCase());
  if (code === undefined) {
    throw new UsageError(`there is no code ${quote(text)}\nthe codes are ${ALL_CODES.join(", ")}`);
  }
  const { meaning, remedy } = explain(code);
  const exit = exitCodeOf(code);
  return {
    facts: {
      ok: true,
      code: "OK",
      message: "explained",
      details: {},
      explained: code,
      meaning,
      remedy,
      explained_exit_code: exit,
      exit_code: 0,
    },
    text: `${code} (exit code ${exit})\n\n${meaning}\n\nWhat to do: ${remedy}\n`,
  };
}
