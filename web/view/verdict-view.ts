/** The verdict, its phases and every difference. @module */

import {
  PHASES,
  type Phase,
  quoteIfNeeded,
  type Rejection,
  treeBinding,
  type Undecided,
} from "../../src/core/internal.ts";
import type { TrustAnswer } from "../trust/trust-choice.ts";
import { type BundleReport, phaseOf } from "../verify/verify-bundle.ts";
import { countOf, numberOf } from "../words/count-text.ts";
import { PHASE_WORDS } from "../words/phase-words.ts";
import { aspectWords, verdictWords } from "../words/verdict-words.ts";
import { element, fill, svgElement } from "./element.ts";
import { factsView } from "./facts-view.ts";

/** Differences that are listed. The table of files has all of them. */
const MOST_DIFFERENCES = 200;

/** Shows a verdict in a section. */
export function showVerdict(
  section: HTMLElement,
  report: BundleReport,
  trust: TrustAnswer | undefined,
): void {
  const { code, next, reason, title, tone } = verdictWords(report, trust);
  section.dataset["tone"] = tone;
  section.dataset["code"] = code;
  fill(
    section,
    element(
      "div",
      { class: "banner" },
      markView(tone),
      element(
        "div",
        {},
        element("h2", { id: "verdict-title", tabindex: "-1" }, title),
        element(
          "p",
          { class: "reason" },
          `${sentence(reason)} `,
          code === "OK" ? undefined : element("code", {}, code),
        ),
        next === "" ? undefined : element("p", { class: "next" }, next),
      ),
    ),
    differencesView(report),
    factsView(report, trust),
    element("details", {}, element("summary", {}, phasesSummary(report)), phasesView(report)),
  );
}

function sentence(words: string): string {
  const [first = ""] = words;
  return `${first.toUpperCase()}${words.slice(first.length)}.`;
}

/** A mark that does not rely on colour. */
function markView(tone: string): SVGElement {
  const paths: Readonly<Record<string, string>> = {
    good: "M7 13l4 4 8-9",
    caution: "M13 7v7M13 18.5v.01",
    bad: "M8 8l10 10M18 8L8 18",
    open: "M8 13h10",
  };
  return svgElement(
    "svg",
    { class: "mark", viewBox: "0 0 26 26", "aria-hidden": "true", width: 40, height: 40 },
    svgElement("circle", { cx: 13, cy: 13, r: 12 }),
    svgElement("path", { d: paths[tone] ?? "" }),
  );
}

type BundlePhase = Exclude<Phase, "chain">;

/** The phase in which a verification of a bundle failed. */
function failedPhase({ verdict }: BundleReport): BundlePhase | undefined {
  const phase = verdict.ok ? undefined : phaseOf(verdict);
  return phase === "chain" ? undefined : phase;
}

function phasesOf({ judged }: BundleReport, failed: Phase | undefined): readonly BundlePhase[] {
  const hasTree = failed === "tree" || (judged !== undefined && treeBinding(judged) !== undefined);
  return hasTree ? [...PHASES, "tree"] : PHASES;
}

function phasesSummary(report: BundleReport): string {
  const { verdict } = report;
  const failed = failedPhase(report);
  const phases = phasesOf(report, failed);
  if (verdict.ok)
    return report.tree?.state === "declared"
      ? `All ${phases.length} phases passed, the last one as far as a browser sees`
      : `All ${phases.length} phases passed`;
  const at = failed === undefined ? -1 : phases.indexOf(failed);
  return at < 0 ? "Phases" : `Phase ${at + 1} of ${phases.length} failed`;
}

function phasesView(report: BundleReport): HTMLElement {
  const { judged, tree, verdict } = report;
  const failed = failedPhase(report);
  const phases = phasesOf(report, failed);
  const at = failed === undefined ? -1 : phases.indexOf(failed);
  // Without a failed phase there is no verdict: what needs no files has passed.
  const reached = verdict.ok
    ? phases.length
    : at >= 0
      ? at
      : judged === undefined
        ? 0
        : phases.indexOf("outputs");
  return element(
    "ol",
    { class: "phases" },
    ...phases.map((phase, index) => {
      const isDeclared = phase === "tree" && tree?.state === "declared" && index < reached;
      const state =
        index < reached ? (isDeclared ? "declared" : "ok") : index === at ? "FAILED" : "not reached";
      const shown = isDeclared ? "its artifact only" : state;
      return element(
        "li",
        { "data-state": state },
        element("span", { class: "name" }, phase),
        element("span", { class: "words" }, PHASE_WORDS[phase]),
        element("span", { class: "state" }, shown),
      );
    }),
  );
}

/** What exactly is not as it was sealed. */
function differencesView(report: BundleReport): HTMLElement | undefined {
  const shown: (Rejection | Undecided)[] = [];
  let count = 0;
  for (const failure of report.failures()) if (count++ < MOST_DIFFERENCES) shown.push(failure);
  if (count === 0) return undefined;
  const more = count - shown.length;
  return element(
    "section",
    { class: "differences", "aria-labelledby": "differences-title" },
    element("h3", { id: "differences-title" }, `${countOf(count, "difference")} from what was sealed`),
    element(
      "ul",
      {},
      ...shown.map(({ code, details }) => {
        const aspect = aspectWords(details);
        return element(
          "li",
          {},
          element("code", {}, code),
          " ",
          element("span", { class: "path" }, quoteIfNeeded(details.path ?? "")),
          aspect === "" ? undefined : element("span", { class: "quiet" }, ` ${aspect}`),
        );
      }),
    ),
    more === 0 ? undefined : element("p", { class: "quiet" }, `… and ${numberOf(more)} more.`),
  );
}
