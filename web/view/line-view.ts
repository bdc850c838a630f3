/** The line of runs: a picture, and beside it a button for each run. @module */

import type { ShownLine, ShownRun } from "../shown/line-of-runs.ts";
import { countOf, numberOf } from "../words/count-text.ts";
import { element, fill, svgElement } from "./element.ts";

/** Pixels of a run in the picture. The style sheet has the same. */
const ROW_HEIGHT = 52;
const LANE_WIDTH = 26;

/** The button that verifies all runs. */
const VERIFY_ALL = "verify-all";

/** What the user does with a line. */
export interface LineActions {
  /** Called with the place of the run that the user picks. */
  readonly choose: (place: number) => void;
  readonly showMore: () => void;
  readonly verifyAll: () => void;
}

/** Shows the runs of a project in a section. */
export class LineView {
  readonly #section: HTMLElement;
  readonly #actions: LineActions;
  #chosen: number | undefined;
  /** The buttons that are shown, by place; a gap has none. */
  #buttons: readonly HTMLElement[] = [];

  constructor(section: HTMLElement, actions: LineActions) {
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

  /** Shows a line. */
  show({ canVerify, findings, left, runs, unread, verdict, words }: ShownLine): void {
    const wasFocused = document.activeElement?.id === VERIFY_ALL;
    this.#buttons = runs.map((run, place) => this.#button(run, place));
    fill(
      this.#section,
      element("h2", {}, "Line of runs"),
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
      left === 0 ? undefined : this.#more(left),
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

  #button({ name, standing, words }: ShownRun, place: number): HTMLElement {
    if (standing === "gap") return element("p", { class: "run gap" }, name);
    const made = element(
      "button",
      {
        type: "button",
        class: "run",
        "aria-pressed": String(place === this.#chosen),
        "data-standing": standing,
      },
      element("span", { class: "run-id" }, name),
      element("span", { class: "quiet" }, words),
    );
    made.addEventListener("click", () => this.#actions.choose(place));
    return made;
  }

  #more(left: number): HTMLElement {
    const button = element(
      "button",
      { type: "button", class: "button" },
      `Show older runs (${numberOf(left)})`,
    );
    button.addEventListener("click", this.#actions.showMore);
    return button;
  }
}

/** Circles for runs and gaps, and lines to what comes before them: dashed around a gap. */
function pictureOf(placed: readonly ShownRun[], words: string): SVGElement {
  const lanes = Math.max(0, ...placed.map(({ lane }) => lane)) + 1;
  const height = placed.length * ROW_HEIGHT;
  const picture = svgElement("svg", {
    class: "picture",
    role: "img",
    "aria-label": words,
    width: lanes * LANE_WIDTH,
    height,
    viewBox: `0 0 ${lanes * LANE_WIDTH} ${height}`,
  });
  for (const [row, { before, lane, standing }] of placed.entries()) {
    if (before === undefined) continue;
    const [x, y] = [centre(lane, LANE_WIDTH), centre(row, ROW_HEIGHT)];
    const to = placed[before];
    picture.append(
      svgElement("path", {
        class: standing === "gap" || to?.standing === "gap" ? "link gap" : "link",
        // Without a row there, to a run that is further down than the picture.
        d:
          to === undefined
            ? `M${x} ${y}V${height}`
            : linkPath(x, y, centre(to.lane, LANE_WIDTH), centre(before, ROW_HEIGHT)),
      }),
    );
  }
  for (const [row, { lane, standing, verdict }] of placed.entries())
    picture.append(
      svgElement("circle", {
        class: `node ${standing}`,
        ...(verdict === undefined ? {} : { "data-tone": verdict.tone }),
        cx: centre(lane, LANE_WIDTH),
        cy: centre(row, ROW_HEIGHT),
        r: 6,
      }),
    );
  return picture;
}

function centre(index: number, size: number): number {
  return index * size + size / 2;
}

function linkPath(x: number, y: number, toX: number, toY: number): string {
  if (x === toX) return `M${x} ${y}V${toY}`;
  const bend = toY - ROW_HEIGHT / 2;
  return `M${x} ${y}V${bend}C${x} ${bend + ROW_HEIGHT / 3},${toX} ${bend + ROW_HEIGHT / 6},${toX} ${toY}`;
}
