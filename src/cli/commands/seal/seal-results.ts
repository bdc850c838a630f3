/** What `seal` prints with `--json`. @module */

import type { ListedSealFacts, SignedSealFacts, UnsignedSealFacts } from "../../results/seal-members.ts";

/** With a signature. */
export interface SignedSealResult extends SignedSealFacts, ListedSealFacts {}

/**
 * If a seal failed with `HEAD_MISSING`, `details` has `names`, the existing runs.
 * @result seal
 * @public
 */
export type SealResult = SignedSealResult | UnsignedSealFacts;
