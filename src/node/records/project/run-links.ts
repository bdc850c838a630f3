/**
 * The links in the bundles of a project, read without verification: enough to see whether a history was begun, and whether
 * one run is before another. No trust is based on them; `verify --history` verifies them.
 *
 * @module
 */

import { join } from "node:path";
import {
  DEFAULT_LIMITS,
  DIGEST,
  type HexDigest,
  type JsonObject,
  type JsonValue,
  memberIn,
  readAs,
} from "../../../core/internal.ts";
import type { AnchoredDir } from "../../system/files/anchored-dir.ts";
import { nodeFileSystem as fs } from "../../system/files/file-system.ts";
import { readObject } from "../../system/files/record-file.ts";
import { unlessErrno, unlessRefused } from "../../system/runtime/machine-reason.ts";
import { isSameDigest } from "../../system/runtime/node-crypto.ts";
import { RUNS_NAME } from "./project-names.ts";

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
  for (const runId of newestRuns(runs)) yield readLinks(runs, runId);
}

/** The id of the first bundle that claims a root, which is still to be judged; `undefined` if none does. Throws what the system says. */
export function findByRoot(own: AnchoredDir, root: HexDigest): string | undefined {
  for (const { bundleRoot, runId } of readRunLinks(own)) if (isSameDigest(bundleRoot, root)) return runId;
  return undefined;
}

/** The names of the bundles in a folder of them, the newest first. Throws what the system says. */
export function newestRuns(runs: AnchoredDir): readonly string[] {
  return newestFirst(
    runs.self,
    runs.names().filter((name) => !name.startsWith(".")),
  );
}

/** Orders the bundles of a folder by the times of their own folders. That says only where to look first. */
export function newestFirst(folder: string, names: readonly string[]): readonly string[] {
  const timeOf = (name: string): number => unlessRefused(() => fs.lstatSync(join(folder, name)).mtimeMs) ?? 0;
  const timed = names.map((name) => ({ name, time: timeOf(name) }));
  return timed.sort((left, right) => right.time - left.time).map(({ name }) => name);
}

/** What the binding in a STATUS.json gives as the root of the bundle before. */
export function previousRootIn(status: JsonObject): JsonValue | undefined {
  return memberIn(status, "runseal", "previous_bundle_root");
}

/** Enters the folder of bundles, never through a link; `undefined` if it is missing. Throws what the system says otherwise. */
export function openRuns(folder: AnchoredDir): AnchoredDir | undefined {
  return folder.enterIfThere(RUNS_NAME);
}

/** Reads the links of one bundle. Throws what the system says. */
export function readLinks(runs: AnchoredDir, runId: string): RunLinks {
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
  // Not a folder: not a bundle either.
  return unlessErrno(["ENOTDIR", "ELOOP", "ENOENT"], () => runs.enter(runId));
}
