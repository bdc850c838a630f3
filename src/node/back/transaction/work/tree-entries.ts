/**
 * The links and empty folders of a restore, of all runs together. Texts are laid out in bytes: nothing of the bundles is held.
 *
 * @module
 */

import {
  itemAt,
  joinListings,
  type Listing,
  makeListing,
  type PlannedRun,
  type RestoredTree,
  TextViews,
  type TreeLink,
  targetPath,
} from "../../../../core/internal.ts";
import { layOutTexts } from "../../../system/hashing/shared-texts.ts";
import { OWNER_READ } from "./shared-outputs.ts";

/** The tree of one run. Paths are relative to the folder of the run, in byte order. */
export interface RunTree {
  readonly links: Listing<TreeLink>;
  readonly emptyFolders: Listing<string>;
  /** What the restore puts there: without empty folders that were there before. */
  readonly placed: RestoredTree;
}

const FOLDER_MODE = 0o755;

/** Links and empty folders of all runs. Paths are relative to the restore root, runs in the order of the plan. */
export class TreeEntries {
  readonly links: Listing<TreeLink>;
  readonly emptyFolders: Listing<string>;
  /** Links that are not restored, because the caller wants none. */
  readonly linksLeftOut: Listing<string>;
  /** By the index of the run; undefined for a plain bundle. */
  readonly runs: readonly (RunTree | undefined)[];
  /** Whether any run has a tree. */
  readonly isAny: boolean;
  /** Whether the target must hold the modes of the tree. */
  readonly checksModes: boolean;
  /** Modes of folders other than 755. */
  readonly #folderModes: ReadonlyMap<string, number>;
  /** Empty folders that were there before. */
  readonly #existing = new Set<string>();
  readonly #treesByFolder: ReadonlyMap<string, boolean>;

  /** Throws TextsTooLong where the paths or targets are more than 4 GiB. */
  constructor(planned: readonly PlannedRun[], checksModes: boolean) {
    this.runs = planned.map((run) => this.#runTree(run));
    const folders = planned.map(({ folder }) => folder);
    this.links = ofAll(
      folders,
      this.runs.map((run) => run?.links),
      (folder, { path, target }) => ({ path: targetPath({ folder }, path), target }),
    );
    this.emptyFolders = ofAll(
      folders,
      this.runs.map((run) => run?.emptyFolders),
      (folder, path) => targetPath({ folder }, path),
    );
    // Copied: a view of the links would hold the bundles' documents.
    this.linksLeftOut = planned.flatMap((run) =>
      Array.from(run.tree?.linksLeftOut ?? [], (path) => targetPath(run, path)),
    );
    this.checksModes = checksModes;
    this.isAny = planned.some(({ tree }) => tree !== undefined);
    this.#treesByFolder = new Map(planned.map(({ folder, tree }) => [folder, tree !== undefined]));
    this.#folderModes = new Map(
      planned.flatMap((run) =>
        (run.tree?.folderModes ?? []).map(
          ({ mode, path }) => [targetPath(run, path), checksModes ? mode : mode | OWNER_READ] as const,
        ),
      ),
    );
  }

  /** The first folder that is to be made, and that its owner may not read. One that is there keeps its mode. */
  unreadable(isThere: (path: string) => boolean): string | undefined {
    const isClosed = ([path, mode]: readonly [string, number]): boolean =>
      (mode & OWNER_READ) === 0 && !isThere(path);
    return Array.from(this.#folderModes).find(isClosed)?.[0];
  }

  /** Notes that an empty folder was there before the restore, and is not the restore's to remove. */
  noteExisting(path: string): void {
    this.#existing.add(path);
  }

  /** Whether an empty folder was there before. */
  isExisting(path: string): boolean {
    return this.#existing.has(path);
  }

  /** Whether a path below the restore root is of a bundle with a tree. */
  isInTree(path: string): boolean {
    const ofRoot = this.#treesByFolder.get("");
    if (ofRoot !== undefined) return ofRoot;
    const slash = path.indexOf("/");
    return this.#treesByFolder.get(slash < 0 ? path : path.slice(0, slash)) ?? false;
  }

  /** The mode of a folder that is made for a bundle with a tree: 755 whatever the umask, or that of a snapshot. Else undefined. */
  modeOf(path: string): number | undefined {
    return this.isInTree(path) ? (this.#folderModes.get(path) ?? FOLDER_MODE) : undefined;
  }

  /** Copies the links and empty folders of a run. */
  #runTree({ folder, tree }: PlannedRun): RunTree | undefined {
    if (tree === undefined) return undefined;
    const links = linksOf(copyTexts(pathsOf(tree.links)), copyTexts(targetsOf(tree.links)));
    const emptyFolders = copyTexts(tree.emptyFolders);
    const isOurs = (path: string): boolean => !this.#existing.has(targetPath({ folder }, path));
    return {
      links,
      emptyFolders,
      get placed() {
        return { links, emptyFolders: Array.from(emptyFolders).filter(isOurs) };
      },
    };
  }
}

// No closure of these functions holds a bundle.

/** The items of all runs, with the folders of the runs. */
function ofAll<Item, Placed>(
  folders: readonly string[],
  runs: readonly (Listing<Item> | undefined)[],
  place: (folder: string, item: Item) => Placed,
): Listing<Placed> {
  return joinListings(
    runs.map((items = [], run) =>
      makeListing(items.length, (index) => place(folders[run] ?? "", itemAt(items, index))),
    ),
  );
}

function copyTexts(texts: Listing<string>): TextViews {
  return TextViews.in(layOutTexts(texts));
}

function pathsOf(links: Listing<TreeLink>): Listing<string> {
  return makeListing(links.length, (index) => itemAt(links, index).path);
}

function targetsOf(links: Listing<TreeLink>): Listing<string> {
  return makeListing(links.length, (index) => itemAt(links, index).target);
}

function linksOf(paths: TextViews, targets: TextViews): Listing<TreeLink> {
  return makeListing(paths.length, (index) => ({
    path: itemAt(paths, index),
    target: itemAt(targets, index),
  }));
}
