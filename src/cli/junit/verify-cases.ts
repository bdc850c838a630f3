/** The cases of one verified bundle: its phases, its signer, and each file that is not as it was sealed. @module */

import { quote, type Rejection, type SaidPhase, type Undecided } from "../../core/internal.ts";
import type { Report } from "../output/report.ts";
import { type CaseOutcome, isFailing, type TestCase, type TestSuite } from "./junit.ts";

/** How a verification ended. */
export interface VerifyCases {
  readonly report: Report;
  /** Empty where no phase ran to an end: then nothing was judged, and the report says why. */
  readonly phases: readonly SaidPhase[];
  readonly failures: Iterable<Rejection | Undecided>;
}

/** A case that passed. */
export const PASSED: CaseOutcome = { kind: "passed" };

/** Puts a verification into suites. At least one case fails exactly if the report is not of a success. */
export function verifySuites(verified: VerifyCases): readonly TestSuite[] {
  const { failures, report } = verified;
  const suites = [{ name: "verify", cases: verifyCases(verified) }];
  const files = [...failures].map(fileCase);
  const listed = files.length === 0 ? suites : [...suites, { name: "files", cases: files }];
  const isShown = listed.some(({ cases }) => cases.some(isFailing));
  return report.facts.ok || isShown
    ? listed
    : [...listed, { name: "end", cases: [{ name: "end", outcome: outcomeOf(report) }] }];
}

/** The end of a report that is not a success. Exit code 4 and above: something could not be judged. */
export function outcomeOf({ error, facts }: Report): CaseOutcome {
  const kind = facts.exit_code === 1 || facts.exit_code === 3 ? "failure" : "error";
  return { kind, code: facts.code, message: facts.message, hints: error?.hints ?? [] };
}

function verifyCases({ phases, report }: VerifyCases): readonly TestCase[] {
  if (phases.length === 0) return [{ name: "bundle", outcome: outcomeOf(report) }];
  const failed = phases.find(({ state }) => state === "FAILED" || state === "differs");
  const cases = phases.map((phase, index): TestCase => {
    const name = `${index + 1} ${phase.name}`;
    if (phase === failed) return { name, outcome: outcomeOf(report) };
    return { name, outcome: phase.tone === "good" ? PASSED : skipped(`phase ${failed?.name} failed`) };
  });
  const signer = failed === undefined ? signerOutcome(report) : skipped("the bundle was not accepted");
  return [...cases, { name: "signer", outcome: signer }];
}

function signerOutcome(report: Report): CaseOutcome {
  if (report.facts["phase"] === "trust") return outcomeOf(report);
  return isAnySigner(report.facts["trust"]) ? skipped("the signer was not judged: --any-signer") : PASSED;
}

function isAnySigner(trust: unknown): boolean {
  return typeof trust === "object" && trust !== null && "code" in trust && trust.code === "ANY_SIGNER";
}

/** A case that was not reached. */
export function skipped(message: string): CaseOutcome {
  return { kind: "skipped", message };
}

function fileCase({ code, details, message }: Rejection | Undecided): TestCase {
  const kind = code === "READ_FAILED" || code === "CHANGED_WHILE_READ" ? "error" : "failure";
  return { name: quote("path" in details ? details.path : ""), outcome: { kind, code, message } };
}
