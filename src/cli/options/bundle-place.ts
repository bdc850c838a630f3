/** What a person means by BUNDLE: a run directory, or a run of the project at hand. @module */

import { lstatSync, statSync } from "node:fs";
import { basename, dirname, join, relative, resolve, sep } from "node:path";
import { ok, type Result } from "../../core/bytes/result.ts";
import { ARTIFACT_NAMES } from "../../core/paths/artifact-name.ts";
import { quote } from "../../core/paths/quote.ts";
import { looksLikeReference, pinsDigest } from "../../core/registry/reference.ts";
import { isRunId } from "../../node/bundle/run-id.ts";
import { nearRuns } from "../../node/project/near-runs.ts";
import {
  OWN_FOLDER,
  PULLED_NAME,
  pulledFolderOf,
  RUNS_NAME,
  runsFolderOf,
} from "../../node/project/project-names.ts";
import { readWaitingRuns } from "../../node/project/waiting-runs.ts";
import { errnoOf } from "../../node/runtime/machine-reason.ts";
import { type OperationFault, operationFault } from "../../node/runtime/operation-fault.ts";
import { projectPlace, type Surroundings } from "./project-root.ts";
import { UsageError } from "./usage-error.ts";

/** How references to one run end. */
const RUN_OF_REPOSITORY = /:[^/]*$/;

/** How the names of archives end, by custom. */
const ARCHIVE_ENDING = ".runseal";

/** Where a bundle is, and what its outputs' paths are relative to. Both as relative as what was given. */
export interface BundlePlace {
  readonly bundle: string;
  readonly root: string;
  /** The project whose store keeps the outputs. */
  readonly home: string;
}

/**
 * Finds a bundle. A text with a slash, or with the name of a run directory that is here, is a path; any other run id is
 * one of the project at `root`, or of the nearest project upwards, sealed there or pulled. A digest is never a path. Fails with an operation fault where the text names
 * neither: a typing error must not look like a verdict. Throws a usage error for a run of a repository.
 */
export function placeOfBundle(
  text: string,
  root: string | undefined,
  surroundings: Surroundings,
): Result<BundlePlace, OperationFault> {
  const { cwd } = surroundings;
  const here = pinsDigest(text) ? "missing" : lookAt(resolve(cwd, text));
  const isName = isRunId(text);
  if (here === "run-directory") {
    const home = root ?? defaultRoot(text, cwd);
    return ok({ bundle: text, root: home, home });
  }
  if (here === "missing" && looksLikeReference(text) && RUN_OF_REPOSITORY.test(text))
    throw new UsageError(
      `${quote(text)} is in a registry, and this command takes runs of a project\nrunseal pull brings a run into a project`,
    );
  if (!isName) return operationFault(here === "missing" ? "PATH_NOT_FOUND" : "NOT_A_RUN", { path: text });
  // A name such as pack's examples give an archive. It is looked for here, and in no project.
  const isArchiveName = here === "missing" && text.endsWith(ARCHIVE_ENDING);
  const project = projectPlace(root, surroundings);
  if (!project.ok && isArchiveName) return operationFault("PATH_NOT_FOUND", { path: text });
  if (!project.ok && here === "other") return operationFault("NOT_A_RUN", { path: text });
  if (!project.ok && project.code === "PROJECT_NOT_FOUND")
    return operationFault(project.code, { ...project.details, run_id: text });
  if (!project.ok) return project;
  const { home } = project.value;
  const runs = runsFolderOf(home);
  const bundle = [runs, pulledFolderOf(home)]
    .map((folder) => join(folder, text))
    .find((path) => mayBeThere(resolve(cwd, path)));
  if (bundle !== undefined) return ok({ bundle, ...project.value });
  if (here === "other") return operationFault("NOT_A_RUN", { path: text });
  if (isArchiveName) return operationFault("PATH_NOT_FOUND", { path: text });
  const waiting = readWaitingRuns(resolve(cwd, home));
  return operationFault("RUN_NOT_FOUND", {
    path: runs,
    run_id: text,
    ...nearRuns(resolve(cwd, home), text),
    ...(waiting.includes(text) ? { waiting: [text] } : {}),
  });
}

/** Finds several bundles. Fails as the first does that is not found. */
export function placesOfBundles(
  texts: readonly string[],
  root: string | undefined,
  surroundings: Surroundings,
): Result<readonly BundlePlace[], OperationFault> {
  const places: BundlePlace[] = [];
  for (const text of texts) {
    const place = placeOfBundle(text, root, surroundings);
    if (!place.ok) return place;
    places.push(place.value);
  }
  return ok(places);
}

/**
 * What stands at a path. A run directory holds one artifact at least, or is among the runs of a project: there an empty one
 * is a run whose artifacts were taken away, and so a verdict.
 */
function lookAt(path: string): "run-directory" | "other" | "missing" {
  try {
    const stats = statSync(path, { throwIfNoEntry: false });
    if (stats === undefined) return "missing";
    if (!stats.isDirectory()) return "other";
    const runs = dirname(path);
    const isOfRuns = basename(runs) === RUNS_NAME || basename(runs) === PULLED_NAME;
    if (isOfRuns && basename(dirname(runs)) === OWN_FOLDER) return "run-directory";
    return ARTIFACT_NAMES.some((name) => isThere(join(path, name))) ? "run-directory" : "other";
  } catch (thrown) {
    const errno = errnoOf(thrown);
    if (errno === "ENOTDIR" || errno === "ELOOP" || errno === "ENAMETOOLONG") return "missing";
    // A folder that this user can't read fails when it is opened.
    return "run-directory";
  }
}

function mayBeThere(path: string): boolean {
  try {
    return isThere(path);
  } catch {
    return true;
  }
}

/** Throws the system's error if this user can't read the folder. */
function isThere(path: string): boolean {
  return lstatSync(path, { throwIfNoEntry: false }) !== undefined;
}

/** The folder above `.runseal` if the bundle is in one, else the current folder. Relative: messages show no absolute path. */
function defaultRoot(bundle: string, cwd: string): string {
  const components = resolve(cwd, bundle).split(sep);
  const own = components.lastIndexOf(OWN_FOLDER);
  return own > 0 ? relative(cwd, components.slice(0, own).join(sep) || sep) || "." : ".";
}
