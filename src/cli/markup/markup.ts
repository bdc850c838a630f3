/**
 * HTML and XML from templates. Text from outside enters a document through `escapeText` alone: in a template, whatever is not
 * `Markup` is escaped.
 *
 * @module
 */

import { printable } from "../../core/internal.ts";

/** A piece of a document, in which everything from outside is escaped. Only templates make it. */
export class Markup {
  readonly #text: string;

  private constructor(text: string) {
    this.#text = text;
  }

  /** Fills a template. The fixed parts are our own. */
  static fill(parts: readonly string[], values: readonly MarkupValue[]): Markup {
    let text = parts[0] ?? "";
    for (const [index, value] of values.entries()) text += textOf(value) + (parts[index + 1] ?? "");
    return new Markup(text);
  }

  /** The document as it is written. */
  toString(): string {
    return this.#text;
  }
}

/** What stands in a template. Nothing is written for `undefined`. */
export type MarkupValue = Markup | string | number | undefined | readonly MarkupValue[];

/** The tag of templates of HTML, SVG and XML. */
export function markup(parts: TemplateStringsArray, ...values: readonly MarkupValue[]): Markup {
  return Markup.fill(parts, values);
}

function textOf(value: MarkupValue): string {
  if (value === undefined) return "";
  if (value instanceof Markup) return value.toString();
  if (typeof value === "object") return value.map(textOf).join("");
  return escapeText(String(value));
}

const ENTITIES: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#39;",
};

/**
 * Escapes any text for the content of an element and for a quoted attribute, of HTML and of XML 1.0. A character that a terminal is
 * not shown either, such as a control or a bidirectional mark, becomes `\u{hex}`: what is left is legal XML.
 */
export function escapeText(text: string): string {
  return printable(text).replace(/[&<>"']/g, (character) => ENTITIES[character] ?? "");
}
