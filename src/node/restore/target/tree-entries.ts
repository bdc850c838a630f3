/**
 * The links and empty folders of a restore, of all runs together. Texts are laid out in bytes: nothing of the bundles is held.
 *
 * @module
 */

import {
  type FolderMode,
  itemAt,
  type Listing,
  makeListing,
  type PlannedRun,
  type RestoredTree,
  type TreeLink,
  targetPath,
} from "../../../core/internal.ts";
import { layOutTexts, TextReader } from "../../hashing/shared-texts.ts";

/** The tree of one run. Paths are relative to the folder of the run, in byte order. */
export interface RunTree {
  readonly links: Listing<TreeLink>;
  readonly emptyFolders: Listing<string>;
  /** What the restore puts there: without empty folders that were there before. */
  readonly placed: RestoredTree;
}

/** Links and empty folders of all runs. Paths are relative to the restore root, runs in the order of the plan. */
export class TreeEntries {
  readonly links: Listing<TreeLink>;
  readonly emptyFolders: Listing<string>;
  /** Links that are not restored, because the caller wants none. */
  readonly linksLeftOut: Listing<string>;
  /** Folders that are to have another mode than 755, deepest first. */
  readonly folderModes: readonly FolderMode[];
  /** By the index of the run; undefined for a plain bundle. */
  readonly runs: readonly (RunTree | undefined)[];
  /** Whether any run has a tree. */
  readonly isAny: boolean;
  /** Whether the target must hold the modes of the tree. */
  readonly checksModes: boolean;
  /** Empty folders that were there before. */
  readonly #existing = new Set<string>();
  readonly #treesByFolder: ReadonlyMap<string, boolean>;

  /** Throws TextsTooLong where the paths or targets are more than 4 GiB. */
  constructor(planned: readonly PlannedRun[], checksModes: boolean) {
    const links = new TextPairs(planned);
    const folders = concatenate(planned, ({ tree }) => tree?.emptyFolders.length ?? 0);
    const emptyFolders = new TextReader(
      layOutTexts(
        makeListing(folders.length, (index) => {
          const { at, run } = folders.find(index);
          return targetPath(run, itemAt(run.tree?.emptyFolders ?? [], at));
        }),
      ),
    );
    this.links = makeListing(links.length, (index) => links.at(index));
    this.emptyFolders = makeListing(folders.length, (index) => emptyFolders.at(index));
    // Copied: a view of the links would hold the bundles' documents.
    this.linksLeftOut = planned.flatMap((run) =>
      Array.from(run.tree?.linksLeftOut ?? [], (path) => targetPath(run, path)),
    );
    this.checksModes = checksModes;
    this.isAny = planned.some(({ tree }) => tree !== undefined);
    this.#treesByFolder = new Map(planned.map(({ folder, tree }) => [folder, tree !== undefined]));
    this.folderModes = planned
      .flatMap((run) =>
        (run.tree?.folderModes ?? []).map(({ mode, path }) => ({ mode, path: targetPath(run, path) })),
      )
      .sort((left, right) => depthOf(right.path) - depthOf(left.path));
    this.runs = planned.map(({ folder, tree }, index) => {
      if (tree === undefined) return undefined;
      const relative = (path: string): string => (folder === "" ? path : path.slice(folder.length + 1));
      const [firstLink, firstFolder] = [itemAt(links.starts, index), itemAt(folders.starts, index)];
      return this.#runTree(
        makeListing(tree.links.length, (number) => {
          const { path, target } = links.at(firstLink + number);
          return { path: relative(path), target };
        }),
        makeListing(tree.emptyFolders.length, (number) => relative(emptyFolders.at(firstFolder + number))),
        (path) => !this.#existing.has(targetPath({ folder }, path)),
      );
    });
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

  #runTree(
    links: Listing<TreeLink>,
    emptyFolders: Listing<string>,
    isOurs: (path: string) => boolean,
  ): RunTree {
    return {
      links,
      emptyFolders,
      get placed() {
        return { links, emptyFolders: Array.from(emptyFolders).filter(isOurs) };
      },
    };
  }
}

/** The links of all runs. */
class TextPairs {
  readonly length: number;
  readonly starts: readonly number[];
  readonly #paths: TextReader;
  readonly #targets: TextReader;

  constructor(planned: readonly PlannedRun[]) {
    const { find, length, starts } = concatenate(planned, ({ tree }) => tree?.links.length ?? 0);
    const linkAt = (index: number): TreeLink => {
      const { at, run } = find(index);
      const { path, target } = itemAt(run.tree?.links ?? [], at);
      return { path: targetPath(run, path), target };
    };
    this.length = length;
    this.starts = starts;
    this.#paths = new TextReader(layOutTexts(makeListing(length, (index) => linkAt(index).path)));
    this.#targets = new TextReader(layOutTexts(makeListing(length, (index) => linkAt(index).target)));
  }

  at(index: number): TreeLink {
    return { path: this.#paths.at(index), target: this.#targets.at(index) };
  }
}

/** Numbers the items of all runs, one run after the other. */
function concatenate(
  planned: readonly PlannedRun[],
  lengthOf: (run: PlannedRun) => number,
): {
  readonly length: number;
  readonly starts: readonly number[];
  /** The run of an item, and the number of the item in the run. Fast if the items are asked for in order. */
  readonly find: (index: number) => { readonly run: PlannedRun; readonly at: number };
} {
  const starts: number[] = [];
  let length = 0;
  for (const run of planned) {
    starts.push(length);
    length += lengthOf(run);
  }
  let number = 0;
  const find = (index: number): { readonly run: PlannedRun; readonly at: number } => {
    if (index < (starts[number] ?? 0)) number = 0;
    while (index >= (starts[number + 1] ?? length) && number + 1 < planned.length) number++;
    return { run: itemAt(planned, number), at: index - itemAt(starts, number) };
  };
  return { length, starts, find };
}

function depthOf(path: string): number {
  return path.split("/").length;
}
