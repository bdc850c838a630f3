import { describe, expect, it } from "vitest";
import { escapeText, markup } from "../../../src/cli/markup/markup.ts";
import { printable } from "../../../src/core/system/paths/quote.ts";
import { anyText } from "../../support/bundles/plain-json.ts";
import { fc, runs } from "../../support/rings/properties.ts";

const harmful = fc.constantFrom(
  "<",
  ">",
  "&",
  '"',
  "'",
  "]]>",
  "<!--",
  "\u0000",
  "\u001b",
  "\u202e",
  "\ufffe",
  "\ud800",
  "&lt;",
);
const hostileText = fc.array(fc.oneof(harmful, anyText)).map((parts) => parts.join(""));

/** What a reader of HTML or XML makes of the escaped text. */
function unescapeText(text: string): string {
  const characters: Readonly<Record<string, string>> = { amp: "&", lt: "<", gt: ">", quot: '"', "#39": "'" };
  return text.replace(/&([^;]+);/g, (_whole, name: string) => characters[name] ?? "?");
}

describe("text from outside in HTML and XML", () => {
  it("has no character left that could end an element or an attribute", () => {
    fc.assert(
      fc.property(hostileText, (text) => {
        expect(escapeText(text)).not.toMatch(/[<>"']|&(?!(?:amp|lt|gt|quot|#39);)/);
      }),
      { numRuns: runs(2_000) },
    );
  });

  it("has the characters of XML 1.0 only", () => {
    fc.assert(
      fc.property(hostileText, (text) => {
        expect(escapeText(text)).toMatch(/^[\t\n\r\u0020-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]*$/u);
      }),
      { numRuns: runs(2_000) },
    );
  });

  it("reads as the printable text that a terminal is shown", () => {
    fc.assert(
      fc.property(hostileText, (text) => {
        expect(unescapeText(escapeText(text))).toBe(printable(text));
      }),
      { numRuns: runs(2_000) },
    );
  });

  it("is escaped once in a template, and pieces of templates are not escaped again", () => {
    const item = markup`<li title="${'"&'}">${"<b>"}</li>`;
    expect(markup`<ul>${[item, item]}${undefined}${7}</ul>`.toString()).toBe(
      '<ul><li title="&quot;&amp;">&lt;b&gt;</li><li title="&quot;&amp;">&lt;b&gt;</li>7</ul>',
    );
  });
});
