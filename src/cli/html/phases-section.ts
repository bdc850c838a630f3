/** The phases of a verification, in their order, with what each of them checks. @module */

import { PHASE_WORDS, PHASES, type Phase } from "../../core/internal.ts";
import { type Markup, markup } from "../markup/markup.ts";
import { type Meaning, markOf } from "./marks.ts";
import type { PageFacts } from "./page-facts.ts";

type CheckedPhase = Exclude<Phase, "chain">;

/** The section. Nothing where no phase ran. */
export function phasesSection({ amber, failedAt, hasTree, isJudged, trust, verified }: PageFacts): Markup {
  if (!isJudged) return markup``;
  const isEleven = hasTree || failedAt === "tree";
  const phases: readonly CheckedPhase[] = isEleven ? [...PHASES, "tree"] : PHASES;
  const failed = failedAt === undefined || failedAt === "chain" ? -1 : phases.indexOf(failedAt);
  const reached = failed < 0 ? phases.length : failed;
  const rows = phases.map((phase, index) => {
    if (index === reached && amber !== undefined) return row(phase, PHASE_WORDS[phase], "doubt", "differs");
    const meaning = index < reached ? "good" : index === reached ? "bad" : "none";
    return row(phase, PHASE_WORDS[phase], meaning);
  });
  const signer = signerEnd(verified === undefined ? undefined : trust);
  return markup`<section class="whole">
<h2>What was checked</h2>
<ol class="phases">
${rows}
${row("signer", "Whether the trust policy trusts the key that signed", ...signer)}
</ol>
</section>`;
}

const ENDS: Readonly<Record<Meaning, string>> = {
  good: "passed",
  bad: "failed",
  doubt: "in doubt",
  none: "not reached",
};

/** What the policy says of a signer. */
function signerEnd(trust: PageFacts["trust"]): readonly [Meaning, string] {
  if (trust === undefined) return ["none", ENDS.none];
  if (trust.code === "ANY_SIGNER") return ["doubt", "not judged"];
  return trust.ok ? ["good", ENDS.good] : ["doubt", "not trusted"];
}

function row(name: string, check: string, meaning: Meaning, end: string = ENDS[meaning]): Markup {
  return markup`<li>${markOf(meaning)}<span><b>${name}</b> <span class="t-${meaning}">${end}</span><span class="soft">${check}.</span></span></li>
`;
}
