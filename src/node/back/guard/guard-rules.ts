/**
 * What a guard leaves out of a folder by name: runseal's own folders, staging folders of restores, and what patterns match. The
 * patterns are read once, before a command runs. What the command does to `.runsealignore` has no effect.
 *
 * @module
 */

import { IgnorePatterns, ok, type Result, STAGING_PREFIX } from "../../../core/internal.ts";
import { readIgnoreRules } from "../../make/seal/ignore-rules.ts";
import { OWN_FOLDER } from "../../records/project/project-names.ts";
import type { AnchoredRoot } from "../../system/files/anchored-root.ts";
import { type OperationFault, operationFault } from "../../system/runtime/operation-fault.ts";

/** Patterns that every snapshot names: what a guard always leaves out. */
const ALWAYS: readonly string[] = [OWN_FOLDER, `/${STAGING_PREFIX}*`];

/** Why a guard leaves an entry out by its name. */
export type NameReason = "own-folder" | "pattern";

/** What a guard leaves out by name. */
export class GuardRules {
  /** The caller's patterns and those of the folder, in the order of their use. */
  readonly patterns: readonly string[];
  readonly #rules: IgnorePatterns;

  private constructor(rules: IgnorePatterns) {
    this.patterns = rules.texts;
    this.#rules = rules;
  }

  /** Reads `.runsealignore` of a folder, then adds the caller's patterns. Fails with INPUT_MALFORMED or READ_FAILED. */
  static read(root: AnchoredRoot, callers: readonly string[]): Result<GuardRules, OperationFault> {
    const read = readIgnoreRules(root, callers);
    return read.ok ? GuardRules.of(read.value.texts) : read;
  }

  /** Takes patterns that a snapshot recorded. Fails with INPUT_MALFORMED where there are too many. */
  static of(patterns: readonly string[]): Result<GuardRules, OperationFault> {
    const rules = IgnorePatterns.parse(patterns);
    const all = IgnorePatterns.parse([...ALWAYS, ...patterns]);
    return rules.ok && all.ok
      ? ok(new GuardRules(rules.value))
      : operationFault("INPUT_MALFORMED", { reason: "patterns" });
  }

  /** The patterns as a snapshot's tree names them, with those of every snapshot. */
  get forTree(): readonly string[] {
    return [...ALWAYS, ...this.patterns];
  }

  /** Why an entry is left out, and the pattern if one is the reason; `undefined` for an entry that is guarded. */
  decide(
    name: string,
    path: string,
    isFolder: boolean,
  ): { readonly reason: NameReason; readonly pattern?: string } | undefined {
    if (name === OWN_FOLDER || (path === name && name.startsWith(STAGING_PREFIX)))
      return { reason: "own-folder" };
    const decision = this.#rules.decide(path, isFolder, name);
    return decision?.leavesOut === true ? { reason: "pattern", pattern: decision.pattern } : undefined;
  }
}

/** The patterns of a guard that a snapshot's tree names, without those of every snapshot. */
export function patternsOfTree(ignored: readonly string[]): readonly string[] {
  return ignored.slice(ALWAYS.length);
}
