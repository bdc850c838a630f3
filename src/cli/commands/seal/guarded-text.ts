/** What a guard did not take in, in words. @module */

import { quote, quoteIfNeeded } from "../../../core/internal.ts";
import { countOf, numberOf } from "../../../core/system/bytes/count-text.ts";
import type { LeftOut } from "../../../node/back/guard/not-guarded.ts";
import type { LookFacts } from "../../../node/back/guard/take-snapshot.ts";
import type { NotGuarded } from "../../../node/back/guard/walk-folder.ts";
import { note, type Remark, warning } from "../../output/report.ts";
import type { GuardLookFacts, NotGuardedFacts } from "../../results/seal-members.ts";
import { boundedList } from "../../text/bounded-list.ts";

/** A guard's own key signed, and the user has none. */
export const SIGNED_BY_GUARD: Remark = note(
  "signed by this guard's own key, because you have none: it shows accidents, not who",
  "runseal init makes a key of yours",
);

/** The guarded path leads to another folder than before. */
export const OTHER_FOLDER: Remark = note(
  "another folder is at this path than the one that was guarded before",
);

/** What is not guarded, for a program. */
function notGuardedFacts({ entries, gone }: LeftOut): NotGuardedFacts {
  const others = entries.filter(({ reason }) => !OWN_LISTS.has(reason));
  return {
    entries: others.map(({ path, reason }) => ({ path, reason })),
    own_folders: pathsBy("own-folder", entries),
    by_pattern: [...countPatterns(entries)].map(([pattern, count]) => ({ pattern, entries: count })),
    gone,
  };
}

/** What one look at the folder found. */
export function lookFacts(look: LookFacts, leftOut: LeftOut): GuardLookFacts {
  const { fromIndex, hashed, linkedFiles, objects, unreadable, unsettled } = look;
  return {
    not_guarded: notGuardedFacts(leftOut),
    unreadable,
    unsettled,
    linked_files: linkedFiles,
    hashed,
    from_index: fromIndex,
    objects,
  };
}

/** The reasons that are not in `entries`. */
const OWN_LISTS: ReadonlySet<string> = new Set(["own-folder", "pattern", "unreadable"]);

/** The paths with a reason. */
function pathsBy(wanted: NotGuarded["reason"], entries: readonly NotGuarded[]): readonly string[] {
  return entries.flatMap(({ path, reason }) => (reason === wanted ? [path] : []));
}

function countPatterns(entries: readonly NotGuarded[]): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  for (const { pattern } of entries)
    if (pattern !== undefined) counts.set(pattern, (counts.get(pattern) ?? 0) + 1);
  return counts;
}

/** One of them, and several. */
const NOUNS: Readonly<Record<string, readonly [string, string]>> = {
  socket: ["socket", "sockets"],
  fifo: ["FIFO", "FIFOs"],
  device: ["device", "devices"],
  "other-file-system": ["mount", "mounts"],
  "not-utf8": ["name that is not UTF-8", "names that are not UTF-8"],
  backslash: ["name with a backslash", "names with backslashes"],
  "path-too-long": ["path of more than 4,096 bytes", "paths of more than 4,096 bytes"],
  "own-folder": ["entry of runseal's own", "entries of runseal's own"],
  unreadable: ["unreadable entry", "unreadable entries"],
  link: ["link whose target is not UTF-8", "links whose targets are not UTF-8"],
};

const OTHER_NAMES = ["name that can't be sealed", "names that can't be sealed"] as const;

/**
 * One line: `not guarded: 2 sockets (a, b), 1 mount (vol), 14 entries by 1 pattern (x.log, …)`. Empty if everything is guarded.
 */
export function notGuardedLine({ entries }: LeftOut): string {
  const by = countOf(countPatterns(entries).size, "pattern");
  const matched = [`entry by ${by}`, `entries by ${by}`] as const;
  const groups = new Map<readonly [string, string], string[]>();
  for (const { path, reason } of entries) {
    const nouns = reason === "pattern" ? matched : (NOUNS[reason] ?? OTHER_NAMES);
    groups.set(nouns, groups.get(nouns) ?? []);
    groups.get(nouns)?.push(path);
  }
  const parts = [...groups].map(([nouns, paths]) => countOfReason(paths, nouns));
  return parts.length === 0 ? "" : `not guarded: ${parts.join(", ")}\n`;
}

/** How many paths of one kind are named, and how long they may be. `--json` has them all. */
const MAX_NAMED = 5;
const MAX_CHARACTERS = 80;

function countOfReason(paths: readonly string[], [one, several]: readonly [string, string]): string {
  const short = paths.filter(({ length }) => length <= MAX_CHARACTERS).slice(0, MAX_NAMED);
  const named = [...short.map(quoteIfNeeded), ...(short.length < paths.length ? ["…"] : [])].join(", ");
  return `${paths.length === 1 ? `1 ${one}` : `${numberOf(paths.length)} ${several}`} (${named})`;
}

/**
 * What a snapshot or undo of a look does not bring back as it was: `look` is the last one, `before` the one before a command. `saysAll`: also
 * what is so each time.
 */
export function lookRemarks(
  before: LookFacts,
  look: LookFacts,
  { gone }: LeftOut,
  saysAll: boolean,
): readonly Remark[] {
  const remarks: Remark[] = [];
  const { unsettled } = look;
  if (unsettled.length > 0) {
    const message = `changed each time it was looked at: ${boundedList(unsettled.map(quote)).join(", ")}`;
    remarks.push(warning(message, "stop what writes there before a snapshot that has to be exact"));
  }
  if (gone.length > 0) {
    const named = countOfReason(gone, ["entry", "entries"]);
    const message = `not guarded, and gone or replaced after the command: ${named}`;
    remarks.push(warning(message, "no undo brings these back"));
  }
  // A snapshot holds bytes and modes of each path, and not which paths are one file.
  const { linkedFiles } = before;
  if (saysAll && linkedFiles > 0) {
    const linked = `${countOf(linkedFiles, "file")} with other hard links`;
    remarks.push(note(`${linked}: an undo gives the path a file of its own`));
  }
  return remarks;
}
