/** Parts of a run: bundles of other runs among its outputs. @module */

import type { OutputClaim } from "../../records/artifacts/output-claims.ts";
import { type Crypto, matchesDigest } from "../../system/bytes/crypto.ts";
import type { HexDigest } from "../../system/bytes/hex.ts";
import { type Rejection, reject } from "../../system/codes/verdict.ts";
import { ARTIFACT_NAMES, type ArtifactName, OUTPUT_TREE_NAME } from "../../system/paths/artifact-name.ts";
import { isRunId } from "../../system/paths/run-id.ts";
import { COUNTERSIGNATURES_NAME } from "./countersignature.ts";
import { TIMESTAMPS_NAME } from "./timestamps.ts";

/** A part: a folder of outputs with an artifact at least. */
export interface RunPart {
  readonly folder: string;
  /** The name of the folder. */
  readonly runId: string;
  /** The digests of the files of its bundle, by their names. */
  readonly files: ReadonlyMap<string, HexDigest>;
}

/** A run may have a million other outputs: they are not kept. */
const KEPT_NAMES: ReadonlySet<string> = new Set([
  ...ARTIFACT_NAMES,
  OUTPUT_TREE_NAME,
  COUNTERSIGNATURES_NAME,
  TIMESTAMPS_NAME,
]);

/**
 * The parts among the outputs of an accepted bundle, in the order of the document. One that lacks artifacts is a part too. A folder
 * whose name is not a run id is not a part.
 */
export function partsOf(claims: Iterable<OutputClaim>): readonly RunPart[] {
  const parts = new Map<string, { readonly runId: string; readonly files: Map<string, HexDigest> }>();
  for (const claim of claims) {
    const [name = "", runId = ""] = claim.path.split("/").reverse();
    if (!claim.lawful || claim.digest === undefined || !KEPT_NAMES.has(name) || !isRunId(runId)) continue;
    const folder = claim.path.slice(0, -name.length - 1);
    const part = parts.get(folder) ?? { runId, files: new Map<string, HexDigest>() };
    part.files.set(name, claim.digest);
    parts.set(folder, part);
  }
  return Array.from(parts, ([folder, part]) => ({ folder, ...part })).filter(({ files }) =>
    ARTIFACT_NAMES.some((name) => files.has(name)),
  );
}

/** The first artifact of a run that a part lacks, or holds with other bytes. What others added to the run later is not compared. */
export function findOtherArtifact(
  { files, folder }: RunPart,
  digestOf: (name: ArtifactName) => HexDigest | undefined,
  crypto: Crypto,
): Rejection | undefined {
  for (const name of ARTIFACT_NAMES) {
    const path = `${folder}/${name}`;
    const expected = files.get(name);
    if (expected === undefined) return reject("outputs", "OUTPUT_MISSING", { path });
    if (!matchesDigest(expected, digestOf(name), crypto))
      return reject("outputs", "HASH_MISMATCH", { path, expected });
  }
  return undefined;
}
