/**
 * Pages as a browser would see them: elements, attributes and text.
 *
 * @module
 */

import { createHash } from "node:crypto";
import { expect } from "vitest";

/** Elements that a report may have. */
const ELEMENTS = new Set(
  "html head meta title style body main header section footer div h1 h2 h3 p b span code svg g path rect circle text dl dt dd ol ul li table thead tbody tr th td".split(
    " ",
  ),
);

/** Attributes that a report may have: none of them runs or loads anything. */
const ATTRIBUTES = new Set(
  "lang charset http-equiv content name class viewBox aria-hidden aria-label role tabindex preserveAspectRatio d x y cx cy r rx width height".split(
    " ",
  ),
);

const TAG = /<(\/?)([a-z0-9]+)((?: [a-zA-Z-]+="[^"<>]*")*)\/?>|<!doctype html>/g;

/** Fails the test where a page has an element or attribute that could run or load something, or a character that is not shown. */
export function expectHarmless(page: string): void {
  const style = /<style>([^<]*)<\/style>/.exec(page)?.[1] ?? "";
  const digest = createHash("sha256").update(style).digest("base64");
  expect(page).toContain(
    `content="default-src &#39;none&#39;; style-src &#39;sha256-${digest}&#39;; base-uri &#39;none&#39;; form-action &#39;none&#39;"`,
  );
  expect(style).not.toMatch(/url\(|@import|expression/);
  for (const [, , name, attributes = ""] of page.matchAll(TAG)) {
    if (name !== undefined) expect(ELEMENTS, name).toContain(name);
    for (const [, attribute = ""] of attributes.matchAll(/ ([a-zA-Z-]+)="/g))
      expect(ATTRIBUTES, attribute).toContain(attribute);
  }
  expect(page.replace(style, "").replace(TAG, ""), "every < begins one of these elements").not.toMatch(
    /[<>]/,
  );
  expect(page).not.toMatch(/(?!\n)\p{C}/u);
}

/** The text of a page, without its style. */
export function textOf(page: string): string {
  const characters: Readonly<Record<string, string>> = { amp: "&", lt: "<", gt: ">", quot: '"', "#39": "'" };
  return page
    .replace(/<style>[^<]*<\/style>/, "")
    .replace(/<title>[^<]*<\/title>/g, "")
    .replace(/<[^>]*>/g, " ")
    .replace(/&([^;]+);/g, (_whole, name: string) => characters[name] ?? "?")
    .replace(/\s+/g, " ");
}
