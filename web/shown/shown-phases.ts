/** The phases of a verification as they are shown. @module */

import { PHASE_WORDS, PHASES, type Phase, treeBinding } from "../../src/core/internal.ts";
import { type BundleReport, phaseOf } from "../verify/verify-bundle.ts";

/** One phase. */
export interface ShownPhase {
  readonly name: string;
  /** What it compares. */
  readonly words: string;
  /** `declared`: passed as far as a browser sees. */
  readonly state: "ok" | "declared" | "FAILED" | "not reached";
}

/** All phases of a verification, and a sentence about them. */
export interface ShownPhases {
  readonly summary: string;
  readonly list: readonly ShownPhase[];
}

type BundlePhase = Exclude<Phase, "chain">;

/** Shows how far a verification came. */
export function shownPhases(report: BundleReport): ShownPhases {
  const { tree, verdict } = report;
  const failed = failedPhase(report);
  const phases = phasesOf(report, failed);
  const at = failed === undefined ? -1 : phases.indexOf(failed);
  const reached = verdict.ok ? phases.length : at >= 0 ? at : reachedWithoutFiles(report, phases);
  return {
    summary: summaryOf(report, phases, at),
    list: phases.map((phase, index) => {
      const isDeclared = phase === "tree" && tree?.state === "declared";
      const passed = isDeclared ? "declared" : "ok";
      const state = index < reached ? passed : index === at ? "FAILED" : "not reached";
      return { name: phase, words: PHASE_WORDS[phase], state };
    }),
  };
}

/** The phase in which a verification of a bundle failed. */
function failedPhase({ verdict }: BundleReport): BundlePhase | undefined {
  const phase = verdict.ok ? undefined : phaseOf(verdict);
  return phase === "chain" ? undefined : phase;
}

function phasesOf({ judged }: BundleReport, failed: Phase | undefined): readonly BundlePhase[] {
  const hasTree = failed === "tree" || (judged !== undefined && treeBinding(judged) !== undefined);
  return hasTree ? [...PHASES, "tree"] : PHASES;
}

/** Without a failed phase there is no verdict: what needs no files has passed. */
function reachedWithoutFiles({ judged }: BundleReport, phases: readonly BundlePhase[]): number {
  return judged === undefined ? 0 : phases.indexOf("outputs");
}

function summaryOf({ tree, verdict }: BundleReport, phases: readonly BundlePhase[], at: number): string {
  if (verdict.ok)
    return tree?.state === "declared"
      ? `All ${phases.length} phases passed, the last one as far as a browser sees`
      : `All ${phases.length} phases passed`;
  return at < 0 ? "Phases" : `Phase ${at + 1} of ${phases.length} failed`;
}
