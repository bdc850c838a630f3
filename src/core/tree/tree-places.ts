/**
 * What a lawful tree has at a path.
 *
 * @module
 */

import { itemAt } from "../bytes/listing.ts";
import type { TextViews } from "../json/text-views.ts";
import type { OutputTree } from "./output-tree.ts";

/** A link by its index in the tree. */
export interface TreeLink {
  readonly path: string;
  readonly target: string;
}

/** Looks up places of a lawful tree by binary search, without an index in memory. */
export class TreePlaces {
  readonly #tree: OutputTree;
  readonly #files: TextViews;

  /** @param files the paths of OUTPUT_HASHES.json in byte order. */
  constructor(tree: OutputTree, files: TextViews) {
    this.#tree = tree;
    this.#files = files;
  }

  /** Throws a RangeError for an index beyond the last link, which is a bug. */
  link(index: number): TreeLink {
    const { paths, values } = this.#tree.links;
    return { path: itemAt(paths, index), target: itemAt(values, index) };
  }

  /** The index of the link at a path, undefined if none is there. */
  findLink(path: string): number | undefined {
    return this.#tree.links.paths.find(path);
  }

  /** Whether a file or a folder of the tree is at a path. */
  hasFileOrFolder(path: string): boolean {
    const { emptyFolders, links } = this.#tree;
    if (this.#files.find(path) !== undefined || emptyFolders.find(path) !== undefined) return true;
    const below = `${path}/`;
    return [this.#files, links.paths, emptyFolders].some((paths) =>
      paths.startsAt(paths.lowerBound(below), below),
    );
  }
}
