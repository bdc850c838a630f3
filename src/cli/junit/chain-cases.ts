/** The cases of a chain: each run, what does not fit into a history, and the chain as a whole. @module */

import { quoteIfNeeded } from "../../core/internal.ts";
import type { Report } from "../output/report.ts";
import { isFailing, type TestCase, type TestSuite } from "./junit.ts";
import { outcomeOf, PASSED, skipped } from "./verify-cases.ts";

/** How the verification of a chain ended. */
export interface ChainCases {
  readonly report: Report;
  /** Oldest first: all runs of a sound chain, else those that were looked at. */
  readonly runIds: readonly string[];
  /** What does not fit; then no run was judged by its files. */
  readonly findings: readonly ChainFinding[];
}

/** One finding of a history, in words. */
export interface ChainFinding {
  readonly code: string;
  readonly message: string;
}

/** Puts a chain into suites. At least one case fails exactly if the report is not of a success. */
export function chainSuites({ findings, report, runIds }: ChainCases): readonly TestSuite[] {
  const cases = findings.length > 0 ? findings.map(findingCase) : runCases(report, runIds);
  const isShown = cases.some(isFailing);
  const chain = report.facts.ok || isShown ? PASSED : outcomeOf(report);
  const outcome = isShown ? skipped("a run, or its place in the line, is not right") : chain;
  return [{ name: "chain", cases: [...cases, { name: "chain", outcome }] }];
}

function findingCase({ code, message }: ChainFinding, index: number): TestCase {
  return { name: `${index + 1} ${code}`, outcome: { kind: "failure", code, message } };
}

function runCases(report: Report, runIds: readonly string[]): readonly TestCase[] {
  const { details, ok } = report.facts;
  const named = "run_id" in details && typeof details.run_id === "string" ? details.run_id : undefined;
  if (ok || named === undefined)
    return runIds.map((runId) => ({ name: quoteIfNeeded(runId), outcome: PASSED }));
  const failing = { name: quoteIfNeeded(named), outcome: outcomeOf(report) };
  const index = runIds.indexOf(named);
  const before = index < 0 ? runIds : runIds.slice(0, index);
  const after = index < 0 ? [] : runIds.slice(index + 1);
  return [
    ...before.map((runId) => ({ name: quoteIfNeeded(runId), outcome: PASSED })),
    failing,
    ...after.map((runId) => ({
      name: quoteIfNeeded(runId),
      outcome: skipped("an earlier run is not right"),
    })),
  ];
}
