/** What `show` prints with `--json`. @module */

import type { LinkFacts } from "../../results/details.ts";
import type { NewestRunFacts } from "../../results/result-members.ts";
import type { RunFacts } from "../../results/run-verdicts.ts";
import type { Count, Path } from "../../results/words.ts";

/** An output and its digest. */
export interface OutputFacts {
  /** The path. */
  readonly path: Path;
  /** Its digest; `null` if the bundle declares none. */
  readonly digest: string | null;
}

/**
 * Three octal digits.
 * @pattern `^[0-7]{3}$`
 */
export type Mode = string;

/** OUTPUT_TREE.json as it is in the bundle. */
export interface TreeArtifactFacts {
  /** Its version. */
  readonly version: 1;
  /** What it is a tree of. */
  readonly kind: "outputs" | "snapshot";
  /** The sealed paths. */
  readonly scope: readonly Path[];
  /** The patterns that left something out. */
  readonly ignored: readonly string[];
  /** Files by their modes. */
  readonly modes: Readonly<Record<Mode, readonly Path[]>>;
  /** Folders by their modes. */
  readonly folder_modes: Readonly<Record<Mode, readonly Path[]>>;
  /** Empty folders. */
  readonly empty_folders: readonly Path[];
  /** Links. */
  readonly links: readonly LinkFacts[];
  /** What a snapshot left out. */
  readonly left_out: readonly {
    /** The path. */
    readonly path: Path;
    /** Why. */
    readonly reason: "device" | "fifo" | "link" | "socket" | "unreadable";
  }[];
}

/**
 * `code`, `phase` and `details` are of the artifacts alone, and no signer is refused. In artifacts, a number that a double does not
 * hold exactly is the text of its digits. They are absent if no signature holds.
 * @result show
 */
export interface ShowResult extends RunFacts, NewestRunFacts {
  /** Of a pulled run of the project: the reference by digest, or the archive as the user called it. */
  readonly pulled_from?: string;
  /** The outputs, 1,000,000 at most. */
  readonly outputs: readonly OutputFacts[];
  /** How many outputs are not listed. */
  readonly outputs_left_out: Count;
  /** TASK_SPEC.json. */
  readonly task_spec: object;
  /** STATUS.json. */
  readonly status: object;
  /** PROOF.json; `null` if it is missing or malformed. */
  readonly proof: object | null;
  /** OUTPUT_HASHES.json without its hashes. */
  readonly output_hashes: object;
  /** `null` if the bundle has none, and if it is not as signed: then `code` is one of `TREE_…`, unless an earlier phase failed. */
  readonly tree: TreeArtifactFacts | null;
  /** How many entries of the tree's lists are not listed: those beyond 1,000,000. */
  readonly tree_entries_left_out: Count;
}
