/**
 * Where the bytes of outputs come from: a port, with the project root and the project's store as its implementations.
 *
 * @module
 */

import { ok, type Result, type SourceKind, type VerifiedOutput } from "../../../core/internal.ts";
import type { AnchoredRoot } from "../../system/files/anchored-root.ts";
import type { FileSystem } from "../../system/files/file-system.ts";
import { NeighbourWalk } from "../../system/files/neighbour-walk.ts";
import { kindAt, openPlainFile, type SourceWalk } from "../../system/files/read-source.ts";
import type { FileRange } from "../../system/hashing/hash-big-file.ts";
import type { OperationFault } from "../../system/runtime/operation-fault.ts";
import {
  type HeldObjects,
  type HeldRoot,
  holdRoot,
  type OpenObject,
  reachRoot,
  StoredObjects,
} from "./stored-objects.ts";

/** The sources: the project root, where outputs have their own names, and the project's store. */
export type SourceName = "root" | "store";

/** A source of outputs. Its bytes are hashed when they are used, never trusted. */
export interface OutputSource {
  /** What is in the output's place; nothing is opened. Throws what the system says. */
  kindOf(output: VerifiedOutput): SourceKind;
  /** Opens the bytes of an output; the caller closes a file, and leaves open the file of a range. Throws what the system says otherwise. */
  open(output: VerifiedOutput): OpenObject | OpenRange;
}

/** Bytes in a file that the source holds open. They are hashed where they are used. */
export interface OpenRange {
  readonly range: FileRange;
  /** Whether the owner may execute the output, where its bundle has no tree that says so. */
  readonly isProgram: boolean;
}

/** The project root: outputs under their own names. */
function rootSource(root: SourceWalk, fs: FileSystem): OutputSource {
  return {
    kindOf: ({ path }) => {
      const location = root.locate(path);
      return location.kind === "entry" ? kindAt(location.dir, location.name) : "missing";
    },
    // A regular file and no link, as planned: not even one that stays inside.
    open: ({ path }) => {
      const location = root.locate(path);
      return location.kind === "entry" ? openPlainFile(location.dir, location.name, fs) : "missing";
    },
  };
}

/** The store: outputs under their digests, independent of their names. Without a store, every output is missing. */
function storeSource(store: StoredObjects | undefined): OutputSource {
  return {
    kindOf: ({ digest }) => store?.kindOf(digest) ?? "missing",
    open: ({ digest }) => store?.open(digest) ?? "missing",
  };
}

/** Gives the source of a run. */
export type SourceOf = (runId: string) => OutputSource;

/** The folders of a restore, as data for any thread. */
export interface HeldFolders {
  readonly project: HeldRoot;
  readonly store: HeldObjects | undefined;
  /** Runs whose outputs come from the store. */
  readonly stored: ReadonlySet<string>;
}

/** The open folders of a restore. */
export interface FolderSources extends Disposable {
  readonly sourceOf: SourceOf;
  readonly held: HeldFolders;
}

/** The sources of a restore, for one thread. */
export interface ThreadSources {
  readonly sourceOf: SourceOf;
  /** Leaves the shared descriptors open. */
  readonly close: () => void;
}

/** Where outputs are under their own names, and the project with the store: mostly the same folder. */
export interface SourceFolders {
  readonly root: AnchoredRoot;
  readonly home: AnchoredRoot;
}

/** Opens the sources, the store for the runs that `stored` names; the caller closes the folders. Fails as `StoredObjects.open` does. */
export function openSources(
  { home, root: project }: SourceFolders,
  stored: ReadonlySet<string>,
  fs: FileSystem,
): Result<FolderSources, OperationFault> {
  const store = stored.size === 0 ? ok(undefined) : StoredObjects.open(home, fs);
  if (!store.ok) return store;
  return ok({
    sourceOf: chooseSource(project, store.value, stored, fs),
    held: {
      project: holdRoot(project),
      store: store.value?.hold(),
      stored,
    },
    [Symbol.dispose]: () => store.value?.close(),
  });
}

/** The same sources for one thread. */
export function foldersAt({ project, store, stored }: HeldFolders, fs: FileSystem): ThreadSources {
  const root = reachRoot(project, fs);
  const objects = store && StoredObjects.at(store, fs);
  return {
    sourceOf: chooseSource(root, objects, stored, fs),
    close: () => {
      root.closeFolders();
      objects?.close();
    },
  };
}

function chooseSource(
  project: AnchoredRoot,
  store: StoredObjects | undefined,
  stored: ReadonlySet<string>,
  fs: FileSystem,
): SourceOf {
  const root = rootSource(new NeighbourWalk(project), fs);
  const kept = storeSource(store);
  return (runId) => (stored.has(runId) ? kept : root);
}
