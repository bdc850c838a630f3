/**
 * Which names cannot stand side by side. macOS, Windows and many a network share hold only one of `Foo` and
 * `foo`: of two such files the second silently replaces the first when a sealed tree is copied there.
 *
 * @module
 */

import { areDistinctEverywhere } from "./distinct-names.ts";
import { foldName } from "./fold-name.ts";

/** Two names that cannot both exist. Told apart by `kind`: the first two are impossible on every system. */
export interface NameCollision {
  /**
   * `duplicate`: one path twice. `file-dir-conflict`: `first` is a file and `second` lies in it, or the other
   * way round. `collision`: two spellings of one name, each shown up to the component spelled differently.
   */
  readonly kind: "duplicate" | "file-dir-conflict" | "collision";
  /** The one that came earlier in the list. */
  readonly first: string;
  /** The one that came later. */
  readonly second: string;
}

/** A file or folder as spelled. There may be millions, so what most of them lack is made when needed. */
interface Place {
  readonly name: Name;
  children: Map<string, Place> | undefined;
  isFile: boolean;
  isReportedTwice: boolean;
  firstInside: string | undefined;
}

/** One name as other systems see it, whatever the spelling of the folders above it. */
interface Name {
  readonly firstPath: string;
  readonly firstSpelling: string;
  otherSpellings: Set<string> | undefined;
  /** What stands in all spellings of this folder together, by folded name. */
  inside: Map<string, Name> | undefined;
}

/**
 * Finds every pair of paths that cannot both exist, in the order in which the list reveals them.
 *
 * Names are compared component by component by `foldName`, within folders compared likewise, so `x/y` and
 * `X/w` collide in `x` and `X`. A third spelling is reported against the first one only, and names spelled alike
 * in two spellings of one folder are not reported again, so that the report grows no faster than the list.
 */
export function findNameCollisions(paths: readonly string[]): readonly NameCollision[] {
  if (areDistinctEverywhere(paths)) return [];
  const collisions: NameCollision[] = [];
  const root = newPlace(newName("", ""));
  for (const path of paths) addPath(root, path, collisions);
  return collisions;
}

function addPath(root: Place, path: string, collisions: NameCollision[]): void {
  let place = root;
  for (let start = 0; ; ) {
    const slash = path.indexOf("/", start);
    const end = slash < 0 ? path.length : slash;
    place = enter(place, path, start, end, collisions);
    if (slash < 0) break;
    if (place.firstInside === undefined) {
      place.firstInside = path;
      if (place.isFile)
        collisions.push({ kind: "file-dir-conflict", first: path.slice(0, end), second: path });
    }
    start = end + 1;
  }
  markFile(place, path, collisions);
}

function markFile(place: Place, path: string, collisions: NameCollision[]): void {
  if (!place.isFile) {
    place.isFile = true;
    if (place.firstInside === undefined) return;
    collisions.push({ kind: "file-dir-conflict", first: place.firstInside, second: path });
  } else if (!place.isReportedTwice) {
    place.isReportedTwice = true;
    collisions.push({ kind: "duplicate", first: path, second: path });
  }
}

/** Goes from a folder into its child `path[start, end)`. A spelling met for the first time is folded, once. */
function enter(folder: Place, path: string, start: number, end: number, collisions: NameCollision[]): Place {
  folder.children ??= new Map();
  const component = path.slice(start, end);
  const known = folder.children.get(component);
  if (known !== undefined) return known;

  const place = newPlace(findName(folder.name, component, path.slice(0, end), collisions));
  folder.children.set(component, place);
  return place;
}

function findName(folder: Name, spelling: string, path: string, collisions: NameCollision[]): Name {
  folder.inside ??= new Map();
  const folded = foldName(spelling);
  const known = folder.inside.get(folded);
  if (known === undefined) {
    const name = newName(path, spelling);
    folder.inside.set(folded, name);
    return name;
  }
  if (spelling !== known.firstSpelling && !known.otherSpellings?.has(spelling)) {
    known.otherSpellings ??= new Set();
    known.otherSpellings.add(spelling);
    collisions.push({ kind: "collision", first: known.firstPath, second: path });
  }
  return known;
}

function newPlace(name: Name): Place {
  return { name, children: undefined, isFile: false, isReportedTwice: false, firstInside: undefined };
}

function newName(firstPath: string, firstSpelling: string): Name {
  return { firstPath, firstSpelling, otherSpellings: undefined, inside: undefined };
}
