/** `runseal-fleet status` and `report`: how far an audit is, and what came of its runs. @module */

import { writeFileSync } from "node:fs";
import { type AuditStatus, readReport, readStatus } from "../audit/read-audit.ts";
import { fleetFault } from "../outcome/fault.ts";
import { auditPage } from "../page/audit-page.ts";
import { type Command, onlyOperand, textOf } from "./command.ts";
import { withDatabase } from "./with-database.ts";

/** The exit code while an audit has not ended. `runseal` has no other use for it than "busy". */
const NOT_ENDED = 8;

/** 0: each run is accepted. 1: the audit has ended, and a run is not accepted, is broken or was not listed, or there is none. */
function exitCodeOf({ accepted, broken, ended_at, more, runs }: AuditStatus): number {
  if (ended_at === null) return NOT_ENDED;
  return runs > 0 && accepted === runs && broken === 0 && !more ? 0 : 1;
}

/** Prints how far an audit is. */
export const statusCommand: Command = {
  usage: "status AUDIT",
  options: {},
  run: async (_values, operands, io) => {
    const audit = onlyOperand(operands, "audit");
    return await withDatabase(io, 1, async (pool) => {
      const status = await readStatus(pool, audit);
      if (!status.ok) return status;
      return { ok: true, exitCode: exitCodeOf(status.value), json: { ...status.value } };
    });
  },
};

/** Prints or writes an audit with the verdict on each run: a page where the name of the file ends with `.html`, else JSON. */
export const reportCommand: Command = {
  usage: "report AUDIT [-o FILE]",
  options: { output: { type: "string", short: "o" } },
  run: async (values, operands, io) => {
    const audit = onlyOperand(operands, "audit");
    const file = textOf(values, "output");
    return await withDatabase(io, 1, async (pool) => {
      const report = await readReport(pool, audit);
      if (!report.ok) return report;
      const exitCode = exitCodeOf(report.value);
      const { results, ...status } = report.value;
      const json = { ...status, results: results.map((run) => ({ ...run })) };
      if (file === undefined) return { ok: true, exitCode, json };
      try {
        const page = file.endsWith(".html")
          ? auditPage(status, { rows: results, next: null }, "file")
          : undefined;
        writeFileSync(file, page ?? `${JSON.stringify(json)}\n`, { flag: "wx" });
      } catch {
        return fleetFault(
          "REPORT_NOT_WRITTEN",
          "the file of the report is there already, or can't be written",
        );
      }
      return { ok: true, exitCode, json: status };
    });
  },
};
