/** Operands that are runs or paths, by their form. @module */

import { isAbsolute, relative, resolve, sep } from "node:path";
import { quote } from "../../core/internal.ts";
import { placeForm, STDIN } from "../../node/library/places/place-form.ts";
import { UsageError } from "./usage-error.ts";

/**
 * Whether an operand is a run, where paths can be named beside runs: a word, a reference, an archive's name, or a folder of runs. All
 * else with a slash is a path.
 */
export function isSourceText(text: string): boolean {
  return placeForm(text) !== "path" || text === STDIN || /\.runseal$|(?:^|[\\/])\.runseal[\\/]/.test(text);
}

/**
 * The paths relative to a folder, as bundles have them; undefined for all of it: where none is named, or the folder itself. Throws a
 * usage error for one outside of it.
 */
export function pathsBelow(
  paths: readonly string[],
  folder: string,
  cwd: string,
  what: string,
): readonly string[] | undefined {
  const below = paths.map((path) => {
    const inside = relative(resolve(cwd, folder), resolve(cwd, path));
    if (inside === ".." || inside.startsWith(`..${sep}`) || isAbsolute(inside))
      throw new UsageError(`${quote(path)} is not in ${what}`);
    return inside.replaceAll(sep, "/");
  });
  return below.length === 0 || below.includes("") ? undefined : below;
}
