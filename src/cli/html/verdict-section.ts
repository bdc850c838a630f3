/** The verdict of a report, what is known of the run, what was checked, and what differs. @module */

import { type SaidPart, sentenceOf } from "../../core/internal.ts";
import { countOf } from "../../core/system/bytes/count-text.ts";
import { runName } from "../../core/system/paths/run-name.ts";
import { type Markup, markup } from "../markup/markup.ts";
import { markOf } from "./marks.ts";
import type { PageFacts } from "./page-facts.ts";

/** The verdict. */
export function verdictSection({ at, hints, name, verdict }: PageFacts): Markup {
  const { code, sentence, title, tone } = verdict;
  return markup`<header class="verdict ${tone}">
${markOf(tone)}
<div>
<h1>${title}</h1>
<p>${sentenceOf(sentence)}${code === "OK" ? undefined : markup` <code>${code}</code>`}</p>
<p>Run <b class="mono">${runName(name)}</b>, verified <span class="time">${at}</span></p>
${hints.map((hint) => markup`<p class="soft">Next: ${hint}</p>`)}
</div>
</header>`;
}

/** What the run is, who vouches for it, and when it was sealed. Nothing where no signature holds. */
export function knownSection({ facts }: PageFacts): Markup {
  if (facts.length === 0) return markup``;
  return markup`<section class="whole">
<h2>What is known</h2>
<dl>
${facts.map(
  ({ name, parts }) => markup`<dt>${name}</dt><dd>${parts.map(partMarkup)}</dd>
`,
)}</dl>
</section>`;
}

function partMarkup({ style, text }: SaidPart): Markup {
  switch (style) {
    case "plain":
      return markup`${text}`;
    case "strong":
      return markup`<b>${text}</b>`;
    case "digest":
      return markup`<span class="mono">${text}</span>`;
    case "quiet":
      return markup`<span class="mono soft other">${text}</span>`;
  }
}

/** The phases of the verification, in their order, with what each of them checks. */
export function phasesSection({ phases }: PageFacts): Markup {
  if (phases.length === 0) return markup``;
  return markup`<section class="whole">
<h2>What was checked</h2>
<ol class="phases">
${phases.map(
  ({ name, state, tone, words }) =>
    markup`<li>${markOf(tone)}<span><b>${name}</b> <span class="t-${tone}">${state}</span><span class="soft">${words}.</span></span></li>
`,
)}</ol>
</section>`;
}

/** What is not as it was sealed, and what was not sealed. */
export function differencesSection({ differences, unsealed }: PageFacts): Markup {
  if (differences === undefined) return markup``;
  const { listed, more } = differences;
  const count = listed.length + more;
  const table = markup`<p class="soft">${countOf(count, "difference")} found.</p>
<table><thead><tr><th>What</th><th>Path</th><th>How</th></tr></thead><tbody>
${listed.map(
  ({ how, path, what }) =>
    markup`<tr><td><b class="t-bad">${what}</b></td><td><code>${path}</code></td><td>${how}</td></tr>
`,
)}</tbody></table>
${more === 0 ? undefined : markup`<p class="soft">… and ${countOf(more, "more difference")}; runseal verify --all lists them.</p>`}`;
  return markup`<section${count < 8 ? markup` class="whole"` : undefined}>
<h2>What is not as it was sealed</h2>
${count === 0 ? markup`<p>Nothing: all that was compared is as it was sealed.</p>` : table}
${unsealed === undefined ? undefined : markup`<p class="soft">${sentenceOf(unsealed)} That changes no verdict.</p>`}
</section>`;
}
