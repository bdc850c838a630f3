/**
 * What every code means and what to do about it. `runseal explain`, the hints after an error and
 * docs/codes.md read the same table.
 *
 * @module
 */

import type { AnyCode } from "./codes.ts";
import { FILE_PROOF_EXPLANATIONS } from "./explain-file-proof.ts";
import { HISTORY_EXPLANATIONS } from "./explain-history.ts";
import { OPERATION_EXPLANATIONS } from "./explain-operation.ts";
import { PROJECT_EXPLANATIONS } from "./explain-project.ts";
import { RESTORE_EXPLANATIONS } from "./explain-restore.ts";
import { RUN_EXPLANATIONS } from "./explain-run.ts";
import { SIGNER_EXPLANATIONS } from "./explain-signer.ts";
import { STORE_EXPLANATIONS } from "./explain-store.ts";
import { TRUST_EXPLANATIONS } from "./explain-trust.ts";
import { VERDICT_EXPLANATIONS } from "./explain-verdict.ts";

/** Two sentences or so. */
export interface Explanation {
  readonly meaning: string;
  readonly remedy: string;
}

const EXPLANATIONS: Readonly<Record<AnyCode, readonly [meaning: string, remedy: string]>> = {
  ...VERDICT_EXPLANATIONS,
  ...HISTORY_EXPLANATIONS,
  ...FILE_PROOF_EXPLANATIONS,
  ...RESTORE_EXPLANATIONS,
  ...OPERATION_EXPLANATIONS,
  ...RUN_EXPLANATIONS,
  ...SIGNER_EXPLANATIONS,
  ...STORE_EXPLANATIONS,
  ...TRUST_EXPLANATIONS,
  ...PROJECT_EXPLANATIONS,
};

/** Explains a code. */
export function explain(code: AnyCode): Explanation {
  const [meaning, remedy] = EXPLANATIONS[code];
  return { meaning, remedy };
}
