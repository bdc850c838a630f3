/** The history of a project: a picture, and beside it a button for each run. @module */

import { countOf, drawHistory } from "../../src/core/internal.ts";
import type { ShownHistory, ShownRun } from "../shown/runs-in-order.ts";
import { element, fill, svgElement } from "./element.ts";

/** Pixels of a run in the picture. The style sheet has the same height. */
const SIZE = { row: 52, lane: 26 };

/** The button that verifies all runs. */
const VERIFY_ALL = "verify-all";

/** What the user does with a history. */
export interface HistoryActions {
  /** Called with the place of the run that the user picks. */
  readonly choose: (place: number) => void;
  readonly showMore: () => void;
  readonly verifyAll: () => void;
}

/** Shows the runs of a project in a section. */
export class HistoryView {
  readonly #section: HTMLElement;
  readonly #actions: HistoryActions;
  #chosen: number | undefined;
  /** The buttons that are shown, by place; a gap has none. */
  #buttons: readonly HTMLElement[] = [];

  constructor(section: HTMLElement, actions: HistoryActions) {
    this.#section = section;
    this.#actions = actions;
  }

  /** Marks the run that is being verified. */
  mark(chosen: number): void {
    this.#chosen = chosen;
    // Not made again: the focus would be lost.
    for (const [place, button] of this.#buttons.entries())
      if (button instanceof HTMLButtonElement) button.setAttribute("aria-pressed", String(place === chosen));
  }

  /** Shows a history. */
  show({ canVerify, findings, runs, unread, verdict, words }: ShownHistory): void {
    const wasFocused = document.activeElement?.id === VERIFY_ALL;
    this.#buttons = runs.map((run, place) => this.#button(run, place));
    fill(
      this.#section,
      element("h2", {}, "History"),
      element("p", {}, words),
      findings.length === 0
        ? undefined
        : element(
            "ul",
            { class: "findings" },
            ...findings.map((finding) =>
              element("li", {}, element("code", {}, finding.code), " ", finding.words),
            ),
          ),
      canVerify ? this.#verifyAll() : undefined,
      verdict &&
        element(
          "p",
          { id: "line-verdict", "data-tone": verdict.tone, "data-code": verdict.code },
          verdict.words,
          " ",
          verdict.code === "OK" ? undefined : element("code", {}, verdict.code),
        ),
      element(
        "div",
        { class: "line" },
        pictureOf(runs, words),
        element("ol", { class: "runs" }, ...this.#buttons.map((button) => element("li", {}, button))),
      ),
      unread === 0
        ? undefined
        : element("p", { class: "quiet" }, `${countOf(unread, "more run")} not read: use runseal log.`),
    );
    // The button is another one now.
    if (wasFocused) document.getElementById(VERIFY_ALL)?.focus();
  }

  #verifyAll(): HTMLElement {
    const button = element("button", { type: "button", class: "button", id: VERIFY_ALL }, "Verify all runs");
    button.addEventListener("click", this.#actions.verifyAll);
    return element("p", { class: "actions" }, button);
  }

  #button({ kind, name, words }: ShownRun, place: number): HTMLElement {
    if (kind === "left-out") return this.#more(name);
    if (kind !== "run" && kind !== "failed") return element("p", { class: "run gap" }, name);
    const made = element(
      "button",
      {
        type: "button",
        class: "run",
        "aria-pressed": String(place === this.#chosen),
      },
      element("span", { class: "run-id" }, name),
      element("span", { class: "quiet" }, words),
    );
    made.addEventListener("click", () => this.#actions.choose(place));
    return made;
  }

  #more(name: string): HTMLElement {
    const button = element("button", { type: "button", class: "button" }, `${name}: show more`);
    button.addEventListener("click", this.#actions.showMore);
    return button;
  }
}

/** Circles for rows, and lines to what comes before them: dashed around a gap, and where something is left out. */
function pictureOf(rows: readonly ShownRun[], words: string): SVGElement {
  const { dots, edges, height, width } = drawHistory(rows, SIZE);
  return svgElement(
    "svg",
    { class: "picture", role: "img", "aria-label": words, width, height, viewBox: `0 0 ${width} ${height}` },
    ...edges.map(({ kind, path }) => svgElement("path", { class: `link ${kind}`, d: path })),
    ...rows.map(({ kind, tone }, row) =>
      svgElement("circle", {
        class: kind === "run" ? "node" : `node ${kind}`,
        ...(tone === undefined ? {} : { "data-tone": tone }),
        cx: dots[row]?.x ?? 0,
        cy: dots[row]?.y ?? 0,
        r: 6,
      }),
    ),
  );
}
