/** The options that say which bundle or chain is expected. @module */

import type { ExpectedBundle } from "../../node/verify/expected-bundle.ts";
import { UsageError } from "./usage-error.ts";

/** The options as parsed. */
export interface ExpectOptions {
  readonly expect?: string | undefined;
  readonly expectId?: string | undefined;
}

/** The bundle that is expected. Throws a usage error where a root can't be one. */
export function expectedBundle({ expectId, expect }: ExpectOptions): ExpectedBundle {
  checkRoot("--expect", expect);
  return { expectedBundleRoot: expect, expectedId: expectId };
}

/** The chain root that is expected, if one is. Throws a usage error where it can't be one. */
export function expectedChainRoot(expectChainRoot: string | undefined): string | undefined {
  checkRoot("--expect-chain-root", expectChainRoot);
  return expectChainRoot;
}

function checkRoot(option: string, root: string | undefined): void {
  if (root !== undefined && !/^[0-9a-f]{64}$/.test(root)) {
    throw new UsageError(`${option} takes 64 lowercase hex characters`);
  }
}
