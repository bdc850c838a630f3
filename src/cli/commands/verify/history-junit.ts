/** `--junit` of `verify --history`: the facts of its JSON as test cases. @module */

import { formatUtcSecond } from "../../../core/internal.ts";
import { type ChainFinding, chainSuites } from "../../junit/chain-cases.ts";
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
  const { findings, run_ids: runIds, runs } = report.facts;
  const listed = runIdsOf(runIds);
  const suites = chainSuites({
    report,
    runIds: listed.length > 0 ? listed : runIdsOf(runs),
    findings: itemsOf(findings).flatMap(findingOf),
  });
  const text = encodeJunit(suites, formatUtcSecond(io.now()));
  return withReportFiles(
    report,
    places.value.map((place) => ({ place, text })),
  );
}

/** The ids of runs: a list of them, or of objects that name them. */
function runIdsOf(value: unknown): readonly string[] {
  return itemsOf(value).flatMap((item) => {
    if (typeof item === "string") return [item];
    const isNamed = typeof item === "object" && item !== null && "run_id" in item;
    return isNamed && typeof item.run_id === "string" ? [item.run_id] : [];
  });
}

function findingOf(value: unknown): readonly ChainFinding[] {
  if (typeof value !== "object" || value === null || !("code" in value) || !("message" in value)) return [];
  return [{ code: String(value.code), message: String(value.message) }];
}

function itemsOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}
