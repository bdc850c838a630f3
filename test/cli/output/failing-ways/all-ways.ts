/** All ways of failing that the walks over the errors of the program try. @module */

import { ARCHIVE_WAYS } from "./archives.ts";
import { CHECK_WAYS } from "./check.ts";
import { EVIDENCE_WAYS } from "./evidence.ts";
import { FORCED_WAYS } from "./forced.ts";
import { GUARD_WAYS } from "./guard.ts";
import { HISTORY_WAYS } from "./history.ts";
import { KEY_WAYS } from "./keys.ts";
import { LINE_WAYS } from "./lines.ts";
import { IMPORT_WAYS, PASSPHRASE_WAYS } from "./passphrases.ts";
import { POLICY_WAYS, RARE_WAYS } from "./policies.ts";
import { PROOF_WAYS } from "./proofs.ts";
import { REGISTRY_WAYS } from "./registry.ts";
import { RESTORE_WAYS } from "./restore.ts";
import { REVERT_WAYS } from "./revert.ts";
import { RUN_WAYS } from "./run.ts";
import { SEAL_WAYS } from "./seal.ts";
import { SIGNER_WAYS, VOUCHING_WAYS } from "./signers.ts";
import { STORE_WAYS } from "./store.ts";
import { TIMESTAMP_WAYS } from "./timestamps.ts";
import { UNSIGNED_WAYS } from "./unsigned.ts";
import { USAGE_WAYS } from "./usage.ts";
import { REJECTED_WAYS, TREE_WAYS, TRUST_WAYS } from "./verify.ts";
import type { Way } from "./way.ts";

/** All of them. */
export const WAYS: readonly Way[] = [
  ...USAGE_WAYS,
  ...KEY_WAYS,
  ...PASSPHRASE_WAYS,
  ...IMPORT_WAYS,
  ...SEAL_WAYS,
  ...RUN_WAYS,
  ...UNSIGNED_WAYS,
  ...SIGNER_WAYS,
  ...REJECTED_WAYS,
  ...TREE_WAYS,
  ...TRUST_WAYS,
  ...POLICY_WAYS,
  ...RARE_WAYS,
  ...VOUCHING_WAYS,
  ...RESTORE_WAYS,
  ...REVERT_WAYS,
  ...STORE_WAYS,
  ...HISTORY_WAYS,
  ...GUARD_WAYS,
  ...LINE_WAYS,
  ...PROOF_WAYS,
  ...EVIDENCE_WAYS,
  ...ARCHIVE_WAYS,
  ...CHECK_WAYS,
  ...TIMESTAMP_WAYS,
  ...REGISTRY_WAYS,
  ...FORCED_WAYS,
];
