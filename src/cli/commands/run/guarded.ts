/** `runseal run --guard DIR`: what the options say, and what is reported of the guard. @module */

import { dirname, join, relative, resolve } from "node:path";
import { printable, quoteIfNeeded } from "../../../core/internal.ts";
import { countOf, numberOf } from "../../../core/system/bytes/count-text.ts";
import { guardsPublicKey } from "../../../node/back/guard/guard-key.ts";
import { findGuard } from "../../../node/back/guard/guard-place.ts";
import { type LeftOut, leftOutOf } from "../../../node/back/guard/not-guarded.ts";
import type { HistoryJudge } from "../../../node/back/guard/prune/forget.ts";
import { recoverGuarded } from "../../../node/back/revert/recover-guarded.ts";
import { findKey } from "../../../node/keys/find-key.ts";
import type { SignerChoice } from "../../../node/keys/open-signer.ts";
import type { GuardedFacts } from "../../../node/run/command-guard.ts";
import { type GuardedRun, runGuarded } from "../../../node/run/guarded-run.ts";
import type { RunRequest } from "../../../node/run/run-request.ts";
import { configFolder, stateFolderOf } from "../../../node/system/runtime/user-home.ts";
import type { GuardOptions } from "../../options/guard-options.ts";
import { signerSurroundings } from "../../options/passphrases.ts";
import { choiceOfGuard, chooseTrust } from "../../options/trust-options.ts";
import { withLateFault } from "../../output/failure-report.ts";
import type { Io } from "../../output/io.ts";
import { note, type Remark, type Report, warning, withRemarks } from "../../output/report.ts";
import { boundedList } from "../../text/bounded-list.ts";
import { shellWord } from "../../text/shell-word.ts";
import { type NamedGuard, undoCommand, undoGoneCommand, undoToCommand } from "../../text/undo-command.ts";
import { faultsOfHistory } from "../../verdict/finding-text.ts";
import { lookFacts, lookRemarks, notGuardedLine, SIGNED_BY_GUARD } from "../seal/guarded-text.ts";
import type { RunGuardFacts } from "./run-results.ts";
import { KEY_IN_REACH } from "./run-text.ts";

/** The options as parsed. */
export interface GuardedRunOptions extends GuardOptions {
  readonly guard?: string | undefined;
  readonly confine?: true | undefined;
  readonly confineWrite: readonly string[];
  readonly evenAsRoot?: true | undefined;
  readonly evenIfUnreadable?: true | undefined;
  readonly verbose?: true | undefined;
}

/** Runs a command in a guarded folder. */
export async function runInGuard(
  request: Omit<RunRequest, "guard" | "openSigner" | "project">,
  folder: string,
  options: GuardedRunOptions,
  signer: SignerChoice,
  io: Io,
): Promise<GuardedRun> {
  const { budget, ignore, store } = options;
  const { cwd, environment, signal } = io;
  const surroundings = signerSurroundings(io);
  // Before the command runs, which may change it.
  const judgeRuns = judgeOfGuard(request.clock, io);
  // What signs, and what remembers the head: a command that could write there could hide what it did.
  const kept = [
    configFolder(environment),
    dirname(stateFolderOf(environment, "heads").path),
    ...keyFiles(signer, io),
  ];
  return await runGuarded({
    ...request,
    budget,
    ignore,
    store: store === undefined ? undefined : resolve(cwd, store),
    shownStore: store,
    root: folder,
    folder: resolve(cwd, folder),
    leavesOutUnreadable: options.evenIfUnreadable === true,
    confined:
      options.confine === true
        ? { writable: options.confineWrite, kept, evenAsRoot: options.evenAsRoot === true }
        : undefined,
    signer,
    surroundings,
    judgeRuns,
    recover: recoverGuarded(resolve(cwd, folder), folder, {
      environment,
      jobs: undefined,
      now: request.clock(),
      progress: request.progress,
      signal,
      signer,
      surroundings,
    }),
  });
}

/** Judges the history of a guard by the user's trust, as it is now, and by the guard's own key. */
export function judgeOfGuard(clock: () => number, io: Io): HistoryJudge<unknown> {
  const trust = chooseTrust({ signer: [] }, io);
  return async (history, home) =>
    "report" in trust
      ? [trust]
      : faultsOfHistory(history, choiceOfGuard(trust, await guardsPublicKey(home)), clock());
}

/** A key file that lies elsewhere than the user's keys. */
function keyFiles(signer: SignerChoice, { cwd, environment }: Io): readonly string[] {
  if (signer.kind !== "key-file") return [];
  const named = signer.path ?? environment["RUNSEAL_KEY"];
  return named === undefined || findKey(environment, named).ok ? [] : [resolve(cwd, named)];
}

/** Adds what came of the guard to the report of a run. */
export function withGuard(
  report: Report,
  ended: GuardedRun,
  named: NamedGuard & { readonly isVerbose: boolean },
  io: Io,
): Report {
  const { cwd } = io;
  const { forgotten, isGuardsOwnKey, run } = ended;
  const guarded = run.ok ? run.guarded : run.facts?.guarded;
  if (guarded === undefined) return withRemarks(report, ...forgetRemarks(ended));
  const { after, before, incomplete, replaced } = guarded;
  const look = (after ?? before).look;
  const leftOut = leftOutOf(before.look, look);
  // Each step of an agent would say again what was so before it.
  const known = leftOutOf(before.look, before.look).entries.length;
  const isNew = leftOut.gone.length > 0 || leftOut.entries.length > known;
  const saysAll = named.isVerbose || isFirst(before) || isNew;
  // Old runs are looked for once a day. A guard may have been made by a snapshot, which no command could have signed.
  const saysKey = !isGuardsOwnKey && (saysAll || forgotten !== undefined);
  const runId = run.ok ? run.bundle.runId : undefined;
  const commandFor = replaced === undefined ? undoToCommand : undoGoneCommand;
  const remarks = [
    // No command gives the guard's own key a passphrase, and its note says what such a signature shows.
    ...(report.remarks ?? []).filter(({ message }) => saysKey || message !== KEY_IN_REACH),
    ...lookRemarks(before.look, look, leftOut, saysAll),
    ...guardRemarks(guarded, isGuardsOwnKey, commandFor(before.runId, named, cwd)),
    ...(isFirst(before) && named.store === undefined ? nestedRemarks(resolve(cwd, named.folder), io) : []),
    ...forgetRemarks(ended),
  ];
  // The bundle of a run that seals no output says nothing that the guard's line does not.
  const isOfFolder = run.ok && run.bundle.files === 0;
  const whole: Report = {
    ...report,
    facts: { ...report.facts, guard: guardFacts(guarded, leftOut) },
    text:
      (isOfFolder ? "" : report.text) +
      guardLines(guarded, runId, (id) => undoCommand(id, named, cwd)) +
      (saysAll ? notGuardedLine(leftOut) : ""),
    remarks,
  };
  return withLateFault(whole, incomplete);
}

function guardLines(
  { after, before, changes }: GuardedFacts,
  runId: string | undefined,
  commandFor: (runId: string) => string,
): string {
  if (after === undefined || changes === undefined || runId === undefined)
    return `guard    only ${quoteIfNeeded(before.runId)} is there\n`;
  const { added, changed, removed } = changes;
  const isSame = added + changed + removed === 0;
  const what = isSame ? "nothing was changed" : `+${added} ~${changed} -${removed}`;
  return `guard    ${what}${isSame ? "" : `   [${commandFor(runId)}]`}\n`;
}

const REPLACED_WORDS: Readonly<Record<NonNullable<GuardedFacts["replaced"]>, string>> = {
  nothing: "the guarded folder is gone: the command removed or moved it",
  folder: "the command put another folder in the place of the guarded one",
  other: "the command put a link, or what is not a folder, in the place of the guarded folder",
};

function guardRemarks(
  { after, before, leftRunning = [], replaced }: GuardedFacts,
  isGuardsOwnKey: boolean,
  command: string,
): readonly Remark[] {
  const remarks: Remark[] = [];
  // Once: an agent that is run step by step would read it at each step.
  if (isGuardsOwnKey && isFirst(before)) remarks.push(SIGNED_BY_GUARD);
  if (leftRunning.length > 0) {
    const [which, run, write] =
      leftRunning.length === 1
        ? ["1 process", "runs", "it writes"]
        : [`${numberOf(leftRunning.length)} processes`, "run", "they write"];
    const names = boundedList(leftRunning.map(({ name, pid }) => `${printable(name)} ${pid}`)).join(", ");
    const still = `${which} that the command started still ${run} (${names})`;
    remarks.push(note(`${still}: what ${write} from now on is not in this run`));
  }
  if (replaced !== undefined) remarks.push(note(REPLACED_WORDS[replaced]));
  if (after === undefined) {
    const message = "what the command did can't be taken back on its own: there is no snapshot after it";
    remarks.push(note(message, `${command} makes the folder as it was`));
  }
  return remarks;
}

/** Whether the snapshot is the first of its guard. */
function isFirst({ sealed }: GuardedFacts["before"]): boolean {
  return sealed !== undefined && sealed.previousBundleRoot === undefined;
}

/** Says once that a folder below a guarded one is a guard of its own. */
function nestedRemarks(folder: string, { cwd, environment }: Io): readonly Remark[] {
  const parent = dirname(folder);
  const above = parent === folder ? undefined : findGuard(parent, environment);
  if (above === undefined) return [];
  const shown = shellWord(relative(cwd, join(parent, above.root)) || ".");
  const message = `${shown}, a folder above, is guarded too: this run is listed and undone in this folder, not there`;
  return [note(message, `run --guard ${shown} keeps the runs of both together`)];
}

function forgetRemarks({ forgotten }: GuardedRun): readonly Remark[] {
  if (forgotten === undefined) return [];
  if (!forgotten.ok)
    return [warning("old runs of this guard could not be forgotten", "runseal prune says why")];
  const runs = forgotten.value.forgotten.filter(({ counts }) => counts).length;
  return runs === 0 ? [] : [note(`forgot ${countOf(runs, "run")} older than what this guard keeps`)];
}

/** The guard for a program. */
function guardFacts(
  { after, before, changes, folder, leftRunning }: GuardedFacts,
  leftOut: LeftOut,
): RunGuardFacts {
  return {
    folder,
    before: { run_id: before.runId, bundle_root: before.bundleRoot },
    after: after === undefined ? null : { run_id: after.runId, bundle_root: after.bundleRoot },
    added: changes?.added ?? null,
    removed: changes?.removed ?? null,
    changed: changes?.changed ?? null,
    left_running: leftRunning?.length ?? null,
    left_processes: leftRunning ?? [],
    ...lookFacts((after ?? before).look, leftOut),
    linked_files: before.look.linkedFiles,
    objects: before.look.objects + (after?.look.objects ?? 0),
    bytes: before.look.objectBytes + (after?.look.objectBytes ?? 0),
  };
}
