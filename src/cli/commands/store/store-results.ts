/** What `store` prints with `--json`. @module */

import type { Code, Count, Path, RunId } from "../../results/words.ts";

/** With `--json` the object is hashed and not printed. @result store cat */
export interface StoreCatResult {
  /** Its digest. */
  readonly object: string;
  /** Its bytes. */
  readonly bytes: Count;
}

/**
 * `code` is `"STORE_DAMAGED"` if something is corrupted (`details.reason` is `"object"`) or a pack is damaged (`"pack"`), else
 * `"READ_FAILED"` if something can't be read.
 * @result store check
 */
export interface StoreCheckResult {
  /** How many objects are sound. An object in a pack and in a file counts twice. */
  readonly sound: Count;
  /** Their bytes. */
  readonly bytes: Count;
  /** Objects whose bytes are wrong. */
  readonly corrupted: readonly {
    /** The file or pack. */
    readonly path: string;
    /** The object's digest. */
    readonly expected: string;
    /** That of its bytes; `null` if it is not a regular file. */
    readonly actual: string | null;
  }[];
  /** How many corrupted objects are not listed: more than 10,000. */
  readonly unlisted: Count;
  /** Damaged packs. */
  readonly damaged: readonly DamagedPackFacts[];
  /** Indexes that the next seal or prune repairs. */
  readonly indexes: readonly {
    /** The pack. */
    readonly path: string;
    /** What is wrong with its index. */
    readonly problem: "missing" | "wrong" | "orphan";
  }[];
  /** Paths of packs that can't be read. */
  readonly unreadable: readonly Path[];
  /** Paths that runseal did not make. */
  readonly strays: readonly Path[];
  /** How many folders of partial objects and packs there are; a seal may still be writing them. */
  readonly partial: Count;
  /** Bundles of which objects are missing. */
  readonly not_kept: readonly {
    /** The run. */
    readonly run_id: RunId;
    /** How many objects its bundle names. */
    readonly named: Count;
    /** How many of them are missing. */
    readonly missing: Count;
  }[];
  /** Bundles that can't be read. */
  readonly unreadable_bundles: readonly {
    /** The run. */
    readonly run_id: RunId;
    /** Why. */
    readonly code: Code;
  }[];
}

/** What is wrong with a pack. */
export type PackProblem = "not-a-file" | "too-large" | "unknown-form" | "torn" | "misnamed" | "records";

/** A damaged pack. */
export interface DamagedPackFacts {
  /** The pack. */
  readonly path: string;
  /** What is wrong with it. */
  readonly problem: PackProblem;
}

/** @result store size */
export interface StoreSizeResult {
  /** The project at hand and the guards of this machine, the largest first. */
  readonly places: readonly {
    /** `"project"` for the project at hand. */
    readonly kind: "project" | "guard";
    /** The project, or the guarded folder; `null` if the guard does not say it. */
    readonly path: string | null;
    /** The folder that has `.runseal`. */
    readonly home: string;
    /** The sizes of all files there. */
    readonly bytes: Count;
    /** The time of the last seal. */
    readonly changed_at: string | null;
    /** Whether the guarded folder is missing. */
    readonly gone: boolean;
  }[];
  /** Of all places together. */
  readonly bytes: Count;
}
