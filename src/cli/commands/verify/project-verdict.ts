/** What a verdict on a run takes from its project: the state of the history, and a later run that explains why files differ. @module */

import { join, resolve } from "node:path";
import { type HexDigest, matchesDigest, type Rejection } from "../../../core/internal.ts";
import {
  type ExplainedRun,
  findLaterRun,
  type MovedRequest,
} from "../../../node/judge/history/explain-moved.ts";
import type { ReadHistory } from "../../../node/judge/history/read-history.ts";
import { type JudgedHistoryRun, judgeHistory } from "../../../node/judge/history/verify-history.ts";
import type { VerifyReport } from "../../../node/judge/verify/verify-bundle-files.ts";
import type { BundlePlace } from "../../../node/library/places/bundle-place.ts";
import { runsFolderOf } from "../../../node/records/project/project-names.ts";
import { nodeCrypto } from "../../../node/system/runtime/node-crypto.ts";
import type { OperationFault } from "../../../node/system/runtime/operation-fault.ts";
import { answerTrust, type TrustChoice } from "../../options/trust-options.ts";
import type { Io } from "../../output/io.ts";
import { type FaultOfHistory, faultsOfHistory } from "../../verdict/finding-text.ts";
import { mayHaveMoved } from "../../verdict/stored-text.ts";

/** A history, and what is wrong with it. */
export interface SeenHistory extends ReadHistory<JudgedHistoryRun> {
  readonly faults: readonly FaultOfHistory[];
  /** The run that was verified; undefined where it is not among those of the project. */
  readonly own: JudgedHistoryRun | undefined;
}

/** What the project adds to a verdict. */
export interface ProjectVerdict {
  /** Undefined where the verdict is about the run alone. */
  readonly history?: SeenHistory | undefined;
  readonly explained?: ExplainedRun | undefined;
  /** Why the history that the verdict should include can't be read. */
  readonly fault?: OperationFault | Rejection | undefined;
}

/** Which history a verdict includes: of a run that was named, none; with a report, that of a run of the project; else the project's. */
export type HistoryDemand = "none" | "of-own-run" | "project";

/** What to ask. */
interface ProjectRequest {
  readonly place: BundlePlace;
  readonly choice: TrustChoice;
  readonly includes: HistoryDemand;
  readonly verified: Omit<MovedRequest, "history" | "isTrusted">;
}

/** Judges the project around a run, as far as the verdict needs it. Throws an Interruption. */
export async function judgeProject(
  report: VerifyReport,
  { choice, includes, place, verified }: ProjectRequest,
  io: Io,
): Promise<ProjectVerdict> {
  const { environment, signal } = io;
  const read = await judgeHistory({ root: place.home, environment, signal });
  if (!read.ok) return includes === "project" ? { fault: read } : {};
  const faults = faultsOfHistory(read.value.history, choice, io.now());
  const own = findOwn(read.value, place, report.judged?.bundleRoot, io.cwd);
  const isIncluded = includes === "project" || (includes === "of-own-run" && own !== undefined);
  const explained =
    mayHaveMoved(report) && report.judged !== undefined && faults.length === 0
      ? await findLaterRun(report.judged, {
          ...verified,
          history: read.value.history,
          isTrusted: (sealed) => answerTrust(choice, sealed, io.now()).ok,
        })
      : undefined;
  return { history: isIncluded ? { ...read.value, faults, own } : undefined, explained };
}

function findOwn(
  { history }: ReadHistory<JudgedHistoryRun>,
  { bundle, home }: BundlePlace,
  bundleRoot: HexDigest | undefined,
  cwd: string,
): JudgedHistoryRun | undefined {
  const [own, runs] = [resolve(cwd, bundle), resolve(cwd, runsFolderOf(home))];
  const all = [...history.places.keys()];
  const named = all.find(({ runId }) => join(runs, runId) === own);
  if (named !== undefined || bundleRoot === undefined) return named;
  return all.find((run) => matchesDigest(bundleRoot, run.bundleRoot, nodeCrypto));
}
