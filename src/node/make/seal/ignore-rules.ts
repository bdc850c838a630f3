/**
 * What a seal leaves out of the folders that it is given: folders of version control, and what the patterns of
 * `.runsealignore` and of the caller match. A path that the caller names is never left out.
 *
 * @module
 */

import {
  compareUtf8,
  decodeUtf8,
  type IgnoreFault,
  IgnorePatterns,
  ignoreLines,
  ok,
  type Result,
} from "../../../core/internal.ts";
import { OWN_FOLDER, VERSION_CONTROL } from "../../records/project/project-names.ts";
import type { AnchoredRoot } from "../../system/files/anchored-root.ts";
import { nodeFileSystem as fs } from "../../system/files/file-system.ts";
import { readRegularFile } from "../../system/files/read-source.ts";
import type { PassOver } from "../../system/files/walk-tree.ts";
import { reasonOf } from "../../system/runtime/machine-reason.ts";
import {
  type OperationFault,
  operationFault,
  type RefusedPath,
} from "../../system/runtime/operation-fault.ts";

/** The file of patterns at the root. */
export const IGNORE_FILE = ".runsealignore";

/** A thousand patterns of a thousand bytes, and some comments. */
const MAX_FILE_BYTES = 4 * 1024 * 1024;

/** The patterns of a root and of the caller, in this order; the last one that matches decides. */
export type IgnoreRules = IgnorePatterns;

/** What was left out of a tree. */
export interface LeftOutByRules {
  /** Places of version control, each by its path. */
  readonly versionControl: readonly RefusedPath[];
  /** What patterns left out. */
  readonly ignored: IgnoredEntries;
  /** Patterns by which a reader of the tree passes over the same entries. */
  readonly forTree: readonly string[];
}

/** What patterns left out. */
export interface IgnoredEntries {
  /** How many files, folders and others; what is below a folder is not counted. */
  readonly entries: number;
  /** The patterns that did so, in their order of use. */
  readonly patterns: readonly string[];
}

/**
 * Reads the rules of a root: `.runsealignore`, then the caller's patterns. Fails with INPUT_MALFORMED or READ_FAILED.
 */
export function readIgnoreRules(
  root: AnchoredRoot,
  callers: readonly string[],
): Result<IgnoreRules, OperationFault> {
  const file = readIgnoreFile(root);
  if (!file.ok) return file;
  const inFile = IgnorePatterns.parse(file.value);
  if (!inFile.ok) return malformed(inFile, IGNORE_FILE);
  const byCaller = IgnorePatterns.parse(callers);
  if (!byCaller.ok) return malformed(byCaller, undefined);
  const all = IgnorePatterns.parse([...file.value, ...callers]);
  return all.ok ? all : operationFault("INPUT_MALFORMED", { reason: "patterns" });
}

/** Watches what a walk passes over by some rules. runseal's own folder is passed over without a word. */
export class IgnoreWatch {
  readonly #rules: IgnoreRules | undefined;
  readonly #versionControl: RefusedPath[] = [];
  readonly #patterns = new Set<string>();
  /** Names that are passed over without a pattern. */
  readonly #names = new Set<string>();
  #entries = 0;

  /** Without rules, it passes over nothing but runseal's own. */
  constructor(rules: IgnoreRules | undefined) {
    this.#rules = rules;
  }

  /** Whether the walk passes over an entry. */
  readonly passOver: PassOver = (name, path, isFolder) => {
    if (name === OWN_FOLDER) {
      // Readers know the root's own one. One below the root belongs to another project.
      if (path !== OWN_FOLDER || !isFolder) this.#names.add(name);
      return true;
    }
    const decision = this.#rules?.decide(path, isFolder);
    if (decision === undefined) {
      if (this.#rules === undefined || !VERSION_CONTROL.has(name)) return false;
      this.#versionControl.push({ path, reason: "version-control" });
      this.#names.add(name);
      return true;
    }
    if (!decision.leavesOut) return false;
    this.#entries++;
    this.#patterns.add(decision.pattern);
    return true;
  };

  /** What was passed over so far. */
  leftOut(): LeftOutByRules {
    const ignored = { entries: this.#entries, patterns: [...this.#patterns] };
    return { versionControl: this.#versionControl, ignored, forTree: this.#patternsForTree() };
  }

  /**
   * The names first: patterns decide against them. Then the patterns that left something out, in the order of the list, and what
   * later patterns take back: without those, a reader would pass over an entry that this seal would have taken.
   */
  #patternsForTree(): readonly string[] {
    const patterns = [...this.#names].sort(compareUtf8);
    for (const text of this.#rules?.texts ?? []) {
      if (this.#patterns.has(text) || (text.startsWith("!") && patterns.length > 0)) patterns.push(text);
    }
    return patterns;
  }
}

function readIgnoreFile(root: AnchoredRoot): Result<readonly string[], OperationFault> {
  try {
    const reading = readRegularFile(root.dir, IGNORE_FILE, MAX_FILE_BYTES, fs);
    if (reading.kind === "missing") return ok([]);
    const text = reading.kind === "bytes" ? decodeUtf8(reading.bytes) : undefined;
    return text === undefined
      ? operationFault("INPUT_MALFORMED", { reason: "patterns", path: IGNORE_FILE })
      : ok(ignoreLines(text));
  } catch (thrown) {
    return operationFault("READ_FAILED", { path: IGNORE_FILE, reason: reasonOf(thrown) });
  }
}

function malformed({ line }: IgnoreFault, path: string | undefined): OperationFault {
  return operationFault("INPUT_MALFORMED", { reason: "patterns", line, path });
}
