/** A whole bundle in words. @module */

import {
  countersignerFacts,
  firstItems,
  type HistoryRun,
  type JsonObject,
  quoteIfNeeded,
  type SealedRun,
  type SealedTree,
  saidFailure,
  saidWords,
  sealedFacts,
} from "../../../core/internal.ts";
import { countOf } from "../../../core/system/bytes/count-text.ts";
import { runName } from "../../../core/system/paths/run-name.ts";
import type { TrustAnswer } from "../../options/trust-options.ts";
import { factLines, signerWords } from "../../verdict/verify-text.ts";
import { boundedText, sizeWords, verdictWords } from "./history-text.ts";
import { plainJson } from "./plain-json.ts";
import type { SeenHere } from "./see-bundle.ts";
import { isProgramIn, treeSections } from "./tree-words.ts";

/** How much of a bundle a person is shown; `--json` has all of it. */
const MAX_OUTPUTS = 1000;
const MAX_LINES = 200;
const MAX_LINE_CHARACTERS = 1000;

/** A bundle whose signature holds, section by section. */
export function shownLines(seen: SeenHere, sealed: SealedRun, trust: TrustAnswer, colour: boolean): string {
  const { pulledFrom, run, tree } = seen;
  const said = saidFailure(sealed.status);
  const line = (name: string, value: string | undefined): string =>
    value === undefined ? "" : `${name.padEnd(9)}${value}\n`;
  const { sealedAt } = run;
  const times = sealedAt === undefined ? undefined : { sealedAt, signedAt: sealed.binding?.signedAt };
  return [
    line("run", runName(run.runId)),
    line("pulled", pulledFrom === undefined ? undefined : `from ${quoteIfNeeded(pulledFrom)}`),
    line("verdict", `${verdictWords(seen, false, colour)}; the outputs were not looked at`),
    line("failure", said === undefined ? undefined : saidWords(said)),
    line("hash", run.bundleRoot),
    line("before", run.previousBundleRoot),
    failedRunLines(run),
    line("files", sizeWords(sealed.claims.length, sealed.bytes)),
    factLines(sealedFacts(times, sealed.taskSpec)),
    line("signer", signerWords(sealed.signer, trust.name)),
    line("trust", trust.reason),
    factLines(countersignerFacts(trust.countersigners)),
    outputLines(sealed, tree),
    treeSections(tree),
    artifactLines("task spec", sealed.taskSpec),
    artifactLines("status", sealed.status),
    sealed.proof === undefined ? "" : artifactLines("proof", sealed.proof),
  ].join("");
}

/** Runs since the one before it that failed or were killed. */
function failedRunLines({ failedRuns: { listed, more } }: HistoryRun): string {
  const lines = listed.map(
    ({ bundleRoot, runId }) =>
      `lists    ${runName(runId)}, ${bundleRoot === undefined ? "killed" : `failed (${bundleRoot})`}`,
  );
  const shown =
    more === 0 ? lines : [...lines, `lists    ${countOf(more, "more run")} that failed or were killed`];
  return shown.map((line) => `${line}\n`).join("");
}

/** Of a bundle with a tree, a program has an `x` before its digest. */
function outputLines({ claims }: SealedRun, tree: SealedTree | undefined): string {
  const isProgram = isProgramIn(tree);
  const shown = firstItems(claims, MAX_OUTPUTS).map((claim) => {
    const digest = claim.lawful ? claim.digest : undefined;
    const mark = isProgram(claim.path) ? "x" : " ";
    return `${mark} ${(digest ?? "no digest").padEnd(64)}  ${quoteIfNeeded(claim.path)}\n`;
  });
  const more = claims.length - shown.length;
  const left = more > 0 ? `  … and ${countOf(more, "more output")}; --json has them\n` : "";
  return `outputs\n${shown.join("")}${left}`;
}

function artifactLines(name: string, object: JsonObject): string {
  const text = JSON.stringify(plainJson(object), undefined, 2);
  return `${name}\n${boundedText(text, MAX_LINES, MAX_LINE_CHARACTERS, "  ")}`;
}
