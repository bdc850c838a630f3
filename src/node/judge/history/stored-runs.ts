/** Which runs of a project may be listed as dropped: those of which the store has every output as it was sealed. @module */

import { join } from "node:path";
import {
  DIGEST_BYTES,
  type HexDigest,
  type HistoryRun,
  matchesDigest,
  ok,
  type Result,
} from "../../../core/internal.ts";
import { runsFolderOf } from "../../records/project/project-names.ts";
import { StoredObjects } from "../../records/store/stored-objects.ts";
import type { AnchoredRoot } from "../../system/files/anchored-root.ts";
import { nodeFileSystem as fs } from "../../system/files/file-system.ts";
import { pathOfComponents } from "../../system/files/path-components.ts";
import { hashOpenFile, makeReadBuffer } from "../../system/hashing/hash-file.ts";
import { DigestTable } from "../../system/packs/digest-table.ts";
import { breathe, driveSteps } from "../../system/runtime/interruption.ts";
import { reasonOf } from "../../system/runtime/machine-reason.ts";
import { isSameDigest, nodeCrypto } from "../../system/runtime/node-crypto.ts";
import type { OperationFault } from "../../system/runtime/operation-fault.ts";
import type { WorkOptions } from "../../system/runtime/progress.ts";
import { inspectRun } from "./inspect-run.ts";

/**
 * The runs whose outputs the store has as they were sealed. What is missing or wrong is evidence: it was not dropped.
 * Each object is hashed once. Fails as `StoredObjects.open` does. Throws an Interruption.
 */
export async function storedRuns<Run extends HistoryRun>(
  home: AnchoredRoot,
  runs: readonly Run[],
  { progress, signal }: WorkOptions,
): Promise<Result<readonly Run[], OperationFault>> {
  if (runs.length === 0) return ok([]);
  const opened = StoredObjects.open(home);
  if (!opened.ok) return opened;
  if (opened.value === undefined) return ok([]);
  using store = opened.value;
  const folder = runsFolderOf(pathOfComponents(home.real));
  const known = new DigestTable();
  const buffer = makeReadBuffer();
  const whole: Run[] = [];
  const done = { files: 0, bytes: 0, bundles: 0 };
  progress?.begin("check", { bundles: runs.length }, () => done);
  for (const [index, run] of runs.entries()) {
    done.bundles = index;
    await breathe(index, signal);
    const { run: seen, sealed } = inspectRun(join(folder, run.runId));
    if (sealed === undefined || !isSameDigest(seen.bundleRoot, run.bundleRoot)) continue;
    const { digests } = sealed.claims.columns;
    let isWhole = true;
    let place = 0;
    for (const claim of sealed.claims) {
      await breathe(place / DIGEST_BYTES, signal);
      done.files += 1;
      if (!claim.lawful || claim.digest === undefined) isWhole = false;
      else if (known.find(digests, place) < 0) {
        known.add(digests, place);
        if (await isSound(store, claim.digest, buffer, signal)) known.mark(digests, place);
      }
      isWhole &&= known.isMarked(known.find(digests, place));
      if (!isWhole) break;
      place += DIGEST_BYTES;
    }
    if (isWhole) whole.push(run);
  }
  return ok(whole);
}

/** Whether an object is there and has its digest. One that can't be read is not. */
async function isSound(
  store: StoredObjects,
  digest: HexDigest,
  buffer: Uint8Array,
  signal: AbortSignal | undefined,
): Promise<boolean> {
  try {
    const object = store.open(digest);
    if (typeof object === "string") return false;
    if ("content" in object) return true;
    try {
      const found = await driveSteps(hashOpenFile(object, buffer, fs), signal);
      return found.kind === "file" && matchesDigest(digest, found.digest, nodeCrypto);
    } finally {
      fs.closeSync(object.fd);
    }
  } catch (thrown) {
    // Throws on what the system did not say, such as an interruption.
    reasonOf(thrown);
    return false;
  }
}
