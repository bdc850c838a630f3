/**
 * The project root of a bundle for which none was named.
 *
 * @module
 */

import { relative, resolve, sep } from "node:path";
import { OWN_FOLDER } from "../../node/project/project-names.ts";

/** The folder above `.runseal` when the bundle lies in one, else here. Relative: no message shows where that is. */
export function defaultRoot(bundle: string, cwd: string): string {
  const components = resolve(cwd, bundle).split(sep);
  const own = components.lastIndexOf(OWN_FOLDER);
  return own > 0 ? relative(cwd, components.slice(0, own).join(sep) || sep) || "." : ".";
}
