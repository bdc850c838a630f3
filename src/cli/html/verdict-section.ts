/** The head of a report: the verdict in one word and one sentence, and the numbers of the run. @module */

import type { CarrierName } from "../../node/source/bundle-source.ts";
import { type Markup, markup } from "../markup/markup.ts";
import { sizeOf } from "../progress/size-text.ts";
import { commandWords } from "../text/command-words.ts";
import { numberOf } from "../text/count-text.ts";
import { recordedCommand } from "../text/recorded-command.ts";
import { runName } from "../text/run-name.ts";
import { type Meaning, markOf } from "./marks.ts";
import type { PageFacts } from "./page-facts.ts";

/** What the verdict is called. */
interface VerdictWords {
  readonly meaning: Meaning;
  readonly title: string;
  readonly sentence: string;
}

/** The verdict. */
export function verdictSection(facts: PageFacts): Markup {
  const { meaning, sentence, title } = verdictWords(facts);
  const { report } = facts;
  const hints = report.error?.hints ?? [];
  return markup`<header class="verdict ${meaning}">
${markOf(meaning)}
<div>
<h1>${title}</h1>
<p>${sentence}</p>
<p>Run <b class="mono">${runName(facts.name)}</b>, verified <span class="time">${facts.at}</span></p>
${hints.map((hint) => markup`<p class="soft">Next: ${hint}</p>`)}
</div>
</header>`;
}

/** Whether a report is of an accepted run, of one whose signer is not trusted, of a rejected one, or of none. */
function verdictWords({
  amber,
  failedAt,
  isJudged,
  report,
  source,
  trust,
  verified,
}: PageFacts): VerdictWords {
  const { code, message } = report.facts;
  if (amber !== undefined)
    return { meaning: "doubt", title: amber.title, sentence: `${code}: ${amber.sentence}` };
  const what =
    source === "store"
      ? "What the project's store keeps is as it was sealed, the disk was not looked at"
      : "Everything is as it was sealed";
  if (verified !== undefined && trust?.ok === true) {
    const isJudgedSigner = trust.code === "OK";
    return isJudgedSigner
      ? {
          meaning: "good",
          title: "Accepted",
          sentence: `${what}, and the signer is trusted.`,
        }
      : {
          meaning: "doubt",
          title: "Sound, signer not judged",
          sentence: `${what}. The signer was not judged: --any-signer accepts any key.`,
        };
  }
  if (verified !== undefined && trust !== undefined)
    return {
      meaning: "doubt",
      title: "Sound, but the signer is not trusted",
      sentence: `${trust.code}: ${trust.reason}`,
    };
  const isUndecided = !isJudged || code === "READ_FAILED" || code === "CHANGED_WHILE_READ";
  const sentence = `${code}: ${message}`;
  if (isUndecided) return { meaning: "none", title: "No verdict", sentence };
  return {
    meaning: "bad",
    title: "Rejected",
    sentence: failedAt === undefined ? sentence : `Phase ${failedAt}. ${sentence}`,
  };
}

/** The numbers of a run. The size counts the files that were found, whatever they hold. */
export function numbersSection({ amber, differences, files, judged, verified }: PageFacts): Markup {
  if (judged === undefined) return markup``;
  const changed = differences.listed.length + differences.more;
  const bytes = verified?.bytes ?? files?.bytes;
  return markup`<div class="numbers">
<div><b>${numberOf(judged.claims.length)}</b><span>${judged.claims.length === 1 ? "file" : "files"} sealed</span></div>
${bytes === undefined ? undefined : markup`<div><b>${sizeOf(bytes)}</b><span>${verified === undefined ? "total size found" : "total size"}</span></div>`}
<div><b class="${changed === 0 ? "" : amber === undefined ? "t-bad" : "t-doubt"}">${numberOf(changed)}</b><span>${changed === 1 ? "difference" : "differences"} found</span></div>
<div><b class="mono">${judged.bundleRoot.slice(0, 12)}…</b><span>bundle root</span></div>
</div>`;
}

/** Where the files were read. */
const FILES_FROM: Readonly<Record<CarrierName, string>> = {
  root: "the disk",
  store: "the project's store",
  archive: "the archive",
  registry: "the registry",
};

/** What the run is, and what it says of itself. */
export function runSection({ judged, name, said, source, tree, verified }: PageFacts): Markup {
  if (judged === undefined) return markup``;
  const command = commandOf(verified);
  return markup`<section class="whole">
<h2>The run</h2>
<dl>
<dt>Run id</dt><dd class="mono">${runName(verified?.runId ?? name)}</dd>
<dt>Bundle root</dt><dd class="mono">${judged.bundleRoot}</dd>
${command === undefined ? undefined : markup`<dt>Command</dt><dd class="mono">${command}</dd>`}
${verified?.binding?.signedAt === undefined || command === undefined ? undefined : markup`<dt></dt><dd class="soft">The signer did not witness the command and its exit code.</dd>`}
${said === undefined ? undefined : markup`<dt>Failure</dt><dd>${said}</dd>`}
${tree === "" ? undefined : markup`<dt>Tree</dt><dd>${tree}</dd>`}
${source === undefined ? undefined : markup`<dt>Files from</dt><dd>${FILES_FROM[source]}</dd>`}
</dl>
</section>`;
}

/** How much of a command a page shows. */
const MAX_COMMAND_CHARACTERS = 2000;

/** The recorded command as it could be typed. */
function commandOf(verified: PageFacts["verified"]): string | undefined {
  const command = recordedCommand(verified?.taskSpec);
  return command && commandWords(command, MAX_COMMAND_CHARACTERS);
}
