/** Words for ends that no command foresees: wrong usage, an interruption, a bug. @module */

import type { AnyCode } from "../codes/codes.ts";
import type { ExitCode } from "../codes/exit-code.ts";
import type { Report } from "../output/report.ts";

/** A wrong usage, exit code 2. */
export function usageReport(message: string): Report {
  const [first = message, ...rest] = message.split("\n").filter((line) => line !== "");
  return endReport("USAGE", 2, first, [...rest, "runseal COMMAND --help shows what a command takes"]);
}

/** The caller's signal ended the work; what had been begun was undone. */
export function interruptedReport(terminated: boolean): Report {
  return endReport("INTERRUPTED", terminated ? 143 : 130, "interrupted; nothing was left half-done", []);
}

/** Whoever started us stands in a folder that is gone. */
export function cwdGoneReport(): Report {
  return endReport("READ_FAILED", 4, "the current folder is not there any more", ["cd into one that is"]);
}

/** A bug, or an environment that is broken in a way that runseal does not know. */
export function internalReport(): Report {
  return endReport("INTERNAL_ERROR", 70, "runseal came upon something it was not built for", [
    "--debug writes the cause to stderr; please report it, it may hold paths of your machine",
  ]);
}

/** A thread that was hashing died, and whatever was being done with it. */
export function workerDeathReport(): Report {
  return endReport(
    "INTERNAL_ERROR",
    70,
    "a thread that was helping died; nothing was decided, and nothing is left of what it was for",
    [
      "it may have lacked memory: try again, or with one thread (--jobs 1)",
      "--debug writes the cause to stderr; it may hold paths of your machine",
    ],
  );
}

function endReport(code: AnyCode, exit_code: ExitCode, message: string, hints: readonly string[]): Report {
  const facts = { ok: false, code, phase: null, cause_code: null, message, details: {}, exit_code };
  return { facts, text: "", error: { message, hints } };
}
