/** The frame of a page. One that is written to a file has no script and no link to a service. @module */

import { createHash } from "node:crypto";
import { Html, type HtmlValue, html } from "./html.ts";
import { SCRIPT, STYLE } from "./style.ts";

/** Where a page is shown. The login is served without links to the other pages. */
export type Shown = "served" | "login" | "file";

/** What a page is allowed to do: its own style, and of a served one its own script, requests and forms to its own service. */
const OWN = `default-src 'none'; base-uri 'none'; style-src ${digestOf(STYLE)}`;

/** The content security policy of served pages, for the header. */
export const SERVED_POLICY: string = `${OWN}; script-src ${digestOf(SCRIPT)}; connect-src 'self'; form-action 'self'; frame-ancestors 'none'`;

const FILE_POLICY = `${OWN}; form-action 'none'`;

/** Encodes a page. */
export function encodePage(title: string, body: HtmlValue, shown: Shown): string {
  const policy =
    shown === "file"
      ? html`
<meta http-equiv="Content-Security-Policy" content="${FILE_POLICY}">`
      : undefined;
  const page = html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">${policy}
<meta name="referrer" content="no-referrer">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="generator" content="runseal-fleet">
<title>${title}</title>
${fixed(`<style>${STYLE}</style>`)}
</head>
<body>
${shown === "served" ? NAVIGATION : undefined}
<main>
${body}
</main>
${shown === "served" ? fixed(`<script>${SCRIPT}</script>`) : undefined}
</body>
</html>
`;
  return page.toString();
}

/** The page that asks for a token. */
export function loginPage(isWrong: boolean): string {
  const body = html`<h1>Audits of runs</h1>
<section>
<form class="search" method="post" action="/login">
<label>Token<input name="token" type="password" autocomplete="off" required></label>
<button>Show audits</button>
</form>
<p class="quiet pages">${isWrong ? "The token is not valid. " : ""}An operator makes one: runseal-fleet token add --role read</p>
</section>`;
  return encodePage("Token needed", body, "login");
}

const NAVIGATION = html`<nav aria-label="Service"><b>runseal-fleet</b><a href="/">Audits</a><a href="/search">Search</a>
<form method="post" action="/logout"><button class="plain">Forget the token</button></form></nav>`;

function digestOf(text: string): string {
  return `'sha256-${createHash("sha256").update(text).digest("base64")}'`;
}

/** Text of our own that has nothing to escape. */
function fixed(text: string): Html {
  return Html.fill([text], []);
}
