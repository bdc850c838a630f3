/** The options that say which run is expected. @module */

import type { ExpectedBundle } from "../../node/judge/verify/expected-bundle.ts";

/** The options as parsed. */
export interface ExpectOptions {
  /** 64 lowercase hex characters: the bundle root; of a history the chain root. */
  readonly expect?: string | undefined;
  readonly expectId?: string | undefined;
}

/** The bundle that is expected. */
export function expectedBundle({ expectId, expect }: ExpectOptions): ExpectedBundle {
  return { expectedBundleRoot: expect, expectedId: expectId };
}
