/** The cases of a chain: each run, what does not fit into a history, and the chain as a whole. @module */

import { quoteIfNeeded } from "../../core/internal.ts";
import type { Report } from "../output/report.ts";
import { isFailing, type TestCase, type TestSuite } from "./junit.ts";
import { outcomeOf, PASSED, skipped } from "./verify-cases.ts";

/** Puts the verification of a history into suites: each run, or each finding. At least one case fails exactly if the report is not of a success. */
export function chainSuites(report: Report): readonly TestSuite[] {
  const { findings, run_ids: all, runs } = report.facts;
  const found = itemsOf(findings).map(findingCase);
  const sealed = itemsOf(all);
  const cases =
    found.length > 0 ? found : runCases(report, (sealed.length > 0 ? sealed : itemsOf(runs)).map(idOf));
  const isShown = cases.some(isFailing);
  const chain = report.facts.ok || isShown ? PASSED : outcomeOf(report);
  const outcome = isShown ? skipped("a run, or its place in the history, is not right") : chain;
  return [{ name: "chain", cases: [...cases, { name: "chain", outcome }] }];
}

function findingCase(finding: unknown, index: number): TestCase {
  const [code, message] = [memberOf(finding, "code"), memberOf(finding, "message")];
  return { name: `${index + 1} ${code}`, outcome: { kind: "failure", code, message } };
}

/** Oldest first: all runs of a sound history, else those that were looked at, and the one that is not right. */
function runCases(report: Report, runIds: readonly string[]): readonly TestCase[] {
  const { details, ok } = report.facts;
  const named = ok || !("run_id" in details) ? undefined : memberOf(details, "run_id");
  const listed = named === undefined || runIds.includes(named) ? runIds : [...runIds, named];
  const failed = named === undefined ? listed.length : listed.indexOf(named);
  return listed.map((runId, index) => {
    const after = index === failed ? outcomeOf(report) : skipped("an earlier run is not right");
    return { name: quoteIfNeeded(runId), outcome: index < failed ? PASSED : after };
  });
}

function itemsOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

/** The id of a run: itself, or of an object that names it. */
function idOf(run: unknown): string {
  return typeof run === "string" ? run : memberOf(run, "run_id");
}

function memberOf(value: unknown, name: string): string {
  const member: unknown = typeof value === "object" && value !== null ? Reflect.get(value, name) : undefined;
  return typeof member === "string" ? member : "";
}
