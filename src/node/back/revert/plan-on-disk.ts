/**
 * Looks at the guarded folder, plans the revert, and refuses it with everything named that stands against it.
 *
 * @module
 */

import {
  differingPaths,
  ok,
  planRevert,
  type RestoreFault,
  type Result,
  type RevertOutlook,
  restoreFault,
  SnapshotView,
} from "../../../core/internal.ts";
import { ObjectMemory } from "../../records/store/object-memory.ts";
import { StoredObjects } from "../../records/store/stored-objects.ts";
import type { AnchoredRoot } from "../../system/files/anchored-root.ts";
import type { FileSystem } from "../../system/files/file-system.ts";
import { nodeCrypto } from "../../system/runtime/node-crypto.ts";
import type { OperationFault } from "../../system/runtime/operation-fault.ts";
import { GuardRules, patternsOfTree } from "../guard/guard-rules.ts";
import type { OpenGuard } from "../guard/open-guard.ts";
import { type FolderLook, type LookRequest, scanFolder } from "../guard/scan-folder.ts";
import { attributeChanges } from "./attribute-changes.ts";
import { DiskPlaces } from "./disk-places.ts";
import type { RangeRefusal, RevertRange } from "./find-reverted.ts";
import { findOpenWriters } from "./open-writers.ts";
import type { GuardBundles } from "./read-snapshot.ts";
import type { RevertFolderRequest } from "./revert-request.ts";

/** The folder and its guard. */
export interface RevertPlace {
  readonly root: AnchoredRoot;
  readonly guard: OpenGuard;
}

/** What is planned. The caller closes the store. */
export interface DiskPlan extends Disposable {
  readonly outlook: RevertOutlook;
  /** The folder as it is now. Its bytes are in the store. */
  readonly look: FolderLook;
  readonly store: StoredObjects | undefined;
}

/** How to look at the folder. */
export type LookOptions = Pick<RevertFolderRequest, "environment"> &
  Pick<LookRequest, "budget" | "jobs" | "onlyIndex" | "progress" | "signal">;

/** Looks at the bytes of all files. */
export const NO_INDEX: Uint8Array = new Uint8Array(0);

/** Looks at the folder by the patterns of a snapshot. Fails as `scanFolder` does. */
export async function lookBy(
  { guard: { home }, root }: RevertPlace,
  ignored: readonly string[],
  options: LookOptions,
): Promise<Result<FolderLook, OperationFault>> {
  const rules = GuardRules.of(patternsOfTree(ignored));
  if (!rules.ok) return rules;
  const memory = ObjectMemory.of(options.environment, home);
  return await scanFolder({
    ...options,
    root,
    home,
    memory,
    rules: rules.value,
    leavesOutUnreadable: true,
  });
}

/**
 * Plans on the disk. Fails with UNDO_TARGET_CHANGED, UNDO_BLOCKED or UNDO_FILES_OPEN, each with all paths; with
 * RESTORE_SELECTION_NOT_FOUND; as `scanFolder`, `StoredObjects.open` and `findOwn` do. Throws an Interruption.
 */
export async function planOnDisk(
  place: RevertPlace,
  range: RevertRange,
  request: RevertFolderRequest,
  bundles: GuardBundles,
  fs: FileSystem,
): Promise<Result<DiskPlan, RangeRefusal>> {
  // Nothing but this look compares the folder with a snapshot that it is to be made like.
  const onlyIndex = range.after === undefined ? NO_INDEX : undefined;
  const look = await lookBy(place, range.before.ignored, { ...request, onlyIndex });
  if (!look.ok) return look;
  const opened = StoredObjects.open(place.guard.home, fs);
  if (!opened.ok) return opened;
  const store = opened.value;
  let isPlanned = false;
  try {
    request.progress?.beginWhole("plan", { files: look.value.outputs.length });
    const places = new DiskPlaces(place.root, store, fs);
    const now = new SnapshotView(look.value.outputs.table, look.value.tree.tree);
    const after = range.after?.view ?? now;
    const snapshots = { before: range.before.view, after, now };
    const own = range.findOwn?.(now);
    if (own?.ok === false) return own;
    const question = { snapshots, choice: request.choice, places, own: own?.value };
    const planned = planRevert(question, nodeCrypto);
    request.progress?.end();
    if (!planned.ok) return planned;
    const outlook = planned.value;
    const refused = refuse(outlook, { bundles, now, places, request, range });
    if (refused !== undefined) return refused;
    isPlanned = true;
    return ok({ outlook, look: look.value, store, [Symbol.dispose]: () => store?.close() });
  } finally {
    if (!isPlanned) store?.close();
  }
}

interface Refusing {
  readonly bundles: GuardBundles;
  readonly now: SnapshotView;
  readonly places: DiskPlaces;
  readonly request: RevertFolderRequest;
  readonly range: RevertRange;
}

function refuse(
  { blocked, changed, plan }: RevertOutlook,
  { bundles, now, places, request, range }: Refusing,
): RestoreFault | undefined {
  const named = blocked.length === 0 ? {} : { blocked };
  const work = withoutRewrittenIndexes(changed, range.after?.view ?? now, now);
  if (work.length > 0 && request.choice.changed === "refuse") {
    const attributed = attributeChanges(work, now, range.after?.runId ?? "", bundles);
    return restoreFault("PLAN", "UNDO_TARGET_CHANGED", { reason: "run", changed: attributed, ...named });
  }
  if (blocked.length > 0) return restoreFault("PLAN", "UNDO_BLOCKED", { blocked });
  if (request.evenIfOpen) return undefined;
  const moved = plan.moves.flatMap(({ expected, path }) =>
    expected.kind === "file" ? (places.identify(path) ?? []) : [],
  );
  const open = findOpenWriters(moved);
  return open.length === 0 ? undefined : restoreFault("PLAN", "UNDO_FILES_OPEN", { open });
}

/**
 * Passes over the index of a repository in which nothing else has changed since: `git status` alone rewrites it. It is undone with the
 * rest, and the snapshot from before keeps what was staged. A commit, or what was staged since, has objects of its own.
 */
function withoutRewrittenIndexes(
  changed: RevertOutlook["changed"],
  after: SnapshotView,
  now: SnapshotView,
): RevertOutlook["changed"] {
  if (!changed.some(({ path }) => GIT_INDEX.test(path))) return changed;
  const used = new Set<string | undefined>();
  for (const { path } of differingPaths(after, now, nodeCrypto))
    if (!GIT_INDEX.test(path)) used.add(repositoryOf(path));
  return changed.filter(({ path }) => !GIT_INDEX.test(path) || used.has(repositoryOf(path)));
}

/** The index of a repository, of a submodule or of a worktree; no branch of that name. */
const GIT_INDEX = /(?:^|\/)\.git\/(?:(?:modules|worktrees)\/(?!.*\/(?:refs|logs)\/).+\/)?index$/;

/** The folder of the repository that a path is in. */
function repositoryOf(path: string): string | undefined {
  return /^(?:.*?\/)?\.git\//.exec(path)?.[0];
}
