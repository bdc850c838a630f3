/**
 * The guard around the command of a run: a snapshot of the folder before and after it. The command may be confined. The steps are in the
 * order of the methods.
 *
 * The snapshots are in the history of the guard whatever comes of the run, so that a failed or killed one can be taken back.
 *
 * @module
 */

import {
  type BoundGuard,
  formatUtcSecond,
  type HexDigest,
  type MachineReason,
  ok,
  type Result,
} from "../../core/internal.ts";
import { lendSigner } from "../back/guard/guard-key.ts";
import { guardNameOf } from "../back/guard/guard-place.ts";
import { GuardRules } from "../back/guard/guard-rules.ts";
import { countChangesBetween, type FolderChanges } from "../back/guard/list-snapshots.ts";
import type { OpenGuard } from "../back/guard/open-guard.ts";
import { readRunningRecords, removeRunningRecord, writeRunningRecord } from "../back/guard/running-record.ts";
import { type SealedLook, scanAndSeal, type TakeSnapshotRequest } from "../back/guard/take-snapshot.ts";
import type { Signer } from "../keys/signer.ts";
import { type SealFault, whileHeld } from "../make/seal/while-held.ts";
import type { HeldProject } from "../records/project/held-project.ts";
import { OWN_FOLDER } from "../records/project/project-names.ts";
import { openRuns } from "../records/project/run-links.ts";
import { isRunning } from "../records/project/running-runs.ts";
import { AnchoredDir } from "../system/files/anchored-dir.ts";
import { AnchoredRoot } from "../system/files/anchored-root.ts";
import { nodeFileSystem as fs } from "../system/files/file-system.ts";
import { isSame } from "../system/files/made-entry.ts";
import { pathOfComponents } from "../system/files/path-components.ts";
import { errnoOf, reasonOf } from "../system/runtime/machine-reason.ts";
import { type FaultFacts, type OperationFault, operationFault } from "../system/runtime/operation-fault.ts";
import type { Environment } from "../system/runtime/user-home.ts";
import { type ConfineRequest, confineCommand } from "./confine.ts";
import { type LeftProcess, SessionProcesses } from "./left-processes.ts";
import type { RunRequest } from "./run-request.ts";

/** What guards the folder of a run. */
export interface RunGuard extends Pick<TakeSnapshotRequest, "budget" | "jobs" | "recover"> {
  readonly guard: OpenGuard;
  /** Goes on without what can't be read. It is in neither snapshot. */
  readonly leavesOutUnreadable: boolean;
  /** Undefined: the command is not confined. */
  readonly confined: Pick<ConfineRequest, "evenAsRoot" | "kept" | "writable"> | undefined;
  /** Forgets old runs, if that is due. Runs after the run is sealed. */
  readonly forget?: ((signer: Signer) => Promise<void>) | undefined;
}

/** Nothing, another folder, or what is not a folder: a link is not followed. */
export type ReplacedBy = "nothing" | "folder" | "other";

/** What came of a guard. */
export interface GuardedFacts {
  /** SHA-256 of the guarded folder's real path. */
  readonly folder: HexDigest;
  readonly before: SealedLook;
  /** Undefined if the folder could not be looked at after the command. */
  readonly after: SealedLook | undefined;
  /** What is different after the command; undefined as above. */
  readonly changes: FolderChanges | undefined;
  /** GUARD_INCOMPLETE where the folder, or a part of it, could not be looked at after the command. */
  readonly incomplete: OperationFault | undefined;
  /** The processes of the command that still run; undefined where the system can't say. What they write is in no snapshot. */
  readonly leftRunning: readonly LeftProcess[] | undefined;
  /** What is at the path of the folder after the command, if it is not the same folder. */
  readonly replaced: ReplacedBy | undefined;
}

/** A guard around one command. */
export class CommandGuard {
  readonly #options: RunGuard;
  readonly #root: AnchoredRoot;
  readonly #request: RunRequest;
  readonly #signer: Signer;
  #rules: GuardRules | undefined;
  #before: SealedLook | undefined;
  #processes: SessionProcesses | undefined;
  #facts: GuardedFacts | undefined;

  /** `root` is the guarded folder. The signer stays the caller's. */
  constructor(options: RunGuard, root: AnchoredRoot, request: RunRequest, signer: Signer) {
    this.#options = options;
    this.#root = root;
    this.#request = request;
    // Each snapshot disposes of the signer that it was given.
    this.#signer = lendSigner(signer);
  }

  /** Gives what to run in the place of the command. Fails as `confineCommand` does. */
  confine(environment: Environment): Result<RunRequest["command"], OperationFault> {
    const { command, cwd } = this.#request;
    const { confined } = this.#options;
    if (confined === undefined) return ok(command);
    return confineCommand({ ...confined, command, root: this.#root, cwd, environment });
  }

  /**
   * Takes the snapshot from before the command, and records durably that the run names it. Fails with GUARD_BUSY where another guarded
   * run is in progress, with RUN_EXISTS where the name of the snapshot from after is taken; and as `holdProject` and `scanAndSeal` do: then
   * nothing is to be run.
   */
  async takeBefore(): Promise<Result<void, SealFault>> {
    const { guard, leavesOutUnreadable, recover } = this.#options;
    const { runId } = this.#request;
    const taken = await this.#whileHeld(async (held) => {
      const busy = await findBusy(held, runId);
      const taken = busy ?? refuseTaken(held, `${runId}.after`);
      if (taken !== undefined) return taken;
      const unrecovered = await recover?.(held, { guard, root: this.#root });
      if (unrecovered !== undefined) return unrecovered;
      // Before the command: what it does to `.runsealignore` has no effect. And after a recovery: a killed revert may have moved that file.
      const rules = GuardRules.read(this.#root, this.#request.ignore ?? []);
      if (!rules.ok) return rules;
      this.#rules = rules.value;
      const looked = await this.#look(held, this.#root, "before", leavesOutUnreadable);
      return looked.ok ? (this.#record(held, looked.value) ?? looked) : looked;
    });
    if (!taken.ok) return taken;
    this.#before = taken.value;
    this.#processes = SessionProcesses.look();
    return ok(undefined);
  }

  /** Takes the snapshot from after the command. What can't be looked at makes the guard incomplete. Throws an Interruption. */
  async takeAfter(): Promise<void> {
    const before = this.#before;
    if (before === undefined) throw new TypeError("the snapshot from before comes first");
    const { guard } = this.#options;
    const folder = guardNameOf(guard.realPath);
    const nothing = { folder, before, after: undefined, changes: undefined };
    const { reason, replaced, ...opened } = openAgain(this.#root);
    if (opened.root === undefined) {
      const incomplete = operationFault("GUARD_INCOMPLETE", { reason });
      this.#facts = { ...nothing, leftRunning: this.#left(), incomplete, replaced };
      return;
    }
    using root = opened.root;
    const taken = await this.#whileHeld(async (held) => await this.#look(held, root, "after", true));
    // Looked for last: a process that ended while the folder was read writes nothing later.
    const leftRunning = this.#left();
    if (!taken.ok) {
      const incomplete = operationFault("GUARD_INCOMPLETE", whyIncomplete(taken));
      this.#facts = { ...nothing, leftRunning, incomplete, replaced };
      return;
    }
    const after = taken.value;
    const names = after.look.unreadable;
    this.#facts = {
      folder,
      before,
      after,
      changes: countChangesBetween(realPathOf(guard), before, after),
      incomplete: names.length === 0 ? undefined : operationFault("GUARD_INCOMPLETE", { names }),
      leftRunning,
      replaced,
    };
  }

  /** What the run's binding names. */
  get bound(): BoundGuard | undefined {
    if (this.#facts === undefined) return undefined;
    const { after, before, folder } = this.#facts;
    return { folder, before: before.bundleRoot, after: after?.bundleRoot };
  }

  /** What came of the guard; undefined before the command has ended. */
  get facts(): GuardedFacts | undefined {
    return this.#facts;
  }

  /** Removes the record of the run: it is sealed, or its command could not be started. */
  end(): void {
    using own = this.#options.guard.home.dir.enterIfThere(OWN_FOLDER);
    if (own !== undefined) removeRunningRecord(own, this.#request.runId);
  }

  /** Forgets old runs, if that is due. */
  async forget(): Promise<void> {
    await this.#options.forget?.(this.#signer);
  }

  #left(): readonly LeftProcess[] | undefined {
    const before = this.#processes;
    return before && SessionProcesses.look()?.leftSince(before);
  }

  #record(held: HeldProject, { bundleRoot }: SealedLook): OperationFault | undefined {
    const { guard } = this.#options;
    const { clock, runId } = this.#request;
    const started = formatUtcSecond(clock());
    const record = { runId, before: bundleRoot, folder: guardNameOf(guard.realPath), started };
    try {
      writeRunningRecord(held.folder, record);
      return undefined;
    } catch (thrown) {
      return operationFault("WRITE_FAILED", { path: `${held.shown}/running`, reason: reasonOf(thrown) });
    }
  }

  async #look(
    held: HeldProject,
    root: AnchoredRoot,
    moment: "before" | "after",
    leavesOutUnreadable: boolean,
  ): Promise<Result<SealedLook, OperationFault>> {
    const { budget, guard, jobs } = this.#options;
    const rules = this.#rules;
    if (rules === undefined) throw new TypeError("the patterns are read first");
    const { clock, environment, progress, runId, signal } = this.#request;
    // The command may have rewritten the index.
    const onlyIndex = this.#before?.look.indexSum;
    const looked = await scanAndSeal(
      held,
      { guard, root },
      {
        budget,
        environment,
        jobs,
        leavesOutUnreadable,
        moment,
        now: clock(),
        onlyIndex,
        ofRun: runId,
        openSigner: async () => ok(this.#signer),
        progress,
        rules,
        runId: `${runId}.${moment}`,
        signal,
      },
    );
    progress?.end();
    return looked;
  }

  async #whileHeld(
    act: (held: HeldProject) => Promise<Result<SealedLook, OperationFault>>,
  ): Promise<Result<SealedLook, SealFault>> {
    const { home, homePath } = this.#options.guard;
    return await whileHeld({ ...this.#request, home, homePath }, act);
  }
}

function realPathOf({ home }: OpenGuard): string {
  return pathOfComponents(home.real);
}

/** The changes of two commands at a time can't be separated. */
async function findBusy({ folder, shown }: HeldProject, runId: string): Promise<OperationFault | undefined> {
  try {
    for (const record of readRunningRecords(folder)) {
      if (record.runId !== runId && (await isRunning(folder, record.runId)))
        return operationFault("GUARD_BUSY", { run_id: record.runId });
    }
    return undefined;
  } catch (thrown) {
    return operationFault("READ_FAILED", { path: `${shown}/running`, reason: reasonOf(thrown) });
  }
}

/** A name that is taken would be found out only after the command. */
function refuseTaken({ folder, shown }: HeldProject, runId: string): OperationFault | undefined {
  using runs = openRuns(folder);
  return runs?.has(runId) === true
    ? operationFault("RUN_EXISTS", { path: `${shown}/runs/${runId}` })
    : undefined;
}

function whyIncomplete(fault: OperationFault): FaultFacts["GUARD_INCOMPLETE"] {
  switch (fault.code) {
    case "SNAPSHOT_REFUSED":
      return fault.details.reason === "unreadable" ? { names: fault.details.names } : fault.details;
    case "READ_FAILED":
    case "WRITE_FAILED":
      return { reason: fault.details.reason };
    default:
      return {};
  }
}

/** The guarded folder after the command, and what is in its place otherwise. */
interface OpenedAgain extends Pick<GuardedFacts, "replaced"> {
  readonly root?: AnchoredRoot;
  readonly reason?: MachineReason;
}

/** Opens the guarded folder by its path again, never through a link in its place: the command may have removed or replaced it. */
function openAgain(root: AnchoredRoot): OpenedAgain {
  const path = pathOfComponents(root.real);
  try {
    const dir = openFolder(root.real);
    const isOther = !isSame(
      fs.fstatSync(dir.fd, { bigint: true }),
      fs.fstatSync(root.dir.fd, { bigint: true }),
    );
    return { root: AnchoredRoot.adopt(dir, path), replaced: isOther ? "folder" : undefined };
  } catch (thrown) {
    const reason = reasonOf(thrown);
    if (errnoOf(thrown) === "ENOENT") return { replaced: "nothing" };
    const isNoFolder = ["ELOOP", "ENOTDIR"].includes(errnoOf(thrown) ?? "");
    return { reason, replaced: isNoFolder ? "other" : undefined };
  }
}

function openFolder(real: readonly string[]): AnchoredDir {
  const name = real.at(-1);
  if (name === undefined) return AnchoredDir.open("/");
  using above = AnchoredDir.open(pathOfComponents(real.slice(0, -1)));
  return above.enter(name);
}
