/** What a guard did not take in, in words. @module */

import { quote, quoteIfNeeded } from "../../../core/internal.ts";
import { type FolderLook, OWN_FOLDER } from "../../../node/index.ts";
import type { Remark } from "../../output/report.ts";
import { boundedList } from "../../text/bounded-list.ts";
import { countOf, numberOf } from "../../text/count-text.ts";

/** What is not guarded, for a program. */
export function notGuardedFacts({ notGuarded, walked }: FolderLook): object {
  return {
    entries: notGuarded.map(({ path, reason }) => ({ path, reason })),
    own_folders: walked.ownFolders,
    by_pattern: [...walked.byPattern].map(([pattern, entries]) => ({ pattern, entries })),
  };
}

/** One of them, and several. */
const NOUNS: Readonly<Record<string, readonly [string, string]>> = {
  socket: ["socket", "sockets"],
  fifo: ["FIFO", "FIFOs"],
  device: ["device", "devices"],
  "other-file-system": ["other file system", "other file systems"],
  "not-utf8": ["name that is not UTF-8", "names that are not UTF-8"],
  link: ["link whose target is not UTF-8", "links whose targets are not UTF-8"],
};

const OTHER_NAMES = ["name that can't be sealed", "names that can't be sealed"] as const;

/**
 * One line: `not guarded: 2 sockets, 1 other file system, .runseal, 14 entries by 1 pattern`. Empty if everything is guarded. A guard that
 * is in the folder's own `.runseal` is not named: it can't keep itself.
 */
export function notGuardedLine({ notGuarded, unreadable, walked }: FolderLook, isInProject: boolean): string {
  const counts = new Map<string, number>();
  for (const { reason } of notGuarded) counts.set(reason, (counts.get(reason) ?? 0) + 1);
  const parts = [...counts].map(([reason, count]) => countOfReason(count, NOUNS[reason] ?? OTHER_NAMES));
  const own = walked.ownFolders.filter((path) => !(isInProject && path === OWN_FOLDER));
  if (own.length > 0)
    parts.push(
      own.length === 1 && own[0] !== undefined
        ? quoteIfNeeded(own[0])
        : `${numberOf(own.length)} .runseal folders`,
    );
  if (unreadable.length > 0)
    parts.push(
      unreadable.length === 1 ? "1 unreadable entry" : `${numberOf(unreadable.length)} unreadable entries`,
    );
  let ignored = 0;
  for (const entries of walked.byPattern.values()) ignored += entries;
  if (ignored > 0) {
    const amount = ignored === 1 ? "1 entry" : `${numberOf(ignored)} entries`;
    parts.push(`${amount} by ${countOf(walked.byPattern.size, "pattern")}`);
  }
  return parts.length === 0 ? "" : `not guarded: ${parts.join(", ")}\n`;
}

function countOfReason(count: number, [one, several]: readonly [string, string]): string {
  return count === 1 ? `1 ${one}` : `${numberOf(count)} ${several}`;
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
