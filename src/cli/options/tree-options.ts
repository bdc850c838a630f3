/** The options that say how a folder is compared with a tree. @module */

import type { TreeDemand } from "../../node/source/tree-look.ts";
import { checkIgnored } from "./ignored.ts";
import { UsageError } from "./usage-error.ts";

/** The options as parsed. */
export interface TreeOptions {
  readonly exact?: true | undefined;
  readonly ignore: readonly string[];
  readonly ignoreModes?: true | undefined;
}

/** What the options ask of a verification. Throws a usage error. */
export function treeDemand({ exact, ignore, ignoreModes }: TreeOptions, isStored: boolean): TreeDemand {
  if (exact === true && isStored)
    throw new UsageError("--exact looks below the root, and --stored does not; give one");
  checkIgnored(ignore);
  return { exact, ignore, ignoreModes };
}
