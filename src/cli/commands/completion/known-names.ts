/**
 * Names of runs and keys that can be typed in a shell as they are. A project may come from an attacker: a name that a shell would
 * expand, split or take for an option is not offered.
 *
 * @module
 */

import { readdirSync } from "node:fs";
import { join, resolve } from "node:path";
import { isPlainName } from "../../../core/system/paths/run-name.ts";
import { projectPlace, type Surroundings } from "../../../node/library/places/project-place.ts";
import { readRunIds } from "../../../node/records/project/near-runs.ts";
import {
  pulledFolderOf,
  runsFolderOf,
  unsignedFolderOf,
} from "../../../node/records/project/project-names.ts";
import { unlessRefused } from "../../../node/system/runtime/machine-reason.ts";
// Not the functions that read keys: they load far more than names need, and a person waits at every Tab.
import { configFolder, unusableVariable } from "../../../node/system/runtime/user-home.ts";

/** Names of one kind, at most: a shell lists no more. */
const MOST_NAMES = 2000;

/** The run ids of the project; none if there is no project. */
export function knownRuns(project: string | undefined, surroundings: Surroundings): readonly string[] {
  return namesBelow(project, surroundings, [runsFolderOf, pulledFolderOf]);
}

/** The ids of bundles that wait for a signer; none if there is no project. */
export function knownUnsigned(project: string | undefined, surroundings: Surroundings): readonly string[] {
  return namesBelow(project, surroundings, [unsignedFolderOf]);
}

/** The names of the user's keys; none if they can't be read. */
export function knownKeyNames({ environment }: Pick<Surroundings, "environment">): readonly string[] {
  if (unusableVariable(environment, "XDG_CONFIG_HOME") !== undefined) return [];
  const files = unlessRefused(() => readdirSync(join(configFolder(environment), "keys"))) ?? [];
  return files
    .filter((file) => file.endsWith(".pub"))
    .map((file) => file.slice(0, -".pub".length))
    .filter(isPlainName)
    .sort();
}

function namesBelow(
  project: string | undefined,
  surroundings: Surroundings,
  folders: readonly ((home: string) => string)[],
): readonly string[] {
  const place = projectPlace(project, surroundings);
  if (!place.ok) return [];
  const names = folders.flatMap((folderOf) =>
    readRunIds(resolve(surroundings.cwd, folderOf(place.value.home))),
  );
  return names.filter(isPlainName).sort().slice(0, MOST_NAMES);
}
