/** Parts of a run: bundles of other runs among its outputs. @module */

import type { OpenedBundle } from "../../records/artifacts/opened-bundle.ts";
import type { OutputClaim } from "../../records/artifacts/output-claims.ts";
import { type Crypto, matchesDigest } from "../../system/bytes/crypto.ts";
import { digestToHex, type HexDigest } from "../../system/bytes/hex.ts";
import { type Rejection, reject } from "../../system/codes/verdict.ts";
import { ARTIFACT_NAMES } from "../../system/paths/artifact-name.ts";

/** A part: a folder of outputs with an artifact at least. */
export interface RunPart {
  readonly folder: string;
  /** The name of the folder. */
  readonly runId: string;
  /** The digests of all files directly in it, by their names. */
  readonly files: ReadonlyMap<string, HexDigest>;
}

/** The parts among the outputs of an accepted bundle, in the order of the document. One that lacks artifacts is a part too. */
export function partsOf(claims: Iterable<OutputClaim>): readonly RunPart[] {
  const folders = new Map<string, Map<string, HexDigest>>();
  for (const claim of claims) {
    if (!claim.lawful || claim.digest === undefined) continue;
    const end = claim.path.lastIndexOf("/");
    const folder = claim.path.slice(0, Math.max(end, 0));
    const files = folders.get(folder) ?? new Map<string, HexDigest>();
    folders.set(folder, files.set(claim.path.slice(end + 1), claim.digest));
  }
  const isPart = (files: Map<string, HexDigest>): boolean => ARTIFACT_NAMES.some((name) => files.has(name));
  return Array.from(folders)
    .filter(([, files]) => isPart(files))
    .map(([folder, files]) => ({ folder, runId: folder.slice(folder.lastIndexOf("/") + 1), files }));
}

/** The first artifact of a run that a part lacks, or holds with other bytes. What others added to the run later is not compared. */
export function findOtherArtifact(
  { files, folder }: RunPart,
  { artifacts }: OpenedBundle,
  crypto: Crypto,
): Rejection | undefined {
  for (const name of ARTIFACT_NAMES) {
    const path = `${folder}/${name}`;
    const [expected, reading] = [files.get(name), artifacts[name]];
    if (expected === undefined) return reject("outputs", "OUTPUT_MISSING", { path });
    const isSame =
      reading.kind === "bytes" && matchesDigest(expected, digestToHex(crypto.sha256(reading.bytes)), crypto);
    if (!isSame) return reject("outputs", "HASH_MISMATCH", { path, expected });
  }
  return undefined;
}
