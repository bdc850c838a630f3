/** What a guard did not take in, in words. @module */

import { quote, quoteIfNeeded } from "../../../core/internal.ts";
import type { LeftOut } from "../../../node/guard/not-guarded.ts";
import { type FolderLook, OWN_FOLDER } from "../../../node/index.ts";
import type { Remark } from "../../output/report.ts";
import { boundedList } from "../../text/bounded-list.ts";
import { countOf, numberOf } from "../../text/count-text.ts";

/** What is not guarded, for a program. */
export function notGuardedFacts({ byPattern, entries, gone, ownEntries }: LeftOut): object {
  return {
    entries: entries.map(({ path, reason }) => ({ path, reason })),
    own_folders: ownEntries,
    by_pattern: [...byPattern].map(([pattern, entries]) => ({ pattern, entries })),
    gone,
  };
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
  link: ["link whose target is not UTF-8", "links whose targets are not UTF-8"],
};

const OTHER_NAMES = ["name that can't be sealed", "names that can't be sealed"] as const;

/**
 * One line: `not guarded: 2 sockets (a, b), 1 mount (vol), .runseal, 14 entries by 1 pattern`. Empty if everything is guarded. A guard that
 * is in the folder's own `.runseal` is not named: it can't keep itself.
 */
export function notGuardedLine(
  { byPattern, entries, ownEntries, unreadable }: LeftOut,
  isInProject: boolean,
): string {
  const paths = new Map<readonly [string, string], string[]>();
  for (const { path, reason } of entries) {
    const nouns = NOUNS[reason] ?? OTHER_NAMES;
    const named = paths.get(nouns);
    if (named === undefined) paths.set(nouns, [path]);
    else named.push(path);
  }
  const parts = [...paths].map(([nouns, named]) => countOfReason(named, nouns));
  const own = ownEntries.filter((path) => !(isInProject && path === OWN_FOLDER));
  if (own.length === 1) parts.push(quoteIfNeeded(own[0] ?? ""));
  if (own.length > 1) parts.push(countOfReason(own, ["", "entries of runseal's own"]));
  if (unreadable.length > 0)
    parts.push(countOfReason(unreadable, ["unreadable entry", "unreadable entries"]));
  let ignored = 0;
  for (const matched of byPattern.values()) ignored += matched;
  if (ignored > 0) {
    const amount = ignored === 1 ? "1 entry" : `${numberOf(ignored)} entries`;
    parts.push(`${amount} by ${countOf(byPattern.size, "pattern")}`);
  }
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

/** What was left out before the command and is not there afterwards. */
export function goneRemarks({ gone }: LeftOut): readonly Remark[] {
  if (gone.length === 0) return [];
  const named = countOfReason(gone, ["entry", "entries"]);
  const message = `not guarded, and gone or replaced after the command: ${named}`;
  return [{ kind: "warning", message, hints: ["no revert brings these back"] }];
}

/** What changed while it was looked at. */
export function unsettledRemarks({ unsettled }: FolderLook): readonly Remark[] {
  if (unsettled.length === 0) return [];
  const message = `changed each time it was looked at: ${boundedList(unsettled.map(quote)).join(", ")}`;
  return [
    { kind: "warning", message, hints: ["stop what writes there before a snapshot that has to be exact"] },
  ];
}

/** Files with further hard links: a snapshot holds bytes and modes of each path, and not which paths are one file. */
export function linkedRemarks({ walked }: FolderLook): readonly Remark[] {
  const { linkedFiles } = walked;
  if (linkedFiles === 0) return [];
  const message = `${countOf(linkedFiles, "file")} with other hard links: a revert gives the path a file of its own`;
  return [{ kind: "note", message }];
}
