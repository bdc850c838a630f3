/**
 * The files of a bundle in an archive: their names, order and limits, and the bundle that they are (PROTOCOL 20).
 *
 * @module
 */

import { COUNTERSIGNATURES_NAME } from "../../judge/bundle/countersignature.ts";
import { TIMESTAMPS_NAME } from "../../judge/bundle/timestamps.ts";
import { OUTPUTS_ROOT_NAME } from "../../make/proof/outputs-root.ts";
import {
  type ArtifactReading,
  eachArtifact,
  type OpenedBundle,
} from "../../records/artifacts/opened-bundle.ts";
import {
  type Limits,
  MAX_COUNTERSIGNATURES_BYTES,
  MAX_OUTPUTS_ROOT_BYTES,
  MAX_TIMESTAMPS_BYTES,
} from "../../system/bytes/limits.ts";
import { sortUtf8 } from "../../system/bytes/utf8.ts";
import {
  ARTIFACT_NAMES,
  FORBIDDEN_NAMES,
  isConfusableName,
  OUTPUT_TREE_NAME,
} from "../../system/paths/artifact-name.ts";
import { parseOutputPath } from "../../system/paths/output-path.ts";
import { parseCarriedPath } from "./carried-path.ts";

/** The names of a bundle's files that are carried, in the order in which they are carried. */
export const BUNDLE_FILES: readonly string[] = sortUtf8([
  ...ARTIFACT_NAMES,
  COUNTERSIGNATURES_NAME,
  OUTPUTS_ROOT_NAME,
  OUTPUT_TREE_NAME,
  TIMESTAMPS_NAME,
]);

/** A file of a bundle. */
export interface BundleFileName {
  readonly runId: string;
  /** One of `BUNDLE_FILES`. */
  readonly name: string;
}

/** Which file of a bundle has a path; `undefined` for any other path. */
export function parseBundleFilePath(path: string): BundleFileName | undefined {
  const named = parseCarriedPath(path);
  if (named?.kind !== "artifact" || !BUNDLE_FILES.includes(named.name)) return undefined;
  const { name, runId } = named;
  return parseOutputPath(path, { refuseColon: false }).ok ? { runId, name } : undefined;
}

/** The most bytes of a bundle's file. */
export function bundleFileLimit(name: string, { artifactBytes, manifestBytes }: Limits): number {
  switch (name) {
    case COUNTERSIGNATURES_NAME:
      return MAX_COUNTERSIGNATURES_BYTES;
    case OUTPUTS_ROOT_NAME:
      return MAX_OUTPUTS_ROOT_BYTES;
    case TIMESTAMPS_NAME:
      return MAX_TIMESTAMPS_BYTES;
    case "OUTPUT_HASHES.json":
    case "PROOF.json":
    case OUTPUT_TREE_NAME:
      return manifestBytes;
    default:
      return artifactBytes;
  }
}

/** What was read under a name. */
export function readingOf(name: string, bytes: Uint8Array, limits: Limits): ArtifactReading {
  const limit = bundleFileLimit(name, limits);
  return bytes.length > limit ? { kind: "too-large", limit } : { kind: "bytes", bytes };
}

/** A bundle and the two files beside its artifacts, all of them read and none believed. */
export interface BundleOfFiles {
  readonly opened: OpenedBundle;
  readonly tree: ArtifactReading;
  readonly outputsRoot: ArtifactReading;
}

/** The bundle that files are, by their names in the run directory. A name that no file has is missing. */
export function bundleOfFiles(runId: string, files: ReadonlyMap<string, ArtifactReading>): BundleOfFiles {
  const read = (name: string): ArtifactReading => files.get(name) ?? { kind: "missing" };
  const names = Array.from(files.keys(), (path) => path.split("/")[0] ?? "");
  const opened = {
    runId,
    artifacts: eachArtifact(read),
    forbidden: FORBIDDEN_NAMES.filter((name) => names.includes(name)),
    hasTree: files.has(OUTPUT_TREE_NAME),
    countersignatures: read(COUNTERSIGNATURES_NAME),
    timestamps: read(TIMESTAMPS_NAME),
    confusable: names.filter(isConfusableName),
  };
  return { opened, tree: read(OUTPUT_TREE_NAME), outputsRoot: read(OUTPUTS_ROOT_NAME) };
}
