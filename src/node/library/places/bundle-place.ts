/** What a person means by RUN on this machine: a run directory, or a run of the project at hand. @module */

import { lstatSync, statSync } from "node:fs";
import { basename, dirname, join, relative, resolve, sep } from "node:path";
import { ok, type Result } from "../../../core/system/bytes/result.ts";
import { ARTIFACT_NAMES } from "../../../core/system/paths/artifact-name.ts";
import { findEarlierRun } from "../../judge/history/earlier-run.ts";
import { isRunId, stepsBack } from "../../records/bundle/run-names.ts";
import { nearRuns } from "../../records/project/near-runs.ts";
import {
  OWN_FOLDER,
  PULLED_NAME,
  pulledFolderOf,
  RUNS_NAME,
  runsFolderOf,
} from "../../records/project/project-names.ts";
import { readWaitingRuns } from "../../records/project/waiting-runs.ts";
import { errnoOf, unlessRefused } from "../../system/runtime/machine-reason.ts";
import { type OperationFault, operationFault } from "../../system/runtime/operation-fault.ts";
import { placeForm } from "./place-form.ts";
import { projectPlace, type Surroundings } from "./project-place.ts";

/** What says whose runs an id names, and where the files are. */
export interface PlaceOptions {
  readonly project?: string | undefined;
  readonly files?: string | undefined;
}

/** Where a bundle is, and what its outputs' paths are relative to. Both as relative as what was given. */
export interface BundlePlace {
  readonly bundle: string;
  readonly root: string;
  /** The project whose store keeps the outputs. */
  readonly home: string;
}

/**
 * Finds a bundle by the form of the text: a path is a run directory, a bare word the id of a run of the project, sealed there or pulled.
 * `latest` and `latest~N` are the run that HEAD names, and those before it. Fails with an operation fault where the text names neither: a
 * typing error must not look like a verdict.
 */
export function findBundle(
  text: string,
  options: PlaceOptions,
  surroundings: Surroundings,
): Result<BundlePlace, OperationFault> {
  return findBeside(text, options, surroundings, () => projectPlace(options.project, surroundings));
}

/** The place of the project at hand, which several runs have in common. */
type ProjectAtHand = () => ReturnType<typeof projectPlace>;

function findBeside(
  text: string,
  options: PlaceOptions,
  surroundings: Surroundings,
  atHand: ProjectAtHand,
): Result<BundlePlace, OperationFault> {
  const isRun = placeForm(text) === undefined;
  const place = isRun
    ? placeOfRun(text, surroundings, atHand)
    : placeOfFolder(text, options, surroundings, atHand);
  const { files } = options;
  return place.ok && files !== undefined ? ok({ ...place.value, root: files }) : place;
}

/** A folder that is in no project belongs to the project at hand, if there is one. */
function placeOfFolder(
  path: string,
  { project }: PlaceOptions,
  { cwd }: Surroundings,
  atHand: ProjectAtHand,
): Result<BundlePlace, OperationFault> {
  const there = lookAt(resolve(cwd, path));
  if (there !== "run-directory")
    return there === "missing"
      ? operationFault("PATH_NOT_FOUND", { path })
      : operationFault("RUN_NOT_FOUND", { reason: "not-a-run", path });
  const own = project === undefined ? ownProjectOf(path, cwd) : undefined;
  if (own !== undefined) return ok({ bundle: path, root: own, home: own });
  const place = atHand();
  if (!place.ok && project !== undefined) return place;
  return ok({ bundle: path, ...(place.ok ? place.value : { root: ".", home: "." }) });
}

function placeOfRun(
  text: string,
  { cwd, environment }: Surroundings,
  atHand: ProjectAtHand,
): Result<BundlePlace, OperationFault> {
  const place = atHand();
  // What lies here by that name is meant by ./NAME alone.
  const asked = { run_id: text, why: isHere(resolve(cwd, text)) ? ("here" as const) : undefined };
  if (!place.ok)
    return place.code === "PROJECT_NOT_FOUND"
      ? operationFault(place.code, { ...place.details, ...asked })
      : place;
  const { home } = place.value;
  const back = stepsBack(text);
  const earlier = back === undefined ? ok(text) : findEarlierRun(resolve(cwd, home), environment, back);
  if (!earlier.ok) return earlier;
  const runId = earlier.value;
  const bundle = runId !== undefined && isRunId(runId) ? findInProject(home, runId, cwd) : undefined;
  if (bundle !== undefined) return ok({ bundle, ...place.value });
  const waiting = readWaitingRuns(resolve(cwd, home));
  return operationFault("RUN_NOT_FOUND", {
    reason: "id",
    path: runsFolderOf(home),
    ...asked,
    ...nearRuns(resolve(cwd, home), text),
    waiting: waiting.filter((runId) => runId === text),
  });
}

/** The folder of a run of a project, sealed there or pulled; undefined where the project has none with that id. */
export function findInProject(home: string, runId: string, cwd: string): string | undefined {
  return [runsFolderOf(home), pulledFolderOf(home)]
    .map((folder) => join(folder, runId))
    .find((path) => mayBeThere(resolve(cwd, path)));
}

/** Finds several bundles. Fails as the first does that is not found. */
export function findBundles(
  texts: readonly string[],
  options: PlaceOptions,
  surroundings: Surroundings,
): Result<readonly BundlePlace[], OperationFault> {
  const places: BundlePlace[] = [];
  let found: ReturnType<ProjectAtHand> | undefined;
  const atHand = (): ReturnType<ProjectAtHand> => {
    found ??= projectPlace(options.project, surroundings);
    return found;
  };
  for (const text of texts) {
    const place = findBeside(text, options, surroundings, atHand);
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
  return unlessRefused(() => isThere(path)) ?? true;
}

/** Throws the system's error if this user can't read the folder. */
function isThere(path: string): boolean {
  return lstatSync(path, { throwIfNoEntry: false }) !== undefined;
}

function isHere(path: string): boolean {
  return unlessRefused(() => isThere(path)) ?? false;
}

/** The folder above `.runseal`, if the bundle is in one. Relative: messages show no absolute path. */
export function ownProjectOf(bundle: string, cwd: string): string | undefined {
  const components = resolve(cwd, bundle).split(sep);
  const own = components.lastIndexOf(OWN_FOLDER);
  return own > 0 ? relative(cwd, components.slice(0, own).join(sep) || sep) || "." : undefined;
}
