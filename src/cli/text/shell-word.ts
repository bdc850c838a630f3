/** Paths in commands that a user may copy. @module */

import { isWindows } from "../../node/system/runtime/this-system.ts";

/**
 * Quotes a path for a shell. Paths made by runseal begin with a variable that the shell must expand. On Windows, where no name has a double
 * quote, both shells take those.
 */
export function shellWord(path: string): string {
  if (isWindows) return `"${path}"`;
  const ours = /^\$(?:HOME|XDG_CONFIG_HOME)\/[A-Za-z0-9._@+/-]+$/.test(path);
  return ours ? `"${path}"` : `'${path.replaceAll("'", "'\\''")}'`;
}
