/** What `runseal diff` compares: two runs, what one run changed, or the newest run and the folder. @module */

import { join, resolve } from "node:path";
import { type HexDigest, ok, quote, type Result } from "../../../core/internal.ts";
import { findRunAtRoot } from "../../../node/back/guard/equal-snapshot.ts";
import { findGuard } from "../../../node/back/guard/guard-place.ts";
import { readSnapshotTask } from "../../../node/back/guard/snapshot-task.ts";
import { turnAfter } from "../../../node/back/guard/turns/choose-turn.ts";
import { readTurnsOf, turnIdOf } from "../../../node/back/guard/turns/turn-record.ts";
import { inspectBundle, type SeenBundle } from "../../../node/judge/history/inspect-run.ts";
import { findNewestRun } from "../../../node/judge/history/newest-run.ts";
import { runsFolderOf } from "../../../node/records/project/project-names.ts";
import { isSameDigest } from "../../../node/system/runtime/node-crypto.ts";
import { type OperationFault, operationFault } from "../../../node/system/runtime/operation-fault.ts";
import { findTurn, type TurnOptions } from "../../options/guard-options.ts";
import type { RegistryOptions } from "../../options/registry-options.ts";
import { placeOfSource } from "../../options/source-place.ts";
import type { TrustChoice } from "../../options/trust-options.ts";
import { UsageError } from "../../options/usage-error.ts";
import type { Io } from "../../output/io.ts";
import type { Remark } from "../../output/report.ts";
import { namedSnapshot } from "../history/named-snapshot.ts";
import { seeBundle } from "../history/see-bundle.ts";

/** A run that is compared. */
export interface ComparedRun {
  readonly seen: SeenBundle;
  /** The project or guard whose store has its bytes; undefined for what is carried. */
  readonly home: string | undefined;
}

/** The two sides. */
export interface Sides {
  /** Undefined: the run is the first. */
  readonly before: ComparedRun | undefined;
  /** Undefined: the folder. */
  readonly after: ComparedRun | undefined;
  readonly remarks: readonly Remark[];
}

/** Which runs are meant, and how to reach them. */
export interface SidesRequest extends RegistryOptions {
  readonly project?: string | undefined;
}

/** Finds two runs, or what one run changed. Fails where a run can't be found or read. Throws usage errors. */
export async function chooseSides(
  first: string,
  second: string | undefined,
  request: SidesRequest,
  choice: TrustChoice,
  io: Io,
): Promise<Result<Sides, OperationFault>> {
  const one = await findNamed(first, request, choice, io);
  if (!one.ok) return one;
  const { remarks } = one.value;
  if (second === undefined) return ok({ ...changedBy(one.value), remarks });
  const other = await findNamed(second, request, choice, io);
  if (!other.ok) return other;
  return ok({ before: one.value, after: other.value, remarks: [...remarks, ...other.value.remarks] });
}

/** What a turn changed: until its end, until the next turn of its session, or until now. Fails with GUARD_NOT_FOUND or RUN_NOT_FOUND. */
export function sidesOfTurn(
  options: TurnOptions,
  { project = "." }: SidesRequest,
  { cwd, environment }: Io,
): Result<Sides, OperationFault> {
  const guard = findGuard(resolve(cwd, project), environment);
  if (guard === undefined) return operationFault("GUARD_NOT_FOUND");
  const { path: home, shown } = guard;
  const turn = findTurn(home, shown, options);
  if (!turn.ok) return turn;
  const end = turn.value.after ?? turnAfter(readTurnsOf(home), turn.value)?.before;
  const sides = { before: stateAt(home, turn.value.before), after: stateAt(home, end), remarks: [] };
  if (sides.before !== undefined && (end === undefined) === (sides.after === undefined)) return ok(sides);
  const missing =
    turn.value.before === undefined ? "no snapshot was taken before it" : "a snapshot is not here";
  throw new UsageError(`what ${turnIdOf(turn.value)} changed can't be said: ${missing}`);
}

/** A run as it was named, of the project at hand, of the guard at hand, or carried. */
async function findNamed(
  text: string,
  { plainHttp, project: asked }: SidesRequest,
  choice: TrustChoice,
  io: Io,
): Promise<Result<ComparedRun & Pick<Sides, "remarks">, OperationFault>> {
  const guard = asked === undefined ? findGuard(io.cwd, io.environment)?.path : undefined;
  const find = async (project: string | undefined): ReturnType<typeof findNamed> => {
    const { named, remarks } = namedSnapshot(text, project, io);
    const source = placeOfSource(named, { project }, io);
    if (!source.ok) return source;
    const place = source.value.kind === "folder" ? source.value.place : undefined;
    // One of two runs may be in a registry alone.
    const options = { project, plainHttp: place === undefined ? plainHttp : undefined };
    const seen = await seeBundle(named, options, {}, choice, io);
    return seen.ok ? ok({ seen: seen.value, home: place?.home, remarks }) : seen;
  };
  const found = await find(asked);
  if (found.ok || found.code !== "RUN_NOT_FOUND" || guard === undefined) return found;
  // A folder may be guarded and have a project of its own.
  const guarded = await find(guard);
  return guarded.ok ? guarded : found;
}

/** What a run changed: a guarded run between its snapshots, an undo since the one before it, another since the run before. */
function changedBy({ home, seen }: ComparedRun): Pick<Sides, "after" | "before"> {
  const { run, sealed } = seen;
  const guard = sealed && run.guard;
  const task = sealed && readSnapshotTask(sealed.taskSpec);
  const root = guard?.before ?? (task?.moment === "revert" ? task.before : run.previousBundleRoot);
  const after = guard === undefined ? { seen, home } : stateAt(home, guard.after);
  if (after !== undefined && root === undefined) return { before: undefined, after };
  const before = stateAt(home, root);
  if (before !== undefined && after !== undefined) return { before, after };
  const missing = after === undefined ? "there is no snapshot after it" : "the run before it is not here";
  throw new UsageError(
    `what ${quote(run.runId)} changed can't be said: ${missing}\nname the two runs to compare; runseal log lists them`,
  );
}

/** The run with a root, if it is here; of a guarded run, which has no files, its last snapshot. */
function stateAt(home: string | undefined, root: HexDigest | undefined): ComparedRun | undefined {
  const runId = home && root && findRunAtRoot(home, root);
  if (home === undefined || runId === undefined || runId === "") return undefined;
  const seen = inspectBundle(join(runsFolderOf(home), runId));
  return isSameDigest(seen.run.bundleRoot, root) ? withFiles({ seen, home }) : undefined;
}

/** The snapshot that stands for a guarded run, which has no files itself: the last one that is here. Any other run is meant itself. */
export function withFiles(run: ComparedRun): ComparedRun {
  const guard = run.seen.sealed && run.seen.run.guard;
  if (guard === undefined) return run;
  return stateAt(run.home, guard.after) ?? stateAt(run.home, guard.before) ?? run;
}

/** The newest run of a project, or the newest snapshot of a guard, and the folder. Fails as `findNewestRun` does. */
export function sinceNewest(home: string, io: Pick<Io, "environment">): Result<Sides, OperationFault> {
  const newest = findNewestRun(home, io.environment);
  if (!newest.ok) return newest;
  const before = withFiles({ seen: inspectBundle(join(runsFolderOf(home), newest.value.runId)), home });
  return ok({ before, after: undefined, remarks: [] });
}
