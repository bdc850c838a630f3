/**
 * What the bundles of a project say of their links, read without verifying them: enough to see whether a line was
 * begun, and whether one run is before another. Nobody is trusted for it; `chain verify` is.
 *
 * @module
 */

import {
  DEFAULT_LIMITS,
  type HexDigest,
  isHexDigest,
  isJsonObject,
  type JsonObject,
  parseStrictJson,
} from "../../core/internal.ts";
import type { AnchoredDir } from "../files/anchored-dir.ts";
import { nodeFileSystem as fs } from "../files/file-system.ts";
import { readRegularFile } from "../files/read-source.ts";
import { errnoOf } from "../runtime/machine-reason.ts";
import { RUNS_NAME } from "./project-names.ts";

/** What one bundle says. */
export interface RunLinks {
  readonly runId: string;
  /** Undefined where it says none that could be one. */
  readonly bundleRoot: HexDigest | undefined;
  readonly previousBundleRoot: HexDigest | undefined;
  readonly failed: boolean;
}

/** The bundles of a project, by its own folder, in no order. Names that begin with a dot are none. Throws what the system says. */
export function* readRunLinks(folder: AnchoredDir): Generator<RunLinks> {
  using runs = openRuns(folder);
  if (runs === undefined) return;
  for (const runId of fs.readdirSync(runs.self)) {
    if (!runId.startsWith(".")) yield linksOf(runs, runId);
  }
}

/** Enters the folder of bundles, never through a link; `undefined` where there is none. Throws what the system says otherwise. */
export function openRuns(folder: AnchoredDir): AnchoredDir | undefined {
  return folder.enterIfThere(RUNS_NAME);
}

function linksOf(runs: AnchoredDir, runId: string): RunLinks {
  using bundle = enterBundle(runs, runId);
  if (bundle === undefined)
    return { runId, bundleRoot: undefined, previousBundleRoot: undefined, failed: false };
  const status = readObject(bundle, "STATUS.json");
  const binding = status?.get("runseal");
  const bundleRoot = readObject(bundle, "SIGNED_PAYLOAD.json")?.get("bundle_root");
  const previous = isJsonObject(binding) ? binding.get("previous_bundle_root") : undefined;
  return {
    runId,
    bundleRoot: isHexDigest(bundleRoot) ? bundleRoot : undefined,
    previousBundleRoot: isHexDigest(previous) ? previous : undefined,
    failed: status?.get("status") === "failure",
  };
}

function enterBundle(runs: AnchoredDir, runId: string): AnchoredDir | undefined {
  try {
    return runs.enter(runId);
  } catch (thrown) {
    const errno = errnoOf(thrown);
    // No folder: no bundle, but somebody's.
    if (errno !== "ENOTDIR" && errno !== "ELOOP" && errno !== "ENOENT") throw thrown;
    return undefined;
  }
}

function readObject(bundle: AnchoredDir, name: string): JsonObject | undefined {
  const reading = readRegularFile(bundle, name, DEFAULT_LIMITS.artifactBytes, fs);
  const parsed = reading.kind === "bytes" ? parseStrictJson(reading.bytes) : undefined;
  return parsed?.ok === true && isJsonObject(parsed.value) ? parsed.value : undefined;
}
