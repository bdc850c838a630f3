/** The report on one verified run, as a page. @module */

import { RUNSEAL_VERSION } from "../../node/system/runtime/version.ts";
import { type Markup, markup } from "../markup/markup.ts";
import { filesSection } from "./files-section.ts";
import { historySection } from "./history-section.ts";
import { encodePage } from "./html-page.ts";
import type { PageFacts } from "./page-facts.ts";
import { differencesSection, knownSection, phasesSection, verdictSection } from "./verdict-section.ts";

/** Encodes the report. Pure: the same facts give the same bytes. */
export function encodeVerdictPage(facts: PageFacts): string {
  // What a reader of a rejection looks for comes first.
  const isFirst = facts.differences !== undefined && facts.differences.listed.length > 0;
  const differences = differencesSection(facts);
  const body = markup`${verdictSection(facts)}
${isFirst ? differences : undefined}
${knownSection(facts)}
${phasesSection(facts)}
${isFirst ? undefined : differences}
${filesSection(facts)}
${historySection(facts.history)}
${footer(facts)}`;
  return encodePage(`${facts.verdict.title}: run ${facts.name}`, body);
}

/** A page is not evidence: anyone can write one. */
function footer({ at, command }: PageFacts): Markup {
  return markup`<footer>
<p>Made by runseal ${RUNSEAL_VERSION} at ${at}. This page says what one machine found. It is not signed, and proves nothing by itself${command === undefined ? "." : ": verify the bundle yourself."}</p>
${command === undefined ? undefined : markup`<p><code>${command}</code></p>`}
</footer>`;
}
