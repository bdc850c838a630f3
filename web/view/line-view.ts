/** The line of runs: a picture, and beside it a button for each run. @module */

import { orderNewestFirst, quoteIfNeeded } from "../../src/core/internal.ts";
import type { PageCrypto } from "../crypto/page-crypto.ts";
import type { ProjectRun, ReadProject } from "../verify/read-project.ts";
import { countOf, numberOf } from "../words/count-text.ts";
import { findingWords, lineWords, PLACE_WORDS } from "../words/history-words.ts";
import { element, fill, svgElement } from "./element.ts";
import { type PlacedRun, placeInPicture } from "./line-layout.ts";

/** Runs that are shown at first, and that a button adds. */
const RUNS_AT_ONCE = 100;

/** Pixels of a run in the picture. The style sheet has the same. */
const ROW_HEIGHT = 52;
const LANE_WIDTH = 26;

/** Findings that are listed. */
const MOST_FINDINGS = 50;

/** Shows the runs of a project in a section. `choose` is called for the run that the user picks. */
export class LineView {
  readonly #section: HTMLElement;
  readonly #project: ReadProject;
  readonly #runs: readonly ProjectRun[];
  readonly #crypto: PageCrypto;
  readonly #choose: (run: ProjectRun) => void;
  #count = RUNS_AT_ONCE;
  #chosen: ProjectRun | undefined;
  /** The buttons that are shown. */
  #buttons = new Map<ProjectRun, HTMLElement>();

  constructor(
    section: HTMLElement,
    project: ReadProject,
    crypto: PageCrypto,
    choose: (run: ProjectRun) => void,
  ) {
    this.#section = section;
    this.#project = project;
    this.#runs = orderNewestFirst(project.history, crypto.port);
    this.#crypto = crypto;
    this.#choose = choose;
  }

  /** The run that a verification takes if the user chose none: the newest of the line. */
  get newest(): ProjectRun | undefined {
    return this.#project.history.line.at(-1) ?? this.#runs[0];
  }

  /** Marks the run that is being verified. */
  show(chosen: ProjectRun | undefined): void {
    this.#chosen = chosen;
    if (this.#buttons.size === 0) this.#render();
    // Not made again: the focus would be lost.
    for (const [run, button] of this.#buttons) button.setAttribute("aria-pressed", String(run === chosen));
  }

  #render(): void {
    const { history, unread } = this.#project;
    this.#buttons = new Map();
    const placed = placeInPicture(history, this.#runs, this.#crypto.port).slice(0, this.#count);
    const findings = history.findings.slice(0, MOST_FINDINGS);
    fill(
      this.#section,
      element("h2", {}, "Line of runs"),
      element("p", {}, lineWords(history)),
      findings.length === 0
        ? undefined
        : element(
            "ul",
            { class: "findings" },
            ...findings.map((finding) =>
              element("li", {}, element("code", {}, finding.code), " ", findingWords(finding)),
            ),
          ),
      element(
        "div",
        { class: "line" },
        pictureOf(placed, lineWords(history)),
        element("ol", { class: "runs" }, ...placed.map((one) => element("li", {}, this.#button(one)))),
      ),
      this.#more(),
      unread === 0
        ? undefined
        : element("p", { class: "quiet" }, `${countOf(unread, "more run")} not read: use runseal log.`),
    );
  }

  #button({ place, run }: PlacedRun<ProjectRun>): HTMLElement {
    const isChosen = run === this.#chosen;
    const state = run.failure !== undefined && run.standing === "rejected" ? "rejected" : PLACE_WORDS[place];
    const made = element(
      "button",
      { type: "button", class: "run", "aria-pressed": String(isChosen), "data-standing": run.standing },
      element("span", { class: "run-id" }, quoteIfNeeded(run.runId)),
      element(
        "span",
        { class: "quiet" },
        [run.sealedAt, state].filter((part) => part !== undefined).join(" · "),
      ),
    );
    made.addEventListener("click", () => this.#choose(run));
    this.#buttons.set(run, made);
    return made;
  }

  #more(): HTMLElement | undefined {
    const left = this.#runs.length - this.#count;
    if (left <= 0) return undefined;
    const button = element(
      "button",
      { type: "button", class: "button" },
      `Show older runs (${numberOf(left)})`,
    );
    button.addEventListener("click", () => {
      this.#count += RUNS_AT_ONCE;
      this.#render();
    });
    return button;
  }
}

/** Circles for runs, lines to the runs that they name, and a dashed end for one that is not here. */
function pictureOf(placed: readonly PlacedRun<ProjectRun>[], words: string): SVGElement {
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
  for (const [row, { before, isGap, lane }] of placed.entries()) {
    const [x, y] = [centre(lane, LANE_WIDTH), centre(row, ROW_HEIGHT)];
    const to = before === undefined ? undefined : placed[before];
    if (before !== undefined && to !== undefined)
      picture.append(
        svgElement("path", {
          class: "link",
          d: linkPath(x, y, centre(to.lane, LANE_WIDTH), centre(before, ROW_HEIGHT)),
        }),
      );
    else if (before !== undefined)
      // To a run that is further down than the picture.
      picture.append(svgElement("path", { class: "link", d: `M${x} ${y}V${height}` }));
    else if (isGap)
      picture.append(svgElement("path", { class: "link gap", d: `M${x} ${y}V${y + ROW_HEIGHT / 2 - 2}` }));
  }
  for (const [row, { lane, run }] of placed.entries())
    picture.append(
      svgElement("circle", {
        class: `node ${run.standing}`,
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
