/**
 * A page that is one file: no script, nothing loaded. Its content security policy allows its own style by digest, and nothing else.
 *
 * @module
 */

import { createHash } from "node:crypto";
import { type Markup, markup } from "../markup/markup.ts";
import { STYLE } from "./style.ts";

const POLICY = `default-src 'none'; style-src 'sha256-${createHash("sha256").update(STYLE).digest("base64")}'; base-uri 'none'; form-action 'none'`;

/** The style sheet is the only text of the page that is not escaped. It is a constant, and has no character to escape in HTML. */
const STYLE_ELEMENT: Markup = rawStyle();

/** Encodes a page. */
export function encodePage(title: string, body: Markup): string {
  const page = markup`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${POLICY}">
<meta name="referrer" content="no-referrer">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="generator" content="runseal">
<title>${title}</title>
${STYLE_ELEMENT}
</head>
<body>
<main>
${body}
</main>
</body>
</html>
`;
  return page.toString();
}

/** A template without values, whose one part is the style. */
function rawStyle(): Markup {
  const parts = Object.assign([`<style>${STYLE}</style>`], { raw: [] });
  return markup(parts);
}
