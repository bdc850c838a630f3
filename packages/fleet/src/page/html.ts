/** HTML from templates: whatever is not `Html` is escaped, so text from outside enters a page in no other way. @module */

import { printable } from "runseal/core";

/** A piece of a page. Only templates make it. */
export class Html {
  readonly #text: string;

  private constructor(text: string) {
    this.#text = text;
  }

  /** Fills a template. The fixed parts are our own. */
  static fill(parts: readonly string[], values: readonly HtmlValue[]): Html {
    let text = parts[0] ?? "";
    for (const [index, value] of values.entries()) text += textOf(value) + (parts[index + 1] ?? "");
    return new Html(text);
  }

  /** The text as it is sent. */
  toString(): string {
    return this.#text;
  }
}

/** What stands in a template. Nothing is written for `undefined` and `null`. */
export type HtmlValue = Html | string | number | undefined | null | readonly HtmlValue[];

/** The tag of templates. */
export function html(parts: TemplateStringsArray, ...values: readonly HtmlValue[]): Html {
  return Html.fill(parts, values);
}

const ENTITIES: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#39;",
};

/** Escapes for elements and quoted attributes. Controls and bidirectional marks become `\u{hex}`. */
function textOf(value: HtmlValue): string {
  if (value === undefined || value === null) return "";
  if (value instanceof Html) return value.toString();
  if (typeof value === "object") return value.map(textOf).join("");
  return printable(String(value)).replace(/[&<>"']/g, (character) => ENTITIES[character] ?? "");
}
