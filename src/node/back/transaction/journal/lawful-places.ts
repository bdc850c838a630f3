/**
 * Which places below a root a transaction may touch: the paths in a journal obey this law.
 *
 * @module
 */

import { parseOutputPath, STAGING_PREFIX } from "../../../../core/internal.ts";

/** Whether a path is that of a chain's manifest: a name of runseal's own, at the top of the root. */
export function isChainManifest(path: string): boolean {
  return /^\.spectrum06_chain_[0-9a-f-]{36}\.json$/.test(path);
}

/** Whether a restore may make a file or a folder at a path below its root. */
export function isLawful(path: string): boolean {
  return parseOutputPath(path, { refuseColon: false }).ok && !path.startsWith(STAGING_PREFIX);
}
