/**
 * Opening a run directory that the user gave, without trusting it (PROTOCOL 8, phases 1, 2, 8).
 *
 * @module
 */

import {
  ARTIFACT_NAMES,
  type ArtifactName,
  type ArtifactReading,
  bundleFileLimit,
  COUNTERSIGNATURES_NAME,
  DEFAULT_LIMITS,
  eachArtifact,
  FORBIDDEN_NAMES,
  isConfusableName,
  MAX_COUNTERSIGNATURES_BYTES,
  MAX_TIMESTAMPS_BYTES,
  type OpenedBundle,
  OUTPUT_TREE_NAME,
  ok,
  type Result,
  resemblesForbiddenName,
  TIMESTAMPS_NAME,
} from "../../src/core/internal.ts";
import { readArtifact, type SourceFault } from "../source/read-artifact.ts";
import type { SourceFolder } from "../source/source-folder.ts";

/** A bundle and the folder that it is in. */
export interface BundlePlace {
  /** The run directory. */
  readonly bundle: SourceFolder;
  /** The name of the run directory. */
  readonly runId: string;
}

/** Reads the artifacts of a run directory. Fails with READ_FAILED or CHANGED_WHILE_READ. */
export async function openBundle({ bundle, runId }: BundlePlace): Promise<Result<OpenedBundle, SourceFault>> {
  const listed = await bundle.list("");
  if (listed === "unreadable") return { ok: false, code: "READ_FAILED", details: { path: runId } };
  const names = listed === "missing" ? [] : listed.map(({ name }) => name);
  const artifacts = new Map<ArtifactName, ArtifactReading>();
  for (const name of ARTIFACT_NAMES) {
    const reading = await readArtifact(bundle, name, bundleFileLimit(name, DEFAULT_LIMITS));
    if (!reading.ok) return reading;
    artifacts.set(name, reading.value);
  }
  const read = (name: ArtifactName): ArtifactReading => artifacts.get(name) ?? { kind: "missing" };
  return ok({
    runId,
    artifacts: eachArtifact(read),
    forbidden: await forbiddenIn(bundle, names),
    hasTree: names.includes(OUTPUT_TREE_NAME),
    countersignatures: await readBeside(bundle, COUNTERSIGNATURES_NAME, MAX_COUNTERSIGNATURES_BYTES),
    timestamps: await readBeside(bundle, TIMESTAMPS_NAME, MAX_TIMESTAMPS_BYTES),
    confusable: names.filter(isConfusableName),
  });
}

/** Reads OUTPUT_TREE.json of a run directory. Fails as `openBundle` does. */
export async function readOutputTree(bundle: SourceFolder): Promise<Result<ArtifactReading, SourceFault>> {
  const entry = await bundle.look(OUTPUT_TREE_NAME);
  if (entry.kind === "link") return ok({ kind: "not-a-regular-file" });
  return await readArtifact(bundle, OUTPUT_TREE_NAME, DEFAULT_LIMITS.manifestBytes);
}

/** Asks the folder for each forbidden name that one of its names resembles: a file system that folds case finds it. */
async function forbiddenIn(
  bundle: SourceFolder,
  names: readonly string[],
): Promise<OpenedBundle["forbidden"]> {
  if (!names.some(resemblesForbiddenName)) return [];
  const found: OpenedBundle["forbidden"][number][] = [];
  for (const name of FORBIDDEN_NAMES) if ((await bundle.look(name)).kind !== "missing") found.push(name);
  return found;
}

/** Reads what no verdict depends on. */
async function readBeside(
  bundle: SourceFolder,
  name: string,
  limit: number,
): Promise<ArtifactReading | { readonly kind: "unreadable" }> {
  const reading = await readArtifact(bundle, name, limit);
  return reading.ok ? reading.value : { kind: "unreadable" };
}
