/** The project that a command is about. @module */

import { lstatSync } from "node:fs";
import { join, resolve } from "node:path";
import { ok, type Result } from "../../core/system/bytes/result.ts";
import { quote } from "../../core/system/paths/quote.ts";
import { isFolder, projectPlace, type Surroundings } from "../../node/library/places/project-place.ts";
import { findProject } from "../../node/records/project/find-project.ts";
import { ownFolderOf } from "../../node/records/project/project-names.ts";
import { type OperationFault, withDetails } from "../../node/system/runtime/operation-fault.ts";
import { shellWord } from "../text/shell-word.ts";
import { UsageError } from "./usage-error.ts";

/** Finds the folder with the project. Fails as `projectPlace` does. */
export function projectRoot(
  project: string | undefined,
  surroundings: Surroundings,
): Result<string, OperationFault> {
  const place = projectPlace(project, surroundings);
  return place.ok ? ok(place.value.home) : place;
}

/** The options that say into which project to seal. */
export interface ProjectOptions {
  readonly project?: string | undefined;
  readonly here?: true | undefined;
}

/**
 * The project to seal into, as relative as what was given: the nearest one upwards, or a new one. Throws a usage error where the nearest
 * one is another user's, who could have put it above this folder to be given the files.
 */
export function projectToSealInto(
  { here, project = "." }: ProjectOptions,
  { cwd, environment }: Surroundings,
): string {
  const start = resolve(cwd, project);
  const found = here === true || !isFolder(start) ? "." : (findProject(start, environment) ?? ".");
  const home = join(project, found);
  if (found !== "." && isOfOtherUser(ownFolderOf(resolve(cwd, home))))
    throw new UsageError(
      `the project above, ${quote(home)}, belongs to another user\n--project ${shellWord(home)} seals into it; --here begins a new one`,
    );
  return home;
}

function isOfOtherUser(path: string): boolean {
  const user = process.geteuid?.();
  const owner = lstatSync(path, { throwIfNoEntry: false })?.uid;
  return user !== undefined && owner !== undefined && owner !== user && owner !== 0;
}

/** Names a root that isn't there as the caller did. */
export function atRoot(fault: OperationFault, path: string): OperationFault {
  return fault.code === "PATH_NOT_FOUND" && fault.details.reason === "folder"
    ? withDetails(fault, { path })
    : fault;
}
