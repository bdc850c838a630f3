/** What is not as it was sealed, and what was not sealed. @module */

import { quote, quoteIfNeeded, type Rejection, type Undecided } from "../../core/internal.ts";
import { type Markup, markup } from "../markup/markup.ts";
import { sizeOf } from "../progress/size-text.ts";
import { countOf } from "../text/count-text.ts";
import type { PageFacts } from "./page-facts.ts";

/** Folders with unsealed files that a page names. */
const MAX_FOLDERS = 10;

/** The section. A bundle whose files were not looked at has none. */
export function differencesSection({ differences, source, unsealed }: PageFacts): Markup {
  if (source === undefined) return markup``;
  const { listed, more } = differences;
  const table = markup`<table><thead><tr><th>What</th><th>Path</th><th>How</th></tr></thead><tbody>
${listed.map(differenceRow)}
</tbody></table>
${more === 0 ? undefined : markup`<p class="soft">… and ${countOf(more, "more difference")}; runseal verify --all lists them.</p>`}`;
  return markup`<section${listed.length < 8 ? markup` class="whole"` : undefined}>
<h2>What is not as it was sealed</h2>
${listed.length === 0 ? markup`<p>Nothing: all that was compared is as it was sealed.</p>` : table}
${unsealedLine(unsealed)}
</section>`;
}

function differenceRow({ code, details }: Rejection | Undecided): Markup {
  return markup`<tr><td><b class="t-bad">${words(code)}</b></td><td><code>${quoteIfNeeded(details.path ?? "")}</code></td><td>${howOf(code, details)}</td></tr>
`;
}

const WORDS: Readonly<Record<string, string>> = {
  HASH_MISMATCH: "changed",
  OUTPUT_MISSING: "missing",
  TREE_ENTRY_MISSING: "missing",
  TREE_ENTRY_DIFFERS: "differs",
  TREE_EXTRA: "not sealed",
  READ_FAILED: "not readable",
  CHANGED_WHILE_READ: "changing",
};

function words(code: string): string {
  return WORDS[code] ?? code;
}

function howOf(code: string, details: Rejection["details"]): Markup | string {
  const { actual, aspect, declared_bytes, expected, found_bytes, kind } = details;
  if (aspect !== undefined)
    return `${aspect} is ${quoteIfNeeded(actual ?? "")}, was ${quoteIfNeeded(expected ?? "")}`;
  if (found_bytes !== undefined && declared_bytes !== undefined)
    return `not read: more than the ${sizeOf(declared_bytes)} that were sealed`;
  if (kind !== undefined) return kind;
  if (code === "HASH_MISMATCH")
    return markup`is <code>${shortDigest(actual)}</code>, was <code>${shortDigest(expected ?? undefined)}</code>`;
  return "";
}

/** Enough of a digest to tell two apart; what is not a digest is quoted. */
function shortDigest(declared: string | undefined): string {
  if (declared === undefined) return "no digest";
  return /^sha256:[0-9a-f]{64}$/.test(declared) ? `${declared.slice(7, 23)}…` : quote(declared);
}

function unsealedLine(unsealed: PageFacts["unsealed"]): Markup | undefined {
  if (unsealed === undefined || unsealed.files === 0) return undefined;
  const { below, files, isComplete } = unsealed;
  const named = below.slice(0, MAX_FOLDERS).map((folder) => markup` <code>${quoteIfNeeded(folder)}</code>`);
  const more = below.length - named.length;
  return markup`<p class="soft">${isComplete ? "" : "At least "}${countOf(files, "file")} in the sealed folders ${files === 1 ? "was" : "were"} not sealed, which changes no verdict. Below:${named}${more > 0 ? ` and ${countOf(more, "other folder")}` : ""}.</p>`;
}
