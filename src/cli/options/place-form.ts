/** What the form of a text alone says, whatever lies on the disk: where a run can be outside of a project, and what is a path. @module */

import { isAbsolute, relative, resolve, sep } from "node:path";
import { quote } from "../../core/internal.ts";
import { looksLikeReference } from "../../core/registry/reference.ts";
import { isPathText } from "../text/path-text.ts";
import { UsageError } from "./usage-error.ts";

/** How the names of archives end. */
const ARCHIVE_ENDING = ".runseal";

/** Stands for standard input or output. */
export const STDIN = "-";

/** In a registry or layout, or at a path: a run's folder, or an archive, for which `-` is a path too. Undefined: a run's id. */
export function placeForm(text: string): "reference" | "path" | undefined {
  if (text === STDIN) return "path";
  // A drive of Windows is not a host: the port would be empty.
  if (looksLikeReference(text) && !/^[A-Za-z]:[\\/]/.test(text)) return "reference";
  return isPathText(text) || text.endsWith(ARCHIVE_ENDING) ? "path" : undefined;
}

/**
 * Whether an operand is a run, where paths can be named beside runs: a word, a reference, an archive's name, or a folder of runs. All
 * else with a slash is a path.
 */
export function isSourceText(text: string): boolean {
  return placeForm(text) !== "path" || text === "-" || /\.runseal$|(?:^|[\\/])\.runseal[\\/]/.test(text);
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
