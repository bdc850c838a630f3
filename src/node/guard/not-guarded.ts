/** What looks at a guarded folder did not take in, together. @module */

import { sortUtf8 } from "../../core/internal.ts";
import type { FolderLook } from "./look-at-folder.ts";
import type { NotGuarded } from "./walk-folder.ts";

/** What at least one of the looks did not take in. Lists are in byte order of path. */
export interface LeftOut {
  readonly entries: readonly NotGuarded[];
  /** Of runseal itself. */
  readonly ownEntries: readonly string[];
  /** How many entries each pattern left out, in the order of first use. */
  readonly byPattern: ReadonlyMap<string, number>;
  readonly unreadable: readonly string[];
  /** What the first look left out and the last one did not find any more, as it was: no revert brings it back. */
  readonly gone: readonly string[];
}

/** Joins what looks left out, the first look first. An entry with two reasons counts for both. */
export function leftOutOf(looks: readonly FolderLook[]): LeftOut {
  const entries = new Map<string, NotGuarded>();
  const own = new Set<string>();
  const byPattern = new Map<string, Set<string>>();
  const unreadable = new Set<string>();
  for (const { notGuarded, unreadable: unread, walked } of looks) {
    for (const entry of notGuarded) entries.set(`${entry.path}\0${entry.reason}`, entry);
    for (const path of walked.ownEntries) own.add(path);
    for (const path of unread) unreadable.add(path);
    for (const [pattern, paths] of walked.byPattern) {
      const known = byPattern.get(pattern) ?? new Set();
      byPattern.set(pattern, known);
      for (const path of paths) known.add(path);
    }
  }
  const [first, last] = [looks.at(0), looks.at(-1)].map((look) => pathsOf(look));
  return {
    entries: sortUtf8([...entries.keys()]).flatMap((key) => entries.get(key) ?? []),
    ownEntries: sortUtf8([...own]),
    byPattern: new Map([...byPattern].map(([pattern, paths]) => [pattern, paths.size])),
    unreadable: sortUtf8([...unreadable]),
    gone: sortUtf8([...(first ?? [])].filter((path) => last?.has(path) === false)),
  };
}

function pathsOf(look: FolderLook | undefined): ReadonlySet<string> {
  const named = look?.notGuarded.map(({ path }) => path) ?? [];
  const matched = [...(look?.walked.byPattern.values() ?? [])].flat();
  return new Set([...named, ...matched, ...(look?.walked.ownEntries ?? [])]);
}
