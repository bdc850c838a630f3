/** What was found of outputs and trees. @module */

import type { JudgedFacts } from "./run-verdicts.ts";
import type { Code, Count, OutputSource, RunId, Sha256 } from "./words.ts";

/** What was found of modes, links and empty folders. */
export interface JudgedTreeFacts {
  /** `"declared"`: the outputs came from the store, where only OUTPUT_TREE.json was checked. `"unbound"`: there is an OUTPUT_TREE.json that the signature does not name, and nothing looked at it. `"none"`: there is none. */
  readonly state: "checked" | "declared" | "unbound" | "none";
  /** Links of the tree. */
  readonly links: Count;
  /** Links that lead outside. */
  readonly links_outside: Count;
  /** Empty folders. */
  readonly empty_folders: Count;
  /** Files that their owner may execute. */
  readonly programs: Count;
  /** Whether modes were passed over. */
  readonly modes_ignored: boolean;
  /** Whether `--exact` was given. */
  readonly exact: boolean;
  /** How many entries `--exact` passed over by patterns. */
  readonly extra_ignored: Count;
}

/** A run whose outputs were read. */
export interface RunOutputsFacts {
  /** The run. */
  readonly run_id: RunId;
  /** Where its bytes came from. */
  readonly source: OutputSource;
  /** How many outputs it has. */
  readonly files: Count;
  /** How many of them are missing or different in the folder. `null` if that was not counted: with `--stored`, for an archive, for a run whose bytes were dropped, and for runs from the store with more than 10,000 files or 256 MiB together. */
  readonly differing: Count | null;
}

/** Of a chain of runs. */
export interface JudgedChainFacts extends JudgedFacts {
  /** Of the chain. */
  readonly chain_root: Sha256 | null;
  /** The roots of its bundles. */
  readonly bundle_roots: readonly Sha256[] | null;
  /** Their runs. */
  readonly run_ids: readonly RunId[] | null;
  /** Each run whose outputs were read, oldest first; in a rejected chain, up to the run that failed. */
  readonly runs: readonly RunOutputsFacts[];
  /** What is worth knowing of the chain. */
  readonly notes: readonly {
    /** What. */
    readonly code: Code;
    /** Of which run. */
    readonly run_id: RunId;
    /** What the note is about. */
    readonly subject: string;
  }[];
}
