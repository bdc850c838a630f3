/**
 * The table of files. Only the rows in sight are elements, so that it scrolls as well with a hundred thousand files as with ten.
 *
 * @module
 */

import { countOf, numberOf, sizeOf } from "../words/count-text.ts";
import { element, fill } from "./element.ts";
import type { FileRows, SortKey } from "./file-rows.ts";

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

/** A table in a section. */
export class FileTable {
  readonly #section: HTMLElement;
  readonly #rows: FileRows;
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
  #key: SortKey = "state";
  #isDescending = false;

  constructor(section: HTMLElement, rows: FileRows) {
    this.#section = section;
    this.#rows = rows;
    this.#heads = COLUMNS.map(({ key, title }) => this.#head(key, title));
    this.#scroller = element("div", {
      class: "files",
      role: "table",
      tabindex: "0",
      "aria-label": "Files of the bundle",
    });
    this.#build();
    this.#arrange();
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
    this.#scroller.addEventListener("scroll", () => requestAnimationFrame(() => this.#render()), {
      passive: true,
    });
    this.#search.addEventListener("input", () => this.#arrange());
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
      this.#isDescending = this.#key === key && !this.#isDescending;
      this.#key = key;
      this.#arrange();
    });
    return element("span", { class: `cell ${key}`, role: "columnheader" }, button);
  }

  #arrange(): void {
    this.#rows.arrange(this.#search.value, this.#key, this.#isDescending);
    const { all, shown } = this.#rows.counts;
    this.#count.textContent =
      shown === all ? countOf(all, "file") : `${numberOf(shown)} of ${countOf(all, "file")}`;
    this.#scroller.setAttribute("aria-rowcount", String(shown + 1));
    for (const [index, head] of this.#heads.entries()) {
      const isSorted = COLUMNS[index]?.key === this.#key;
      head.setAttribute("aria-sort", isSorted ? (this.#isDescending ? "descending" : "ascending") : "none");
    }
    this.#space.style.height = `${Math.min(shown * ROW_HEIGHT, MOST_PIXELS)}px`;
    this.#scroller.scrollTop = 0;
    this.#render();
  }

  /** Makes the rows in sight. Beyond the pixels that a browser can measure, the scroll bar skips rows evenly. */
  #render(): void {
    const { shown } = this.#rows.counts;
    const { clientHeight, scrollTop } = this.#scroller;
    const height = Math.min(shown * ROW_HEIGHT, MOST_PIXELS);
    const room = Math.max(1, height - clientHeight + ROW_HEIGHT);
    const lastStart = Math.max(0, shown - Math.floor((clientHeight - ROW_HEIGHT) / ROW_HEIGHT));
    const isScaled = shown * ROW_HEIGHT > MOST_PIXELS;
    const top = isScaled ? Math.min(scrollTop / room, 1) * lastStart : scrollTop / ROW_HEIGHT;
    const first = Math.max(0, Math.floor(top) - OVERSCAN);
    const count = Math.ceil((clientHeight || 600) / ROW_HEIGHT) + 2 * OVERSCAN;
    const rows: HTMLElement[] = [];
    for (let place = first; place < Math.min(first + count, shown); place++) rows.push(this.#row(place));
    const offset = isScaled ? scrollTop - (top - first) * ROW_HEIGHT : first * ROW_HEIGHT;
    this.#body.style.transform = `translateY(${Math.max(0, offset)}px)`;
    this.#body.replaceChildren(...rows);
  }

  #row(place: number): HTMLElement {
    const { digest = "", path = "", size, state = "" } = this.#rows.at(place) ?? {};
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
}
