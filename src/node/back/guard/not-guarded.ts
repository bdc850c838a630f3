/** What the looks around a command did not take in, together. @module */

import { byPath } from "../../../core/internal.ts";
import type { FolderLook } from "./scan-folder.ts";
import type { NotGuarded } from "./walk-folder.ts";

/** What at least one of two looks did not take in, in byte order of path. */
export interface LeftOut {
  readonly entries: readonly NotGuarded[];
  /** What the first look left out and the second one did not leave out any more: no revert brings it back. */
  readonly gone: readonly string[];
}

/** What a look did not take in. */
type NotTaken = Pick<FolderLook, "leftOut" | "unreadable">;

/** Joins what two looks left out. An entry has the reason of the first look that left it out. */
export function leftOutOf(before: NotTaken, after: NotTaken): LeftOut {
  const [first, second] = [leftOutBy(before), leftOutBy(after)];
  return {
    entries: [...new Map([...second, ...first]).values()].sort(byPath),
    gone: before.leftOut.flatMap(({ path }) => (second.has(path) ? [] : [path])),
  };
}

function leftOutBy({ leftOut, unreadable }: NotTaken): ReadonlyMap<string, NotGuarded> {
  const unread = unreadable.map((path): NotGuarded => ({ path, reason: "unreadable" }));
  return new Map([...unread, ...leftOut].map((entry) => [entry.path, entry]));
}
