/** Words for a home folder that the environment does not name. @module */

// Not from the index: that would load all of the core for every command.
import { quote } from "../../core/paths/quote.ts";
import type { Report } from "../output/report.ts";

/** Adds to a report that the home folder came from the system's list of users, if it did. */
export function withHomeFallback(report: Report, user: string | undefined, home: string | undefined): Report {
  if (user === undefined) return report;
  const problem = home === undefined ? "not set" : home === "" ? "empty" : "not an absolute path";
  const message = `HOME is ${problem}: the home folder of the user ${quote(user)} was used instead`;
  return {
    ...report,
    facts: { ...report.facts, home_of: user },
    remarks: [{ kind: "note", message }, ...(report.remarks ?? [])],
  };
}
