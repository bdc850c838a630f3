/**
 * Results in the JUnit format, which CI systems show: test suites with cases, each passed, skipped, failed or in error.
 *
 * @module
 */

import { type Markup, markup } from "../markup/markup.ts";

/** How a case ended. */
export type CaseOutcome =
  | { readonly kind: "passed" }
  | { readonly kind: "skipped"; readonly message: string }
  /** `failure`: it was judged, and is not right. `error`: it could not be judged. */
  | {
      readonly kind: "failure" | "error";
      readonly code: string;
      readonly message: string;
      /** What to do, a line each. */
      readonly hints?: readonly string[];
    };

/** One case. Names are printable: `quoteIfNeeded` was applied to those from outside. */
export interface TestCase {
  readonly name: string;
  readonly outcome: CaseOutcome;
}

/** Cases that belong together. */
export interface TestSuite {
  readonly name: string;
  readonly cases: readonly TestCase[];
}

/** The cases of a suite that a file lists. What is left out is counted in one more case. */
const MAX_CASES = 10_000;

/** Encodes suites as one document. `at` is the time of the verification: RFC 3339, UTC, whole seconds. */
export function encodeJunit(suites: readonly TestSuite[], at: string): string {
  const bounded = suites.map(({ cases, name }) => ({ name, cases: boundCases(cases) }));
  const all = bounded.flatMap(({ cases }) => cases);
  const document = markup`<?xml version="1.0" encoding="UTF-8"?>
<testsuites name="runseal" ${counts(all)}>
${bounded.map((suite) => suiteMarkup(suite, at))}</testsuites>
`;
  return document.toString();
}

/** Keeps what fails first, and counts the rest. */
function boundCases(cases: readonly TestCase[]): readonly TestCase[] {
  const left = cases.length - MAX_CASES;
  if (left <= 0) return cases;
  const failing = cases.filter(isFailing);
  const kept = [...failing, ...cases.filter((entry) => !isFailing(entry))].slice(0, MAX_CASES);
  const message = `${left} more are not listed`;
  const more: CaseOutcome =
    failing.length > MAX_CASES
      ? { kind: "failure", code: "MORE", message }
      : { kind: "skipped", message: `${message}: none of them failed` };
  return [...kept, { name: "more", outcome: more }];
}

/** Whether a case is not as it should be. */
export function isFailing({ outcome }: TestCase): boolean {
  return outcome.kind === "failure" || outcome.kind === "error";
}

/** The format's time has no zone. */
function suiteMarkup({ cases, name }: TestSuite, at: string): Markup {
  const skipped = cases.filter(({ outcome }) => outcome.kind === "skipped").length;
  return markup`  <testsuite name="runseal.${name}" ${counts(cases)} skipped="${skipped}" time="0" timestamp="${at.replace("Z", "")}">
${cases.map((entry) => caseMarkup(entry, name))}  </testsuite>
`;
}

function counts(cases: readonly TestCase[]): Markup {
  const of = (kind: CaseOutcome["kind"]): number =>
    cases.filter(({ outcome }) => outcome.kind === kind).length;
  return markup`tests="${cases.length}" failures="${of("failure")}" errors="${of("error")}"`;
}

function caseMarkup({ name, outcome }: TestCase, suite: string): Markup {
  const head = markup`    <testcase classname="runseal.${suite}" name="${name}" time="0"`;
  switch (outcome.kind) {
    case "passed":
      return markup`${head}/>
`;
    case "skipped":
      return markup`${head}>
      <skipped message="${outcome.message}"/>
    </testcase>
`;
    case "failure":
      return markup`${head}>
      <failure type="${outcome.code}" message="${outcome.message}">${bodyOf(outcome)}</failure>
    </testcase>
`;
    case "error":
      return markup`${head}>
      <error type="${outcome.code}" message="${outcome.message}">${bodyOf(outcome)}</error>
    </testcase>
`;
  }
}

/** What most systems show below the name: the code, the sentence, and what to do. */
function bodyOf({ code, hints = [], message }: Extract<CaseOutcome, { readonly code: string }>): Markup {
  return markup`${code}: ${message}${hints.map(
    (hint) => markup`
hint: ${hint}`,
  )}`;
}
