/** The reports of wrong usage, interruptions and bugs. @module */

// Not from the index: that would load all of the core for every command.
import { quote } from "../../core/system/paths/quote.ts";
import type { AnyCode } from "../codes/all-codes.ts";
import type { ExitCode } from "../codes/exit-code.ts";
import { note, type Report } from "./report.ts";

/** A wrong usage. */
export function usageReport(message: string, exitCode: 1 | 2): Report {
  const [first = message, ...rest] = message.split("\n").filter((line) => line !== "");
  return endReport("USAGE", exitCode, first, [...rest, "runseal COMMAND --help shows what a command takes"]);
}

/** A signal ended the work; what had been begun was undone. */
export function interruptedReport(terminated: boolean): Report {
  return endReport("INTERRUPTED", terminated ? 143 : 130, "interrupted; nothing was left half-done", []);
}

/** The current folder was removed. */
export function cwdGoneReport(): Report {
  return endReport("READ_FAILED", 4, "the current folder is not there any more", ["cd into one that is"]);
}

/** A bug, or an environment that is broken in a way that runseal does not know. */
export function internalReport(): Report {
  return endReport("INTERNAL_ERROR", 70, "runseal met a state that it was not built for", [
    "--debug writes the cause to stderr; please report it, it may hold paths of your machine",
  ]);
}

/** A worker thread died, and the work that depended on it stopped. */
export function workerDeathReport(): Report {
  return endReport(
    "INTERNAL_ERROR",
    70,
    "a worker thread died; there is no verdict, and nothing was left half-done",
    [
      "it may have lacked memory: try again, or with one thread (--jobs 1)",
      "--debug writes the cause to stderr; it may hold paths of your machine",
    ],
  );
}

/** Without the records of codes: these reports must not depend on loading more code. */
function endReport(code: AnyCode, exit_code: ExitCode, message: string, hints: readonly string[]): Report {
  const facts = { ok: false, code, phase: null, cause_code: null, message, details: {}, exit_code };
  return { facts, text: "", error: { message, hints } };
}

/** Adds to a report that the home folder came from the system's list of users, if it did. */
export function withHomeFallback(report: Report, user: string | undefined, home: string | undefined): Report {
  if (user === undefined) return report;
  const problem = home === undefined ? "not set" : home === "" ? "empty" : "not an absolute path";
  const message = `HOME is ${problem}: the home folder of the user ${quote(user)} was used instead`;
  return {
    ...report,
    facts: { ...report.facts, home_of: user },
    remarks: [note(message), ...(report.remarks ?? [])],
  };
}
