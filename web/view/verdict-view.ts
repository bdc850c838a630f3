/** The verdict, its phases and every difference. @module */

import {
  countOf,
  numberOf,
  type SaidDifferences,
  type SaidFact,
  type SaidPart,
  type SaidPhase,
  sentenceOf,
} from "../../src/core/internal.ts";
import type { ShownVerdict } from "../shown/shown-verdict.ts";
import { type Content, element, fill, svgElement } from "./element.ts";

/** Shows a verdict in a section. */
export function showVerdict(
  section: HTMLElement,
  { canUseStore, differences, facts, phases, words }: ShownVerdict,
  useStore: () => void,
): void {
  const { code, next, sentence, title, tone } = words;
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
          `${sentenceOf(sentence)} `,
          code === "OK" ? undefined : element("code", {}, code),
        ),
        next === "" ? undefined : element("p", { class: "next" }, next),
        canUseStore ? storeButton(useStore) : undefined,
      ),
    ),
    differencesView(differences),
    factsView(facts),
    element("details", {}, element("summary", {}, summaryOf(phases)), phasesView(phases)),
  );
}

function storeButton(useStore: () => void): HTMLElement {
  const button = element("button", { type: "button", class: "button", id: "as-stored" }, "Verify as stored");
  button.addEventListener("click", useStore);
  return element("p", { class: "actions" }, button);
}

/** A mark that does not rely on colour. */
function markView(tone: string): SVGElement {
  const paths: Readonly<Record<string, string>> = {
    good: "M7 13l4 4 8-9",
    amber: "M13 7v7M13 18.5v.01",
    bad: "M8 8l10 10M18 8L8 18",
    plain: "M8 13h10",
  };
  return svgElement(
    "svg",
    { class: "mark", viewBox: "0 0 26 26", "aria-hidden": "true", width: 40, height: 40 },
    svgElement("circle", { cx: 13, cy: 13, r: 12 }),
    svgElement("path", { d: paths[tone] ?? "" }),
  );
}

function summaryOf(phases: readonly SaidPhase[]): string {
  const failed = phases.findIndex(({ tone }) => tone === "bad");
  if (failed >= 0) return `Phase ${failed + 1} of ${phases.length} failed`;
  if (phases.some(({ tone }) => tone !== "good")) return "Phases";
  const isDeclared = phases.at(-1)?.state !== "ok";
  return `All ${phases.length} phases passed${isDeclared ? ", the last one as far as a browser sees" : ""}`;
}

function phasesView(phases: readonly SaidPhase[]): HTMLElement {
  return element(
    "ol",
    { class: "phases" },
    ...phases.map(({ name, state, tone, words }) =>
      element(
        "li",
        { "data-tone": tone },
        element("span", { class: "name" }, name),
        element("span", { class: "words" }, words),
        element("span", { class: "state" }, state),
      ),
    ),
  );
}

function factsView(facts: readonly SaidFact[]): HTMLElement {
  return element(
    "dl",
    { class: "facts" },
    ...facts.flatMap(({ name, parts }) => [
      element("dt", {}, name),
      element("dd", {}, ...parts.map(partView)),
    ]),
  );
}

function partView({ style, text }: SaidPart): Content {
  switch (style) {
    case "plain":
      return text;
    case "strong":
      return element("strong", {}, text);
    case "digest":
      return element("code", { class: "digest" }, text);
    case "quiet":
      return element("code", { class: "digest quiet" }, text);
  }
}

/** What exactly is not as it was sealed. */
function differencesView({ listed, more }: SaidDifferences): HTMLElement | undefined {
  if (listed.length === 0) return undefined;
  return element(
    "section",
    { class: "differences", "aria-labelledby": "differences-title" },
    element(
      "h3",
      { id: "differences-title" },
      `${countOf(listed.length + more, "difference")} from what was sealed`,
    ),
    element(
      "ul",
      {},
      ...listed.map(({ how, path, what }) =>
        element(
          "li",
          {},
          element("code", {}, what),
          " ",
          element("span", { class: "path" }, path),
          how === "" ? undefined : element("span", { class: "quiet" }, ` ${how}`),
        ),
      ),
    ),
    more === 0 ? undefined : element("p", { class: "quiet" }, `… and ${numberOf(more)} more.`),
  );
}
