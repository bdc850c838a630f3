/** What `diff` prints with `--json`. @module */

import type { ChangesFacts } from "../../results/changes.ts";
import type { RunFacts, VerdictFacts } from "../../results/run-verdicts.ts";
import type { Count, RunId } from "../../results/words.ts";

/**
 * A file that became a link is removed as a file and added as a link. A folder is not added or removed while the other run has it too,
 * empty or not. Modes are compared only if both have a tree.
 * @result diff
 */
export interface DiffResult extends ChangesFacts {
  /** The first run; `null` if the second is the first of its history. */
  readonly before: RunFacts | null;
  /** The second run; `null` if the folder is compared. */
  readonly after: RunFacts | null;
  /** How many files both have with the same bytes. */
  readonly same: Count;
  /** If a run is rejected. */
  readonly verdict?: VerdictFacts | null;
  /** If a run is rejected: its id. */
  readonly run_id?: RunId;
}
