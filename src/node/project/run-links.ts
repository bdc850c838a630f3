/**
 * The links in the bundles of a project, read without verification: enough to see whether a line was begun, and whether
 * one run is before another. No trust is based on them; `verify --history` verifies them.
 *
 * @module
 */

import {
  DEFAULT_LIMITS,
  DIGEST,
  type HexDigest,
  type JsonObject,
  type JsonValue,
  memberIn,
  readAs,
} from "../../core/internal.ts";
import type { AnchoredDir } from "../files/anchored-dir.ts";
import { nodeFileSystem as fs } from "../files/file-system.ts";
import { readObject } from "../files/record-file.ts";
import { errnoOf, unlessRefused } from "../runtime/machine-reason.ts";
import { PULLED_NAME, RUNS_NAME } from "./project-names.ts";

/** The links of one bundle. */
export interface RunLinks {
  readonly runId: string;
  /** Undefined if the bundle does not name a digest. */
  readonly bundleRoot: HexDigest | undefined;
  readonly previousBundleRoot: HexDigest | undefined;
  readonly failed: boolean;
}

/**
 * The links of all bundles of a project, by its own folder, each read when it is asked for. Skips names with a leading dot. Throws what
 * the system says.
 */
export function* readRunLinks(folder: AnchoredDir): Generator<RunLinks> {
  using runs = openRuns(folder);
  if (runs === undefined) return;
  const runIds = fs.readdirSync(runs.self).filter((name) => !name.startsWith("."));
  for (const runId of newestFirst(runIds, (name) => runs.address(name))) yield linksOf(runs, runId);
}

/** Orders bundles by the times of their folders. That says only where to look first. */
export function newestFirst(
  bundles: readonly string[],
  addressOf: (bundle: string) => string,
): readonly string[] {
  const timeOf = (bundle: string): number =>
    unlessRefused(() => fs.lstatSync(addressOf(bundle)).mtimeMs) ?? 0;
  const timed = bundles.map((bundle) => ({ bundle, time: timeOf(bundle) }));
  return timed.sort((left, right) => right.time - left.time).map(({ bundle }) => bundle);
}

/** What the binding in a STATUS.json gives as the root of the bundle before. */
export function previousRootIn(status: JsonObject): JsonValue | undefined {
  return memberIn(status, "runseal", "previous_bundle_root");
}

/** Enters the folder of bundles, never through a link; `undefined` if it is missing. Throws what the system says otherwise. */
export function openRuns(folder: AnchoredDir): AnchoredDir | undefined {
  return folder.enterIfThere(RUNS_NAME);
}

/** Enters the folder of pulled bundles, in the same way. */
export function openPulled(folder: AnchoredDir): AnchoredDir | undefined {
  return folder.enterIfThere(PULLED_NAME);
}

function linksOf(runs: AnchoredDir, runId: string): RunLinks {
  using bundle = enterBundle(runs, runId);
  if (bundle === undefined)
    return { runId, bundleRoot: undefined, previousBundleRoot: undefined, failed: false };
  const status = readObject(bundle, "STATUS.json", DEFAULT_LIMITS.artifactBytes);
  const payload = readObject(bundle, "SIGNED_PAYLOAD.json", DEFAULT_LIMITS.artifactBytes);
  return {
    runId,
    bundleRoot: readAs(DIGEST, payload?.get("bundle_root")),
    previousBundleRoot: readAs(DIGEST, status && previousRootIn(status)),
    failed: status?.get("status") === "failure",
  };
}

function enterBundle(runs: AnchoredDir, runId: string): AnchoredDir | undefined {
  try {
    return runs.enter(runId);
  } catch (thrown) {
    const errno = errnoOf(thrown);
    // Not a folder: not a bundle either.
    if (errno !== "ENOTDIR" && errno !== "ELOOP" && errno !== "ENOENT") throw thrown;
    return undefined;
  }
}
