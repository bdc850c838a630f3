/** What `prune` prints with `--json`. @module */

import type { CutPlaceFacts, VerdictFacts } from "../../results/run-verdicts.ts";
import type { Code, Count, Path, RunId } from "../../results/words.ts";
import type { PackProblem } from "../store/store-results.ts";

/**
 * After a dry run these say what would be removed. A prune that fails after it began to remove has these members too: they say what
 * it removed before. If the history of a guard does not hold together, or the signer of its cut is not trusted, nothing is removed,
 * and `code` is that of verify --history.
 * @result prune
 */
export interface PruneResult {
  /** Of a guard, and with --bundles: bundles in the order in which they were removed. */
  readonly forgotten: readonly {
    /** The run. */
    readonly run_id: RunId;
    /** `false` for a snapshot around a command: it does not count as a run. */
    readonly counts: boolean;
  }[];
  /** Runs of a project whose bytes were dropped, and whose bundles stay. */
  readonly dropped_run_ids: readonly RunId[];
  /** How many runs stay, of those whose bytes were dropped aside; `null` if no rule was applied. */
  readonly kept_runs: Count | null;
  /** Where the history begins now; `null` for a project, and if no further run was forgotten. */
  readonly cut: PrunedCutFacts | null;
  /** How many objects were removed, in packs or files. */
  readonly removed: Count;
  /** Their bytes. */
  readonly bytes: Count;
  /** Objects that bundles name, and that the store has. */
  readonly kept: Count;
  /** Packs that were removed. */
  readonly packs_removed: Count;
  /** New packs. */
  readonly packs_written: Count;
  /** Bytes of objects that no bundle names and that stay, because rewriting their packs is not worth it. */
  readonly waste: Count;
  /** How many folders of partial objects and packs, left by killed seals, were removed. */
  readonly partial: Count;
  /** Paths that runseal did not make, and that stay. */
  readonly strays: readonly Path[];
  /** Packs and objects that are damaged, and stay so that nothing is lost. */
  readonly damaged: readonly {
    /** The file. */
    readonly path: string;
    /** What is wrong; `"content"`: an object's bytes. */
    readonly problem: PackProblem | "content";
  }[];
  /** Paths of packs that can't be read, and stay. */
  readonly unreadable: readonly Path[];
  /** If the history of a guard was rejected. */
  readonly verdict?: VerdictFacts | null;
}

/**
 * What goes wrong with one guard leaves the others: `code` is then that of the first one.
 * @result prune --all-guards
 */
export interface PruneAllGuardsResult {
  /** The guards of this user on this machine, without those of `--store`. */
  readonly guards: readonly PrunedGuardFacts[];
  /** Of all guards together: the bytes of the objects that were removed. */
  readonly bytes: Count;
}

/** A guard that was pruned. */
export interface PrunedGuardFacts {
  /** The guarded folder; `null` if the guard does not say it. */
  readonly path: string | null;
  /** The folder of the guard. */
  readonly home: string;
  /** Whether the guarded folder is missing. */
  readonly gone: boolean;
  /** `"OK"`, or why not all was done. */
  readonly code: Code;
  /** How many runs and snapshots were dropped. */
  readonly forgotten: Count;
  /** Bytes of the objects that were removed. */
  readonly bytes: Count;
}

/** Where a pruned history begins. */
export interface PrunedCutFacts extends CutPlaceFacts {
  /** The last run that was forgotten. */
  readonly run_id: RunId;
}
