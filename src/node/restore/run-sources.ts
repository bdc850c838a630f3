/**
 * Where the outputs of each run of a restore come from: of one the project root, of another the store.
 *
 * @module
 */

import { ok, type Result } from "../../core/index.ts";
import type { AnchoredRoot } from "../files/anchored-root.ts";
import type { FileSystem } from "../files/file-system.ts";
import type { OperationFault } from "../operation-fault.ts";
import { ObjectStore } from "../store/object-store.ts";
import type { OutputSource } from "../store/output-source.ts";
import { RootSource } from "../store/root-source.ts";
import { StoreSource } from "../store/store-source.ts";
import type { Eligibility } from "./eligibility.ts";

/** Gives the source of a run. */
export type SourceOf = (runId: string) => OutputSource;

/** The sources of a restore, as long as they are open. */
export interface RunSources {
  readonly sourceOf: SourceOf;
  readonly close: () => void;
}

/** Opens what runs were found in; the project root stays the caller's. Fails as `ObjectStore.open` does. */
export function openSources(
  project: AnchoredRoot,
  eligible: readonly Eligibility[],
  fs: FileSystem,
): Result<RunSources, OperationFault> {
  const stored = eligible.filter(({ source }) => source === "store");
  const fromStore = new Set(stored.map(({ eligible: { opened } }) => opened.runId));
  const store = fromStore.size === 0 ? ok(undefined) : ObjectStore.open(project, fs);
  if (!store.ok) return store;
  const root = new RootSource(project, fs);
  const kept = new StoreSource(store.value);
  return ok({
    sourceOf: (runId) => (fromStore.has(runId) ? kept : root),
    close: () => store.value?.close(),
  });
}
