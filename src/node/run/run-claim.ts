/**
 * A run in progress holds its id by a unix socket in `.runseal/running`, named after the id. A second run of the same id is
 * refused at its beginning, not after an hour of work. A killed run leaves a socket without a listener, so that the
 * next run can report it.
 *
 * If two runs of one id begin all the same, the second bundle can't be put in place.
 *
 * @module
 */

import { formatUtcSecond, ok, type Result } from "../../core/internal.ts";
import type { ProjectHome } from "../records/project/held-project.ts";
import {
  OWN_FOLDER,
  ownFolderOf,
  PULLED_NAME,
  RUNS_NAME,
  UNSIGNED_NAME,
} from "../records/project/project-names.ts";
import { removeRunRecords, writeRunRecord } from "../records/project/run-records.ts";
import { RUNNING_NAME, socketNameOf } from "../records/project/running-runs.ts";
import type { AnchoredDir } from "../system/files/anchored-dir.ts";
import { nodeFileSystem as fs } from "../system/files/file-system.ts";
import { removeOwnFile } from "../system/files/made-entry.ts";
import { type EnteredFolder, enterOrMake } from "../system/files/make-folders.ts";
import { joinWithSlashes } from "../system/files/path-components.ts";
import {
  announceOwner,
  isOwnerAlive,
  isOwnerEntry,
  OWNER_EXISTS,
  type Owner,
  wasKilled,
} from "../system/locks/owner.ts";
import { attempt, errnoOf, machineReason, reasonOf } from "../system/runtime/machine-reason.ts";
import { type OperationFault, operationFault } from "../system/runtime/operation-fault.ts";

/** Another run may remove the empty folder just before this one binds in it. */
const ATTEMPTS = 8;

/** The errno of that; Node turns it into EACCES when it binds a socket. */
const GONE = ["ENOENT", "EACCES"];

/** The last moment that RFC 3339 can write. */
const LAST_SECOND = 253402300799;

/** A run that was killed before it was sealed. */
export interface KilledRun {
  readonly runId: string;
  /** RFC 3339, by that machine's clock. */
  readonly started: string;
}

/** A claimed id. Its owner disposes of it. */
export interface RunClaim extends Disposable {
  /** Runs that were killed; each is reported once. */
  readonly killed: readonly KilledRun[];
  /** Records durably that the run begins: from here on the next seal lists it, unless it is sealed in the history. */
  readonly begin: (command: readonly string[], time: string) => Result<BegunRun, OperationFault>;
}

/** A run whose beginning is recorded. */
export interface BegunRun {
  /** The name of its record. */
  readonly record: string;
  /** Removes the record of a command that could not be started. */
  readonly withdraw: () => void;
}

/**
 * Claims an id. Fails with RUN_EXISTS where a run of this id has been sealed or is in progress, or WRITE_FAILED
 * where the project can't be written to: then nothing could be sealed either.
 */
export async function claimRun(
  project: ProjectHome,
  runId: string,
): Promise<Result<RunClaim, OperationFault>> {
  const { homePath } = project;
  const folder = joinWithSlashes(homePath, OWN_FOLDER, RUNNING_NAME);
  try {
    using own = project.home.dir.enterIfThere(OWN_FOLDER);
    const taken = own && findBundle(own, runId);
    if (taken !== undefined)
      return operationFault("RUN_EXISTS", { path: joinWithSlashes(ownFolderOf(homePath), taken, runId) });
    for (let round = 1; ; round++) {
      try {
        return ok(await claimIn(project, runId));
      } catch (thrown) {
        if (!GONE.includes(errnoOf(thrown) ?? "") || round === ATTEMPTS) throw thrown;
      }
    }
  } catch (thrown) {
    const reason = reasonOf(thrown);
    return OWNER_EXISTS.includes(errnoOf(thrown) ?? "")
      ? operationFault("RUN_EXISTS", { path: joinWithSlashes(folder, runId) })
      : operationFault("WRITE_FAILED", { path: folder, reason });
  }
}

/** The folder that has the bundle of a run, signed, pulled or waiting for a signer; `undefined` where none has. */
function findBundle(own: AnchoredDir, runId: string): string | undefined {
  return [RUNS_NAME, PULLED_NAME, UNSIGNED_NAME].find((name) => {
    using bundles = own.enterIfThere(name);
    return bundles?.has(runId) === true;
  });
}

async function claimIn({ home, homePath }: ProjectHome, runId: string): Promise<RunClaim> {
  // Never through a link, which could lead to another project's sockets.
  const own = enterOrMake(home.dir, OWN_FOLDER);
  let running: EnteredFolder | undefined;
  try {
    running = enterOrMake(own.dir, RUNNING_NAME);
    const { dir } = running;
    const killed = await removeDead(own.dir, dir);
    const socket = await listen(dir, runId);
    const release = (): void => {
      socket?.close();
      dir.close();
      attempt(() => own.dir.rmdir(RUNNING_NAME));
      own.close();
    };
    const begin: RunClaim["begin"] = (command, time) =>
      recordRun(own.dir, { home, homePath }, { command, runId, time });
    return { killed, begin, [Symbol.dispose]: release };
  } catch (thrown) {
    running?.close();
    own.close();
    throw thrown;
  }
}

function recordRun(
  own: AnchoredDir,
  { home, homePath }: ProjectHome,
  run: { readonly command: readonly string[]; readonly runId: string; readonly time: string },
): Result<BegunRun, OperationFault> {
  try {
    const record = writeRunRecord(own, home.dir, run);
    return ok({ record, withdraw: () => removeRunRecords(own, [record]) });
  } catch (thrown) {
    return operationFault("WRITE_FAILED", { path: ownFolderOf(homePath), reason: reasonOf(thrown) });
  }
}

/** Listens on the run's socket; `undefined` on a file system without sockets. */
async function listen(dir: AnchoredDir, runId: string): Promise<Owner | undefined> {
  try {
    return await announceOwner(dir.address(socketNameOf(runId)));
  } catch (thrown) {
    if (machineReason(thrown) !== "no-hard-links" && errnoOf(thrown) !== "EPERM") throw thrown;
    return undefined;
  }
}

async function removeDead(own: AnchoredDir, dir: AnchoredDir): Promise<readonly KilledRun[]> {
  const killed: KilledRun[] = [];
  for (const runId of dir.names().sort()) {
    const address = dir.address(runId);
    const found = fs.lstatSync(address, { bigint: true, throwIfNoEntry: false });
    if (found === undefined || !isOwnerEntry(found) || (await isOwnerAlive(address))) continue;
    if (!removeOwnFile(found, dir, runId)) continue;
    // It may have been killed after it was sealed.
    if (runId.startsWith(".") || !wasKilled(found) || findBundle(own, runId) !== undefined) continue;
    killed.push({ runId, started: formatUtcSecond(Math.min(Number(found.mtimeMs / 1000n), LAST_SECOND)) });
  }
  return killed;
}
