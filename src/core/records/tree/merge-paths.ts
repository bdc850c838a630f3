/**
 * Walks over sorted lists of paths together. Sets of a million paths would take more memory than the tree.
 *
 * @module
 */

import { compareUtf8 } from "../../system/bytes/utf8.ts";

/** A path, and which of the lists it is in. */
export interface ListedPath {
  readonly path: string;
  readonly list: number;
}

interface Source extends ListedPath {
  readonly rest: Iterator<string>;
}

/** Gives the paths of all lists in byte order; equal paths in the order of the lists. Each list must be in byte order. */
export function* mergePaths(lists: readonly Iterable<string>[]): Generator<ListedPath, undefined> {
  // A binary heap: a snapshot can have a list for each of 511 modes.
  const heap: Source[] = [];
  for (const [list, paths] of lists.entries()) {
    const source = next(paths[Symbol.iterator](), list);
    if (source !== undefined) heap.push(source);
  }
  for (let at = (heap.length >> 1) - 1; at >= 0; at--) siftDown(heap, at);
  for (let least = heap[0]; least !== undefined; least = heap[0]) {
    yield least;
    const replacement = next(least.rest, least.list) ?? heap.pop();
    if (heap.length > 0 && replacement !== undefined) {
      heap[0] = replacement;
      siftDown(heap, 0);
    }
  }
  return undefined;
}

function next(rest: Iterator<string>, list: number): Source | undefined {
  const step = rest.next();
  return step.done === true ? undefined : { path: step.value, list, rest };
}

function siftDown(heap: Source[], from: number): void {
  const moved = heap[from];
  if (moved === undefined) return;
  let at = from;
  for (;;) {
    const left = 2 * at + 1;
    const child = isBefore(heap[left + 1], heap[left]) ? left + 1 : left;
    const smaller = heap[child];
    if (smaller === undefined || !isBefore(smaller, moved)) break;
    heap[at] = smaller;
    at = child;
  }
  heap[at] = moved;
}

function isBefore(left: ListedPath | undefined, right: ListedPath | undefined): boolean {
  if (left === undefined || right === undefined) return false;
  const order = compareUtf8(left.path, right.path);
  return order === 0 ? left.list < right.list : order < 0;
}

/**
 * Gives paths of folders with a slash at the end, in byte order: `a-b/`, `a/` for `a`, `a-b`. So they are in the order in which a
 * sorted list has the paths below them. The paths must be in byte order.
 */
export function* withSlash(paths: Iterable<string>): Generator<string, undefined> {
  // Paths that wait for longer ones which sort before them only with a slash. Each is a prefix of the next.
  const waiting: string[] = [];
  for (const path of paths) {
    for (let last = waiting.at(-1); last !== undefined && !isLater(last, path); last = waiting.at(-1)) {
      yield `${last}/`;
      waiting.pop();
    }
    waiting.push(path);
  }
  for (const path of waiting.reverse()) yield `${path}/`;
  return undefined;
}

/** Whether a path sorts after a later one once both have a slash at the end. */
function isLater(path: string, later: string): boolean {
  return later.startsWith(path) && later.charAt(path.length) < "/";
}
