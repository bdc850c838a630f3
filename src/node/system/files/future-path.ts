/** Real paths of what need not exist. @module */

import { realpathSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { unlessRefused } from "../runtime/machine-reason.ts";

/** The real path that something has, or would have if it were made. */
export function futurePath(path: string): string {
  const real = unlessRefused(() => realpathSync.native(path));
  const above = dirname(path);
  return real ?? (above === path ? path : join(futurePath(above), basename(path)));
}
