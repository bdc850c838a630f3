/** The report on one verified run, as a page. @module */

import { RUNSEAL_VERSION } from "../../node/runtime/version.ts";
import { type Markup, markup } from "../markup/markup.ts";
import { shellWord } from "../text/shell-word.ts";
import { differencesSection } from "./differences-section.ts";
import { filesSection } from "./files-section.ts";
import { lineSection } from "./line-picture.ts";
import { encodePage } from "./page.ts";
import type { PageFacts } from "./page-facts.ts";
import { phasesSection } from "./phases-section.ts";
import { signerSection, timeSection } from "./signer-section.ts";
import { numbersSection, runSection, verdictSection } from "./verdict-section.ts";

/** Encodes the report. Pure: the same facts give the same bytes. */
export function encodeVerdictPage(facts: PageFacts): string {
  // What a reader of a rejection looks for comes first.
  const isRejected = facts.verified === undefined;
  const differences = differencesSection(facts);
  const body = markup`${verdictSection(facts)}
${numbersSection(facts)}
${isRejected ? differences : undefined}
${runSection(facts)}
${signerSection(facts)}
${timeSection(facts)}
${phasesSection(facts)}
${isRejected ? undefined : differences}
${filesSection(facts)}
${lineSection(facts.line)}
${footer(facts)}`;
  return encodePage(`${facts.report.facts.ok ? "Accepted" : "Not accepted"}: run ${facts.name}`, body);
}

/** A page is not evidence: anyone can write one. */
function footer({ at, judged, name, source, trustOptions }: PageFacts): Markup {
  const command =
    judged === undefined
      ? undefined
      : `runseal verify ${namedFor(shellWord(name), source)} --expect ${[judged.bundleRoot, ...trustOptions.map(optionWord)].join(" ")}`;
  return markup`<footer>
<p>Made by runseal ${RUNSEAL_VERSION} at ${at}. This page says what one machine found. It is not signed, and proves nothing by itself${command === undefined ? "." : ": verify the bundle yourself."}</p>
${command === undefined ? undefined : markup`<p><code>${command}</code></p>`}
</footer>`;
}

function optionWord(word: string): string {
  return word.startsWith("--") ? word : shellWord(word);
}

/** How a reader names the run. Where the archive or repository of the reader is, the page does not know. */
function namedFor(run: string, source: PageFacts["source"]): string {
  if (source === "archive") return `ARCHIVE --run ${run}`;
  return source === "registry" ? "REFERENCE" : run;
}
