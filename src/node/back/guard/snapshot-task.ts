/**
 * TASK_SPEC.json of a snapshot: why it was made, and what it does not hold.
 *
 * @module
 */

import {
  DIGEST,
  encodeOwn,
  type HexDigest,
  type JsonObject,
  jsonObject,
  list,
  oneOf,
  readAs,
  text,
} from "../../../core/internal.ts";
import { systemName } from "../../system/runtime/this-system.ts";
import { RUNSEAL_VERSION } from "../../system/runtime/version.ts";
import type { FolderLook } from "./scan-folder.ts";

/** Why a snapshot was made. */
export const SNAPSHOT_MOMENTS = ["before", "after", "manual", "revert"] as const;

/** When a snapshot was made: before a run or a revert, after a run, on request, or after a revert. */
export type SnapshotMoment = (typeof SNAPSHOT_MOMENTS)[number];

/** Paths that one list of a task names. */
const MAX_NAMED = 1000;

/** What a snapshot says beside its files and its tree. */
export interface SnapshotTask {
  /** The id of the snapshot, if it is sealed. */
  readonly runId: string;
  readonly moment: SnapshotMoment;
  /** The run that it was made for. After a revert, what was reverted. */
  readonly ofRun: string | undefined;
  /** The root of the snapshot before a revert; undefined for other moments. */
  readonly before?: HexDigest | undefined;
  readonly message: string | undefined;
  /** The name of the folder, without the folders above it. */
  readonly folder: string;
  /** RFC 3339, UTC, whole seconds. */
  readonly createdAt: string;
}

/** Encodes the task of a snapshot, in canonical form. */
export function encodeSnapshotTask(task: SnapshotTask, look: FolderLook): Uint8Array {
  const { fromIndex, hashed, notGuarded, tree, unreadable, unsettled } = look;
  const leftOut = [...notGuarded, ...unreadable.map((path) => ({ path, reason: "unreadable" }))].slice(
    0,
    MAX_NAMED,
  );
  return encodeOwn(
    jsonObject({
      task_id: task.runId,
      kind: "snapshot",
      moment: task.moment,
      of_run: task.ofRun ?? null,
      before: task.before,
      message: task.message ?? null,
      folder: task.folder,
      inputs: [],
      expected_outputs: ["."],
      constraints: jsonObject({}),
      ignored: tree.tree.ignored,
      left_out: leftOut.map(({ path, reason }) => jsonObject({ path, reason })),
      left_out_more: notGuarded.length + unreadable.length - leftOut.length,
      unsettled: unsettled.slice(0, MAX_NAMED),
      hashed,
      from_index: fromIndex,
      created_at: task.createdAt,
      versions: jsonObject({
        runseal: RUNSEAL_VERSION,
        node: process.versions.node,
        platform: `${systemName}-${process.arch}`,
      }),
    }),
  );
}

/** What a reader learns from the task of a snapshot. */
export interface ReadTask extends Pick<SnapshotTask, "message" | "moment" | "ofRun"> {
  /** The root of the snapshot before a revert. */
  readonly before: HexDigest | undefined;
  readonly unsettled: readonly string[];
}

/** Reads the task of a snapshot; `undefined` for any other task. */
export function readSnapshotTask(task: JsonObject): ReadTask | undefined {
  const moment = readAs(oneOf(SNAPSHOT_MOMENTS), task.get("moment"));
  if (task.get("kind") !== "snapshot" || moment === undefined) return undefined;
  return {
    moment,
    ofRun: readAs(text(), task.get("of_run")),
    before: readAs(DIGEST, task.get("before")),
    message: readAs(text(), task.get("message")),
    unsettled: readAs(list(text()), task.get("unsettled")) ?? [],
  };
}
