/**
 * The table of files. Only the rows in sight are here, so that it scrolls as well with a million files as with ten. The worker has
 * them all: it searches and sorts.
 *
 * @module
 */

import { countOf, numberOf, sizeOf } from "../../src/core/internal.ts";
import {
  type Arrangement,
  FIRST_ARRANGEMENT,
  type FilePage,
  type FileRow,
  type SortKey,
} from "../shown/file-page.ts";
import { element, fill } from "./element.ts";

/** Pixels of a row. The style sheet has the same. */
const ROW_HEIGHT = 34;

/** Rows above and below those in sight. */
const OVERSCAN = 8;

/** Pixels of an element beyond which browsers lose precision. */
const MOST_PIXELS = 15_000_000;

const COLUMNS: readonly { readonly key: SortKey; readonly title: string }[] = [
  { key: "state", title: "State" },
  { key: "path", title: "Path" },
  { key: "size", title: "Size" },
];

/** Asks for rows of an arrangement. Gives the number of the request. */
export type AskForRows = (arrangement: Arrangement, first: number, count: number) => number;

/** A table in a section. */
export class FileTable {
  readonly #section: HTMLElement;
  readonly #ask: AskForRows;
  readonly #search = element("input", {
    type: "search",
    id: "file-search",
    autocomplete: "off",
    spellcheck: "false",
  });
  readonly #count = element("p", { class: "quiet", role: "status" });
  readonly #body = element("div", { class: "rows", role: "rowgroup" });
  readonly #space = element("div", { class: "space", role: "presentation" });
  readonly #scroller: HTMLElement;
  readonly #heads: readonly HTMLElement[];
  #arrangement: Arrangement = FIRST_ARRANGEMENT;
  #page: FilePage;
  /** The request that is not answered yet: there is one at a time, so that a busy worker never has a queue of them. */
  #asked: number | undefined;
  /** Whether other rows were wanted meanwhile. */
  #isBehind = false;

  /** @param page the first rows, in `FIRST_ARRANGEMENT`. */
  constructor(section: HTMLElement, page: FilePage, ask: AskForRows) {
    this.#section = section;
    this.#page = page;
    this.#ask = ask;
    this.#heads = COLUMNS.map(({ key, title }) => this.#head(key, title));
    this.#scroller = element("div", {
      class: "files",
      role: "table",
      tabindex: "0",
      "aria-label": "Files of the bundle",
    });
    this.#build();
    this.#markHeads();
    this.#show();
  }

  /** Takes the rows of a request. Those of another table are passed over. */
  take(id: number, page: FilePage): void {
    if (id !== this.#asked) return;
    this.#asked = undefined;
    this.#page = page;
    this.#show();
    if (this.#isBehind) this.#want();
  }

  #build(): void {
    const head = element(
      "div",
      { class: "row head", role: "row", "aria-rowindex": "1" },
      ...this.#heads,
      element("span", { class: "cell digest", role: "columnheader" }, "SHA-256"),
    );
    this.#space.append(this.#body);
    this.#scroller.append(element("div", { role: "rowgroup", class: "heads" }, head), this.#space);
    this.#scroller.addEventListener("scroll", () => requestAnimationFrame(() => this.#want()), {
      passive: true,
    });
    this.#search.addEventListener("input", () => this.#arrange({ search: this.#search.value }));
    fill(
      this.#section,
      element("h2", {}, "Files"),
      element(
        "div",
        { class: "toolbar" },
        element("label", { for: "file-search" }, "Search paths"),
        this.#search,
        this.#count,
      ),
      this.#scroller,
    );
  }

  #head(key: SortKey, title: string): HTMLElement {
    const button = element("button", { type: "button" }, title);
    button.addEventListener("click", () => {
      const { isDescending, key: sorted } = this.#arrangement;
      this.#arrange({ key, isDescending: sorted === key && !isDescending });
    });
    return element("span", { class: `cell ${key}`, role: "columnheader" }, button);
  }

  #arrange(change: Partial<Arrangement>): void {
    this.#arrangement = { ...this.#arrangement, ...change };
    this.#markHeads();
    this.#scroller.scrollTop = 0;
    this.#want();
  }

  #markHeads(): void {
    const { isDescending, key } = this.#arrangement;
    for (const [index, head] of this.#heads.entries()) {
      const isSorted = COLUMNS[index]?.key === key;
      head.setAttribute("aria-sort", isSorted ? (isDescending ? "descending" : "ascending") : "none");
    }
  }

  /** Asks for the rows in sight, and some around them. */
  #want(): void {
    this.#isBehind = this.#asked !== undefined;
    if (this.#isBehind) return;
    const first = Math.max(0, Math.floor(this.#top()) - OVERSCAN);
    const count = Math.ceil((this.#scroller.clientHeight || 600) / ROW_HEIGHT) + 2 * OVERSCAN;
    this.#asked = this.#ask(this.#arrangement, first, count);
  }

  /** The place of the row that is uppermost in sight. Beyond the pixels that a browser can measure, the scroll bar skips rows evenly. */
  #top(): number {
    const { shown } = this.#page;
    const { clientHeight, scrollTop } = this.#scroller;
    if (shown * ROW_HEIGHT <= MOST_PIXELS) return scrollTop / ROW_HEIGHT;
    const room = Math.max(1, MOST_PIXELS - clientHeight + ROW_HEIGHT);
    const lastStart = Math.max(0, shown - Math.floor((clientHeight - ROW_HEIGHT) / ROW_HEIGHT));
    return Math.min(scrollTop / room, 1) * lastStart;
  }

  #show(): void {
    const { all, first, rows, shown } = this.#page;
    this.#count.textContent =
      shown === all ? countOf(all, "file") : `${numberOf(shown)} of ${countOf(all, "file")}`;
    this.#scroller.setAttribute("aria-rowcount", String(shown + 1));
    this.#space.style.height = `${Math.min(shown * ROW_HEIGHT, MOST_PIXELS)}px`;
    // Where the scroll bar skips rows, the rows follow it.
    const offset = this.#scroller.scrollTop - (this.#top() - first) * ROW_HEIGHT;
    this.#body.style.transform = `translateY(${Math.max(0, offset)}px)`;
    this.#body.replaceChildren(...rows.map((row, index) => rowView(row, first + index)));
  }
}

function rowView({ digest, path, size, state }: FileRow, place: number): HTMLElement {
  return element(
    "div",
    { class: "row", role: "row", "aria-rowindex": String(place + 2), "data-state": state },
    element("span", { class: "cell state", role: "cell" }, state),
    element("span", { class: "cell path", role: "cell", title: path }, path),
    element("span", { class: "cell size", role: "cell" }, size === undefined ? "–" : sizeOf(size)),
    element(
      "span",
      { class: "cell digest", role: "cell", title: digest },
      digest.slice("sha256:".length, 23),
    ),
  );
}
