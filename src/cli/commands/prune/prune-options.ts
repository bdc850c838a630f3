/** The options of `runseal prune`. @module */

import type { StoreOptions } from "../../options/guard-options.ts";
import type { SignerOptions } from "../../options/signer-options.ts";
import type { ProgressOptions } from "../../progress/show-progress.ts";

/** The options as parsed. */
export interface PruneOptions extends SignerOptions, StoreOptions, ProgressOptions {
  readonly project?: string | undefined;
  readonly guard?: string | undefined;
  readonly allGuards?: true | undefined;
  readonly bundles?: true | undefined;
  readonly yes?: true | undefined;
  readonly keepLast?: number | undefined;
  readonly keepDays?: number | undefined;
  readonly dryRun?: true | undefined;
}
