/** Words for what a killed restore or undo left behind, and what became of it. @module */

import { type Astray, quote } from "../../../core/internal.ts";
import { runName } from "../../../core/system/paths/run-name.ts";
import type { RecoverSuccess } from "../../../node/back/restore/recover/recover-target.ts";
import type { Act } from "../../../node/back/transaction/journal/journal.ts";
import type { Recovery, RestoreFailure } from "../../../node/back/transaction/restore-failure.ts";
import { remedyOf } from "../../codes/all-codes.ts";
import { note, type Remark } from "../../output/report.ts";
import { restoreHints } from "./restore-text.ts";

/** What is reported: what happened before the command's own work, what it did, or what it would do. */
type Tense = "first" | "done" | "would";

/** What a restore or an undo says of the earlier ones that it had to end before it could begin, one a line. */
export function recoveredRemarks(recovered: readonly Recovery[]): readonly Remark[] {
  return recovered.map((recovery) => {
    const which = recovery.end === "alive" ? "another" : "an earlier";
    const what = `${actOf(recovery)}${runsOf(recovery)}${beginningOf(recovery)}`;
    return note(`${which} ${what} ${killedWith(recovery)}: ${becameOf(recovery, "first")}`);
  });
}

/** What `recover` says of all that it found. `folder` is as the caller named it. */
export function recoveryText(
  { ok, recovered = [] }: RecoverSuccess | RestoreFailure,
  folder: string,
  dryRun: boolean,
): string {
  const where = quote(folder);
  if (recovered.length === 0) {
    return ok ? `nothing to recover: no restore into ${where} was left unfinished\n` : "";
  }
  const found = recovered.map((recovery) => recoveryLines(recovery, dryRun));
  return `${found.join("")}in       ${where}${dryRun ? " (nothing was changed)" : ""}\n`;
}

/** What to do about what could not be recovered. */
export function recoverHints(failure: RestoreFailure): readonly string[] {
  const { code, details, recovered = [] } = failure;
  // Without room, it ended before it came to the others.
  const isOfEach = EACH.has(code) && recovered.length > 0 && details.reason !== "no-space";
  if (!isOfEach) return restoreHints(failure, "recovery");
  return [...new Set(recovered.flatMap(hintsOf))];
}

/** Codes whose hints are those of each restore that was found. */
const EACH: ReadonlySet<RestoreFailure["code"]> = new Set([
  "RESTORE_UNRESOLVED",
  "IN_DOUBT",
  "RECOVER_FOREIGN_JOURNAL",
  "UNDO_TARGET_CHANGED",
]);

function hintsOf(recovery: Recovery): readonly string[] {
  switch (recovery.end) {
    case "everything":
    case "nothing":
    case "unknown-clean":
      return [];
    case "foreign":
      return [remedyOf("RECOVER_FOREIGN_JOURNAL")];
    case "in-doubt":
      return ["run it again once the disk is in order; until then leave everything where it is"];
    case "unresolved":
      return recovery.astray.length === 0
        ? ["--debug shows what the system refused; mend that, and run it again"]
        : astrayHints(recovery);
    case "changed":
      return astrayHints(recovery);
    case "alive":
      return [remedyOf("RESTORE_BUSY")];
  }
}

/** What is in the way of a rollback, a place a line. */
export function astrayWords({
  astray = [],
  edited = [],
  moved = [],
  occupied = [],
}: Partial<Astray>): readonly string[] {
  const words = new Map(astray.map((path) => [path, "can't get its name back: its folder is missing"]));
  for (const path of occupied) words.set(path, "can't get its name back: something else has it by now");
  for (const { path } of moved) words.set(path, "was moved or linked elsewhere");
  for (const path of edited) words.set(path, "was edited");
  return [...words].map(([path, word]) => `${quote(path)} ${word}`);
}

/** What to do about what is in the way. What a person wrote is moved, never removed. */
function astrayHints({ astray, edited, moved, occupied, staging }: Recovery): readonly string[] {
  const named = new Set([...edited, ...occupied, ...moved.map(({ path }) => path)]);
  const then = "run it again";
  const hints: string[] = [];
  if (edited.length > 0)
    hints.push(`move the edited files elsewhere, ${then}, and move them back if you need them there`);
  if (occupied.length > 0)
    hints.push(`move what has those names elsewhere, ${then}, and move it back if you need it there`);
  if (moved.length > 0) {
    // The names of just these: other files in staging may have been edited.
    const shown = moved.slice(0, SHOWN_NAMES).map(({ staged }) => `DIR/${staging}/${staged}`);
    const [first = "", ...others] = shown;
    const which = [`find DIR -samefile ${first}`, ...others.map((name) => `-samefile ${name}`)].join(" -o ");
    hints.push(
      `find the moved or linked files (${which}), keep copies of what you need, remove them, and ${then}`,
    );
  }
  if (astray.some((path) => !named.has(path))) hints.push(`move the missing folders back, and ${then}`);
  return hints;
}

/** So many names stand in a command. The next call names others. */
const SHOWN_NAMES = 5;

/** Of one restore or undo: whose, since when, how far, and what became of it. */
function recoveryLines(recovery: Recovery, dryRun: boolean): string {
  const { bundleRoots = [], runIds = [], signers = [] } = recovery.origin ?? {};
  const runs = bundleRoots.map((root, index) => {
    const runId = runIds[index];
    return `${runId === undefined ? "" : `run      ${runName(runId)}\n`}hash     ${root}\n`;
  });
  const article = recovery.act === "undo" ? "an" : "a";
  return (
    `found    ${article} ${actOf(recovery)}${beginningOf(recovery)} ${killedWith(recovery)}\n` +
    runs.join("") +
    signers.map((signer) => `signer   ${signer}\n`).join("") +
    `end      ${becameOf(recovery, dryRun ? "would" : "done")}\n`
  );
}

function actOf({ act }: Recovery): string {
  if (act === undefined) return "restore or undo";
  return act === "undo" || act === "revert" ? act : "restore";
}

function runsOf({ origin }: Recovery): string {
  const [runId, ...others] = origin?.runIds ?? [];
  if (runId === undefined) return "";
  return others.length === 0 ? ` of run ${quote(runId)}` : ` of a chain of ${others.length + 1} runs`;
}

function beginningOf({ origin }: Recovery): string {
  return origin === undefined ? "" : `, begun ${origin.started},`;
}

/** How far it had come. */
function killedWith({ act, end, files, placed, staging }: Recovery): string {
  const stopped = end === "foreign" ? `left a journal in ${quote(staging)} that ${NOT_OURS}` : STOPPED[end];
  if (stopped !== undefined) return stopped;
  if (end === "everything" || end === "in-doubt")
    return `was killed when all its files were ${act === "undo" ? "removed" : "in place"}`;
  if (act === undefined) return "was killed before it had changed anything";
  if (act === "new-root") return "was killed while it made the folder";
  return `was killed with ${placed} of ${files} files ${act === "undo" ? "still " : ""}in place`;
}

const NOT_OURS = "this user on this machine did not write, or not this version of runseal";

const STOPPED: Readonly<Partial<Record<Recovery["end"], string>>> = {
  alive: "is still at work",
  "unknown-clean": "was killed, and neither a journal nor a marker is left",
};

function becameOf({ act, end }: Recovery, tense: Tense): string {
  const first = tense === "first" ? " first" : "";
  const was = tense === "would" ? "would be" : "was";
  const ends: Readonly<Record<Recovery["end"], string>> = {
    nothing: `it ${was} ${act === undefined ? "cleaned up" : UNDONE[act]}${first}`,
    everything: `what was left of its staging folder ${was} removed${first}`,
    "in-doubt": "it may not survive a power cut",
    unresolved: "not all of it could be undone",
    changed: `all of it ${was} ${act === undefined ? "cleaned up" : UNDONE[act]}${first} but files that were edited since`,
    "unknown-clean": `whether it had begun or ended is not known; its staging folder ${was} removed${first}`,
    foreign: `nothing of it ${was} touched`,
    alive: `it ${was} left alone`,
  };
  return ends[end];
}

/** What becomes of one that was killed before it had done all. */
const UNDONE: Readonly<Record<Act, string>> = {
  undo: "taken back",
  restore: "undone",
  "new-root": "undone",
  revert: "taken back",
};
