/** What `prune` and `store check` say of a project's store. @module */

import { quote } from "../../../core/internal.ts";
import { countOf } from "../../../core/system/bytes/count-text.ts";
import { runName } from "../../../core/system/paths/run-name.ts";
import type { CheckedStore } from "../../../node/records/store/check-store.ts";
import type { DamagedFile, Removals } from "../../../node/records/store/collect/removals.ts";
import { note, type Remark, warning } from "../../output/report.ts";
import { boundedList, someOf } from "../../text/bounded-list.ts";

/** What was removed, or would be, and what stays. */
export function collectedLines(removals: Removals, dryRun: boolean): string {
  return (
    freedLine(removals, dryRun) +
    packLines(removals) +
    `kept     ${countOf(removals.kept, "object")} that bundles name\n` +
    (dryRun ? "nothing was removed\n" : "")
  );
}

function packLines({ packsRemoved, packsWritten, waste }: Removals): string {
  const packs = `packs    ${packsRemoved} removed, ${packsWritten} written\n`;
  return (
    (packsRemoved + packsWritten === 0 ? "" : packs) +
    (waste === 0 ? "" : `waste    ${countOf(waste, "byte")} in packs, too few to rewrite them\n`)
  );
}

/** What stays and is not as it should be. */
export function collectedRemarks({ damaged, strays, unreadable }: Removals): readonly Remark[] {
  const remarks: Remark[] = [...strayRemarks(strays)];
  if (damaged.length > 0) {
    const files = damaged.map(({ path, problem }) => `${quote(path)} (${PROBLEM_WORDS[problem]})`);
    const again =
      "sealing the right files again keeps their objects anew; runseal store check lists what is wrong";
    remarks.push(warning(`damaged, and kept so that nothing is lost: ${someOf(files)}`, again));
  }
  if (unreadable.length > 0)
    remarks.push(warning(`could not be read, and stay: ${someOf(unreadable.map(quote))}`));
  return remarks;
}

/** What is wrong with a pack or an object. */
const PROBLEM_WORDS: Readonly<Record<DamagedFile["problem"], string>> = {
  "not-a-file": "not a regular file",
  "too-large": "larger than a pack",
  "unknown-form": "not a pack, or one of a newer runseal",
  torn: "its end is missing",
  misnamed: "its name is that of another pack",
  records: "its records are not those that its end counts",
  content: "wrong bytes",
};

/** What was removed, or would be. */
export function freedLine({ bytes, partial, removed }: Removals, dryRun: boolean): string {
  const dead = partial === 0 ? "" : `, and ${countOf(partial, "unfinished part")} of killed seals`;
  return `${dryRun ? "plan    " : "freed   "} ${countOf(removed, "object")}, ${countOf(bytes, "byte")}${dead}\n`;
}

/** What runseal did not make. */
export function strayRemarks(strays: readonly string[]): readonly Remark[] {
  if (strays.length === 0) return [];
  return [note(`left alone, because runseal did not make it: ${someOf(strays.map(quote))}`)];
}

/** How much is sound. */
export function checkedLines({ bytes, sound }: CheckedStore): string {
  return `sound    ${countOf(sound, "object")}, ${countOf(bytes, "byte")}\n`;
}

/** What is to be known besides. */
export function checkedRemarks(checked: CheckedStore): readonly Remark[] {
  const { indexes, notKept, partial, strays, unlisted, unreadableBundles } = checked;
  const remarks: Remark[] = [...strayRemarks(strays)];
  if (unlisted > 0) remarks.push(warning(`${countOf(unlisted, "corrupted object")} more are not listed`));
  if (indexes.length > 0) {
    const files = indexes.map(({ path, problem }) => `${quote(path)} (${problem})`);
    const anew = "readers do without an index; the next seal or runseal prune makes it anew";
    remarks.push(note(`indexes of packs are not right: ${someOf(files)}`, anew));
  }
  if (partial > 0) {
    const killed = "if no seal is at work, a killed one left them: runseal prune removes what that one made";
    remarks.push(note("there are unfinished objects", killed));
  }
  if (notKept.length > 0) {
    const runs = notKept.map(
      ({ missing, named, runId }) => `${runName(runId)} (${missing} of ${countOf(named, "object")})`,
    );
    const unkept = "a run that was sealed with --no-keep has nothing kept of it";
    remarks.push(note(`not all is kept of ${someOf(runs)}`, unkept));
  }
  if (unreadableBundles.length > 0) {
    const runs = unreadableBundles.map(({ code, runId }) => `${runName(runId)} (${code})`);
    const message = `what these bundles name is not certain: ${someOf(runs)}`;
    remarks.push(warning(message, "runseal prune removes nothing while they are there"));
  }
  return remarks;
}

/** One sentence for a store that is not sound. */
export function wrongObjectsMessage({ corrupted, damaged, unreadable }: CheckedStore): string {
  const bad = `${countOf(corrupted.length, "object")} of the store ${corrupted.length === 1 ? "is not what its name says" : "are not what their names say"}`;
  const torn = `${countOf(damaged.length, "pack")} of the store ${damaged.length === 1 ? "is" : "are"} damaged`;
  const closed = `${countOf(unreadable.length, "file")} of the store could not be read`;
  const parts = [
    ...(corrupted.length === 0 ? [] : [bad]),
    ...(damaged.length === 0 ? [] : [torn]),
    ...(unreadable.length === 0 ? [] : [closed]),
  ];
  return parts.join(", and ");
}

/** The objects that it speaks of. */
export function wrongObjectLines({ corrupted, damaged, unreadable }: CheckedStore): readonly string[] {
  return boundedList([
    ...corrupted.map(corruptedLine),
    ...damaged.map(({ path, problem }) => `${quote(path)}: ${PROBLEM_WORDS[problem]}`),
    ...unreadable.map((path) => `${quote(path)} could not be read`),
  ]);
}

/** An object of its own has its digest in its path; a pack holds many. */
function corruptedLine({ actual, expected, path }: CheckedStore["corrupted"][number]): string {
  if (actual === undefined) return `${quote(path)} is not a regular file`;
  const held = `${quote(path)} holds ${actual}`;
  return path.endsWith(".pack") ? `${held} as ${expected}` : held;
}
