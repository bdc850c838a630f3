/**
 * Which objects the bundles of a project name: what must not be taken out of its store.
 *
 * @module
 */

import type { Dirent } from "node:fs";
import { isJsonObject, judgeCandidate, ok, parseDeclaredDigest, type Result } from "../../core/internal.ts";
import { openBundle } from "../bundle/open-bundle.ts";
import { tellOfLongManifest, type VerifyFailure, verifyContext } from "../bundle/verify-context.ts";
import type { AnchoredDir } from "../files/anchored-dir.ts";
import type { AnchoredRoot } from "../files/anchored-root.ts";
import { type FileSystem, nodeFileSystem } from "../files/file-system.ts";
import { breathe } from "../runtime/interruption.ts";
import { errnoOf } from "../runtime/machine-reason.ts";
import type { Progress } from "../runtime/progress.ts";

import { objectPath } from "./object-store.ts";

const RUNS = "runs";

/** One bundle of a project. */
export interface NamingBundle {
  readonly runId: string;
  /**
   * The places of the objects that it names, below the store. A failure where the bundle can't be read or is not as
   * it was signed, so that nobody can tell what it named when it was sealed. A run that failed is read like any other.
   */
  readonly places: Result<readonly string[], VerifyFailure>;
}

/** How to read them. */
export interface NamedObjectsOptions {
  readonly signal?: AbortSignal | undefined;
  /** Who is told how far it is. */
  readonly progress?: Progress | undefined;
}

/**
 * Reads what each bundle of a project names. A name with a dot in front is no run's, and what is neither a folder nor
 * a link no bundle. Throws what the system says of the folder of bundles,
 * which may be no link: behind one nobody knows what was named; and an Interruption once the signal has fired.
 */
export async function* readNamedObjects(
  project: AnchoredRoot,
  { progress, signal }: NamedObjectsOptions = {},
  fs: FileSystem = nodeFileSystem,
): AsyncGenerator<NamingBundle> {
  using runs = openRuns(project);
  if (runs === undefined) return;
  const runIds = fs
    .readdirSync(runs.self, { withFileTypes: true })
    .filter(mayBeBundle)
    .map(({ name }) => name);
  const done = { files: 0, bytes: 0, bundles: 0 };
  const begin = (): void => progress?.begin("read", { bundles: runIds.length }, () => done);
  begin();
  for (const [index, runId] of runIds.entries()) {
    await breathe(index, signal);
    yield { runId, places: readPlaces(runs.address(runId), progress, begin) };
    done.bundles += 1;
  }
}

function openRuns(project: AnchoredRoot): AnchoredDir | undefined {
  try {
    return project.folder([".runseal"]).enter(RUNS);
  } catch (thrown) {
    if (errnoOf(thrown) !== "ENOENT") throw thrown;
    return undefined;
  }
}

function mayBeBundle(entry: Dirent): boolean {
  return !entry.name.startsWith(".") && (entry.isDirectory() || entry.isSymbolicLink());
}

/**
 * By its artifacts as a whole: a list of hashes that somebody shortened would give up what it no longer names. What goes on is
 * begun again where a long one was told of.
 */
function readPlaces(
  bundle: string,
  progress: Progress | undefined,
  beginAgain: () => void,
): NamingBundle["places"] {
  const opened = openBundle(bundle);
  if (!opened.ok) return opened;
  const isLong = tellOfLongManifest(opened.value, progress);
  const judged = judgeCandidate(opened.value, verifyContext());
  if (isLong) beginAgain();
  if (!judged.ok) return judged;
  const hashes = judged.value.outputHashes.object.get("hashes");
  const declared = isJsonObject(hashes) ? [...hashes.values()] : [];
  return ok(
    declared.flatMap((value) => {
      const digest = parseDeclaredDigest(value);
      return digest === undefined ? [] : [objectPath(digest)];
    }),
  );
}
