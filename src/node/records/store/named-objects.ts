/**
 * The objects that the bundles of a project name, and that must stay in its store.
 *
 * @module
 */

import type { Dirent } from "node:fs";
import {
  DIGEST_BYTES,
  type HexDigest,
  isJsonObject,
  judgeHere,
  ok,
  parseDeclaredDigest,
  RESTORE,
  type Result,
} from "../../../core/internal.ts";
import type { AnchoredDir } from "../../system/files/anchored-dir.ts";
import type { AnchoredRoot } from "../../system/files/anchored-root.ts";
import { type FileSystem, nodeFileSystem } from "../../system/files/file-system.ts";
import { breathe } from "../../system/runtime/interruption.ts";
import { unlessErrno } from "../../system/runtime/machine-reason.ts";
import type { Progress, WorkOptions } from "../../system/runtime/progress.ts";
import { openBundle } from "../bundle/open-bundle.ts";
import { tellOfLongManifest, type VerifyFailure, verifyContext } from "../bundle/verify-context.ts";
import { OWN_FOLDER, PULLED_NAME, RUNS_NAME } from "../project/project-names.ts";

/** One bundle of a project. */
export interface NamingBundle {
  readonly runId: string;
  /** `.runseal/runs/ID`, or `.runseal/pulled/ID`. */
  readonly shown: string;
  /**
   * The digests of the objects that it names, 32 raw bytes each, perhaps some twice. A failure if the bundle can't be read or is not
   * as it was signed: then it is not known what it named when it was sealed. A failed run is read like any other.
   */
  readonly digests: Result<Buffer, VerifyFailure>;
  /** Undefined where the digests are a failure. */
  readonly bundleRoot: HexDigest | undefined;
}

/**
 * Reads what each bundle of a project names. Skips names with a leading dot, and entries that are neither folders nor links.
 * Pulled bundles come last. Throws what the system says of a folder of bundles, which must not be a link, and an Interruption once the signal has
 * fired.
 */
export async function* readNamedObjects(
  project: AnchoredRoot,
  { progress, signal }: WorkOptions = {},
  fs: FileSystem = nodeFileSystem,
): AsyncGenerator<NamingBundle> {
  for (const name of [RUNS_NAME, PULLED_NAME]) yield* readFolder(project, name, { progress, signal }, fs);
}

async function* readFolder(
  project: AnchoredRoot,
  folder: string,
  { progress, signal }: WorkOptions,
  fs: FileSystem,
): AsyncGenerator<NamingBundle> {
  using runs = openFolder(project, folder);
  if (runs === undefined) return;
  const runIds = fs
    .readdirSync(runs.self, { withFileTypes: true })
    .filter(mayBeBundle)
    .map(({ name }) => name);
  if (runIds.length === 0) return;
  const done = { files: 0, bytes: 0, bundles: 0 };
  const begin = (): void => progress?.begin("read", { bundles: runIds.length }, () => done);
  begin();
  for (const [index, runId] of runIds.entries()) {
    await breathe(index, signal);
    yield {
      runId,
      shown: `${OWN_FOLDER}/${folder}/${runId}`,
      ...readDigests(runs.address(runId), progress, begin),
    };
    done.bundles += 1;
  }
}

function openFolder(project: AnchoredRoot, name: string): AnchoredDir | undefined {
  return unlessErrno(["ENOENT"], () => project.folder([OWN_FOLDER]).enter(name));
}

function mayBeBundle(entry: Dirent): boolean {
  return !entry.name.startsWith(".") && (entry.isDirectory() || entry.isSymbolicLink());
}

/**
 * All artifacts are verified: if an attacker shortened the list of hashes, objects would be removed that the signer named. After a
 * bundle with a long list, the phase is begun again.
 */
function readDigests(
  bundle: string,
  progress: Progress | undefined,
  beginAgain: () => void,
): Omit<NamingBundle, "runId" | "shown"> {
  const opened = openBundle(bundle);
  if (!opened.ok) return { digests: opened, bundleRoot: undefined };
  const isLong = tellOfLongManifest(opened.value, progress);
  const judged = judgeHere(opened.value, verifyContext(), RESTORE);
  if (isLong) beginAgain();
  if (!judged.ok) return { digests: judged, bundleRoot: undefined };
  const { bundleRoot, outputHashes } = judged.value;
  const hashes = outputHashes.object.get("hashes");
  if (!isJsonObject(hashes)) return { digests: ok(Buffer.alloc(0)), bundleRoot };
  const digests = Buffer.allocUnsafe(hashes.size * DIGEST_BYTES);
  let length = 0;
  for (const value of hashes.values()) {
    const digest = parseDeclaredDigest(value);
    if (digest !== undefined) length += digests.write(digest, length, "hex");
  }
  return { digests: ok(digests.subarray(0, length)), bundleRoot };
}
