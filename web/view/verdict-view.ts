/** The verdict, its phases and every difference. @module */

import type { ShownFact, ShownPart } from "../shown/shown-facts.ts";
import type { ShownPhases } from "../shown/shown-phases.ts";
import type { ShownDifferences, ShownVerdict } from "../shown/shown-verdict.ts";
import { countOf, numberOf } from "../words/count-text.ts";
import { sentenceOf } from "../words/sentence.ts";
import { type Content, element, fill, svgElement } from "./element.ts";

/** Shows a verdict in a section. */
export function showVerdict(
  section: HTMLElement,
  { canUseStore, differences, facts, phases, words }: ShownVerdict,
  useStore: () => void,
): void {
  const { code, next, reason, title, tone } = words;
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
          `${sentenceOf(reason)} `,
          code === "OK" ? undefined : element("code", {}, code),
        ),
        next === "" ? undefined : element("p", { class: "next" }, next),
        canUseStore ? storeButton(useStore) : undefined,
      ),
    ),
    differencesView(differences),
    factsView(facts),
    element("details", {}, element("summary", {}, phases.summary), phasesView(phases)),
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

function phasesView({ list }: ShownPhases): HTMLElement {
  return element(
    "ol",
    { class: "phases" },
    ...list.map(({ name, state, words }) =>
      element(
        "li",
        { "data-state": state },
        element("span", { class: "name" }, name),
        element("span", { class: "words" }, words),
        element("span", { class: "state" }, state === "declared" ? "its artifact only" : state),
      ),
    ),
  );
}

function factsView(facts: readonly ShownFact[]): HTMLElement {
  return element(
    "dl",
    { class: "facts" },
    ...facts.flatMap(({ name, parts }) => [
      element("dt", {}, name),
      element("dd", {}, ...parts.map(partView)),
    ]),
  );
}

function partView({ style, text }: ShownPart): Content {
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
function differencesView({ count, first }: ShownDifferences): HTMLElement | undefined {
  if (count === 0) return undefined;
  const more = count - first.length;
  return element(
    "section",
    { class: "differences", "aria-labelledby": "differences-title" },
    element("h3", { id: "differences-title" }, `${countOf(count, "difference")} from what was sealed`),
    element(
      "ul",
      {},
      ...first.map(({ aspect, code, path }) =>
        element(
          "li",
          {},
          element("code", {}, code),
          " ",
          element("span", { class: "path" }, path),
          aspect === "" ? undefined : element("span", { class: "quiet" }, ` ${aspect}`),
        ),
      ),
    ),
    more === 0 ? undefined : element("p", { class: "quiet" }, `… and ${numberOf(more)} more.`),
  );
}
