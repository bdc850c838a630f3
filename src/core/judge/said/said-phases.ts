/** How far a verification came: the same phases and words for text, report, JUnit and page. @module */

import { PHASE_WORDS } from "../../system/codes/phase-words.ts";
import { PHASES, type Phase } from "../../system/codes/verdict.ts";
import type { Tone } from "./tone.ts";

/** A phase, and what came of it. */
export interface MarkedPhase<Name extends string = string> {
  readonly name: Name;
  readonly tone: Tone;
  readonly state: "ok" | "its artifact only" | "FAILED" | "differs" | "not reached";
}

/** A phase of a verification. */
export interface SaidPhase extends MarkedPhase {
  /** What it compares, in a clause. */
  readonly words: string;
}

/** How phases ended. */
interface End<Name extends string> {
  /** Undefined where no phase failed. */
  readonly failedAt: Name | undefined;
  /** Phases that were not reached although no earlier one failed. */
  readonly skipped?: readonly Name[];
  /** Whether a later run explains the failure. */
  readonly isExplained?: boolean;
  /** Whether the tree was compared as far as its artifact goes. */
  readonly isDeclared?: boolean;
}

/** How a verification of a run ended. */
export interface PhasesEnd extends End<Phase> {
  readonly hasTree: boolean;
}

/** All phases of a verification. The eleventh is for a tree. */
export function saidPhases({ hasTree, ...end }: PhasesEnd): readonly SaidPhase[] {
  const names = hasTree || end.failedAt === "tree" ? ([...PHASES, "tree"] as const) : PHASES;
  return markPhases<Phase>(names, end).map((phase, index) => ({
    ...phase,
    words: PHASE_WORDS[names[index] ?? "tree"],
  }));
}

/** Any phases, up to the one that failed; all of them passed without one. */
export function markPhases<Name extends string>(
  names: readonly Name[],
  { failedAt, isDeclared = false, isExplained = false, skipped = [] }: End<Name>,
): readonly MarkedPhase<Name>[] {
  const failed = failedAt === undefined ? -1 : names.indexOf(failedAt);
  return names.map((name, index) => {
    if (index === failed)
      return isExplained ? { name, tone: "amber", state: "differs" } : { name, tone: "bad", state: "FAILED" };
    if (skipped.includes(name) || (failed >= 0 && index > failed))
      return { name, tone: "plain", state: "not reached" };
    return { name, tone: "good", state: name === "tree" && isDeclared ? "its artifact only" : "ok" };
  });
}
