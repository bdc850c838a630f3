/** `--junit` of `verify --history`: the facts of its JSON as test cases. @module */

import { formatUtcSecond } from "../../../core/internal.ts";
import { chainSuites } from "../../junit/chain-cases.ts";
import { encodeJunit } from "../../junit/junit.ts";
import { operationReport } from "../../output/failure-report.ts";
import type { Io } from "../../output/io.ts";
import type { Report } from "../../output/report.ts";
import { reportPlaces, withReportFiles } from "./report-places.ts";

/** Verifies, and writes the file whatever the end. Nothing is verified where its name is taken. Throws usage errors. */
export async function withHistoryJunit(
  junit: string,
  io: Io,
  verify: () => Promise<Report>,
): Promise<Report> {
  const places = reportPlaces({ junit }, io);
  if (!places.ok) return operationReport(places);
  const report = await verify();
  const text = encodeJunit(chainSuites(report), formatUtcSecond(io.now()));
  return withReportFiles(
    report,
    places.value.map((place) => ({ place, text })),
  );
}
