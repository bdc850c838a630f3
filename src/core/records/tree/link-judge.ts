/**
 * Whether a link of a tree leads outside of it. The answer depends on the bundle alone, never on what is on the disk.
 *
 * A target is walked component by component, through `..` and through links of the tree. A link leads outside if the walk meets an
 * absolute target, climbs above the root, or climbs from a place that the tree does not know. Plain names below a known place are
 * inside even if nothing is there. A cycle, or more than 40 links, leads nowhere: that is inside.
 *
 * @module
 */

import { MAX_PATH_BYTES } from "../../system/bytes/limits.ts";
import { itemAt } from "../../system/bytes/listing.ts";
import type { TextViews } from "../../system/json/text-views.ts";
import { linkAt, type OutputTree } from "./output-tree.ts";
import { folderAbove } from "./tree-folders.ts";

/** Links that are followed, beside the one that is judged. Linux follows as many. */
const MAX_FOLLOWED = 40;

/** Where the walk of a link's target ends. */
interface End {
  /** `nowhere` for a cycle or too many links. */
  readonly kind: "outside" | "nowhere" | "place";
  /** Links that were followed up to there. */
  readonly followed: number;
  /** The place, if it is one. */
  readonly at: Place;
}

interface Place {
  /** Relative to the root; "" is the root. */
  readonly path: string;
  /** Whether the place is known to be in the tree. Looked up only if the walk climbs from it. */
  readonly isKnown: boolean;
  /** Whether no tree can have the place, because the path is too long. */
  readonly isLost: boolean;
}

const ROOT: Place = { path: "", isKnown: true, isLost: false };
const NOWHERE: End = { kind: "nowhere", followed: MAX_FOLLOWED + 1, at: ROOT };

/** A walk that may wait for the end of a link that it follows. */
interface Walk {
  readonly link: number;
  readonly target: string;
  /** Where the next component begins. */
  next: number;
  at: Place;
  followed: number;
  /** Set once the walk need not go on. */
  end: End | undefined;
}

/**
 * Judges the links of one tree. Keeps the ends of links that others follow, so that judging all links takes time linear in
 * their targets, whatever links a hostile tree chains.
 */
export class LinkJudge {
  readonly #tree: OutputTree;
  readonly #files: TextViews;
  readonly #ends: KnownEnds;

  /**
   * @param tree a lawful tree.
   * @param files the paths of OUTPUT_HASHES.json in byte order.
   */
  constructor(tree: OutputTree, files: TextViews) {
    this.#tree = tree;
    this.#files = files;
    this.#ends = new KnownEnds(tree.links.paths.length);
  }

  /** Whether the link at an index of `tree.links` leads outside. */
  leadsOutside(link: number): boolean {
    return this.#endOf(link).kind === "outside";
  }

  /** Whether what the link at an index leads to is in the tree: a file, or a folder that is not outside. */
  leadsToSealed(link: number): boolean {
    const { at, kind } = this.#endOf(link);
    if (kind !== "place" || at.isLost) return false;
    return at.path === "" || this.#hasFileOrFolder(at.path);
  }

  /** Walks without recursion: links can be chained a million times. */
  #endOf(link: number): End {
    const known = this.#ends.get(link);
    if (known !== undefined) return known;
    const walks = [this.#begin(link)];
    const walking = new Set([link]);
    for (let walk = walks.at(-1); walk !== undefined; walk = walks.at(-1)) {
      const step = this.#walk(walk);
      if (typeof step === "number") {
        const end = walking.has(step) ? NOWHERE : this.#ends.get(step);
        if (end !== undefined) follow(walk, end);
        else {
          walks.push(this.#begin(step));
          walking.add(step);
        }
        continue;
      }
      walks.pop();
      walking.delete(walk.link);
      const follower = walks.at(-1);
      if (follower === undefined) return step;
      this.#ends.set(walk.link, step);
      follow(follower, step);
    }
    return NOWHERE;
  }

  #begin(link: number): Walk {
    const { path, target } = linkAt(this.#tree, link);
    const folder = folderAbove(path);
    const end = target.startsWith("/") ? outside(0) : undefined;
    return { link, target, next: 0, at: { ...ROOT, path: folder }, followed: 0, end };
  }

  /** Goes on to the end of the target, or gives the index of a link to follow first. */
  #walk(walk: Walk): End | number {
    const { target } = walk;
    while (walk.end === undefined && walk.next <= target.length) {
      const slash = target.indexOf("/", walk.next);
      const name = target.slice(walk.next, slash < 0 ? undefined : slash);
      walk.next = slash < 0 ? target.length + 1 : slash + 1;
      if (name === "" || name === ".") continue;
      if (name === "..") {
        const above = this.#climb(walk.at);
        if (above === undefined) return outside(walk.followed);
        walk.at = above;
      } else {
        walk.at = enter(walk.at, name);
        const link = walk.at.isLost ? undefined : this.#tree.links.paths.find(walk.at.path);
        if (link !== undefined) return link;
      }
    }
    return walk.end ?? { kind: "place", followed: walk.followed, at: walk.at };
  }

  /** The folder above a place, undefined outside of the tree. */
  #climb({ isKnown, isLost, path }: Place): Place | undefined {
    if (path === "" || isLost) return undefined;
    if (!isKnown && !this.#hasFileOrFolder(path)) return undefined;
    return { ...ROOT, path: folderAbove(path) };
  }

  #hasFileOrFolder(path: string): boolean {
    const { emptyFolders, links } = this.#tree;
    if (this.#files.find(path) !== undefined || emptyFolders.find(path) !== undefined) return true;
    const below = `${path}/`;
    return [this.#files, links.paths, emptyFolders].some((paths) =>
      paths.startsAt(paths.lowerBound(below), below),
    );
  }
}

/**
 * The ends of links that others follow. An end that is not a place takes one byte: in a hostile tree, a million links can follow
 * each other to nowhere.
 */
class KnownEnds {
  /** 0 for links without such an end, else 1 more than the links that were followed up to there. */
  readonly #placeless: Uint8Array;
  readonly #places = new Map<number, End>();

  constructor(links: number) {
    this.#placeless = new Uint8Array(links);
  }

  get(link: number): End | undefined {
    const code = this.#placeless[link] ?? 0;
    if (code === 0) return this.#places.get(link);
    return code - 1 > MAX_FOLLOWED ? NOWHERE : outside(code - 1);
  }

  set(link: number, end: End): void {
    if (end.kind === "place") this.#places.set(link, end);
    else this.#placeless[link] = end.followed + 1;
  }
}

/** Goes on with a walk where the link that it met ends. */
function follow(walk: Walk, { at, followed, kind }: End): void {
  walk.followed += 1 + followed;
  walk.at = at;
  if (walk.followed > MAX_FOLLOWED) walk.end = NOWHERE;
  else if (kind === "outside") walk.end = outside(walk.followed);
}

function enter({ isLost, path }: Place, name: string): Place {
  const entered = path === "" ? name : `${path}/${name}`;
  if (isLost || entered.length > MAX_PATH_BYTES) return { path: name, isKnown: false, isLost: true };
  return { path: entered, isKnown: false, isLost: false };
}

function outside(followed: number): End {
  return { kind: "outside", followed, at: ROOT };
}

/** How many links of a lawful tree lead outside. */
export function countLeaving(tree: OutputTree, files: TextViews): number {
  const { length } = tree.links.paths;
  if (length === 0) return 0;
  const judge = new LinkJudge(tree, files);
  let outside = 0;
  for (let link = 0; link < length; link++) if (judge.leadsOutside(link)) outside++;
  return outside;
}

/** The paths of the links of a lawful tree that lead to nothing in it. What is there on a disk is not known. */
export function unsealedEnds(tree: OutputTree, files: TextViews): readonly string[] {
  const { paths } = tree.links;
  if (paths.length === 0) return [];
  const judge = new LinkJudge(tree, files);
  const found: string[] = [];
  for (let link = 0; link < paths.length; link++)
    if (!judge.leadsToSealed(link)) found.push(itemAt(paths, link));
  return found;
}
