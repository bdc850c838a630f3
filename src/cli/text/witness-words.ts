/** Words for what a signer did not see: a bundle that was sealed elsewhere. @module */

import type { SignedElsewhereFacts } from "../results/run-verdicts.ts";

/** What is said of a command, wherever it is printed. */
export const NOT_WITNESSED = "not witnessed by the signer";

/** That a bundle was signed elsewhere, for a program; null where its sealer signed it. */
export function elsewhereFacts(signedAt: string | undefined): SignedElsewhereFacts | null {
  return signedAt === undefined ? null : { signed_at: signedAt, command: NOT_WITNESSED };
}
