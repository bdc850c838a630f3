/** What `restore` and `undo` say of what they did, or would do. @module */

import { type HexDigest, printable, quote } from "../../../core/internal.ts";
import { countOf } from "../../../core/system/bytes/count-text.ts";
import { runName } from "../../../core/system/paths/run-name.ts";
import type { RestoredBundle, RestoreSuccess } from "../../../node/back/restore/target/restore-outcome.ts";
import { ANY_SIGNER_REASON } from "../../options/trust-options.ts";
import { boundedList } from "../../text/bounded-list.ts";
import { sourceWords } from "../../verdict/stored-text.ts";
import { signerWords } from "../../verdict/verify-text.ts";

/** What was restored, of each run of a chain too. `folder` is as the caller named it. */
export function restoredLines(outcome: RestoreSuccess, folder: string, dryRun: boolean): string {
  const { bytes, chainRoot, runs } = outcome;
  const isChain = chainRoot !== undefined;
  return (
    `${dryRun ? entryLines(outcome) : ""}${dryRun ? "plan    " : "restored"} ${amount(filesOf(runs), bytes)}\n` +
    treeLine(outcome) +
    boundedList(outcome.linksLeftOut.map((path) => `left out ${quote(path)}`))
      .map((line) => `${line}\n`)
      .join("") +
    (isChain ? `chain    ${chainRoot}\n` : "") +
    runs.map((run) => runLines(run, isChain)).join("") +
    `into     ${quote(folder)}${dryRun ? " (nothing was written)" : ""}\n`
  );
}

/** How many files were restored of all runs together. */
export function filesOf(runs: readonly RestoredBundle[]): number {
  return runs.reduce((sum, run) => sum + run.files, 0);
}

/** The entries of trees beside the files. */
interface TreeParts {
  readonly links: readonly { readonly path: string; readonly target: string }[];
  readonly emptyFolders: readonly string[];
}

function treeLine({ emptyFolders, links }: TreeParts): string {
  const counts = [
    links.length === 0 ? "" : countOf(links.length, "link"),
    emptyFolders.length === 0 ? "" : countOf(emptyFolders.length, "empty folder"),
  ].filter((count) => count !== "");
  return counts.length === 0 ? "" : `tree     ${counts.join(", ")}\n`;
}

function entryLines({
  emptyFolders,
  links,
  paths,
}: TreeParts & { readonly paths: readonly string[] }): string {
  return (
    listOf(paths) +
    links.map(({ path, target }) => `${quote(path)} -> ${quote(target)}\n`).join("") +
    listOf(emptyFolders.map((path) => `${path}/`))
  );
}

/** What an undo removed, or would. */
export interface Removal extends TreeParts {
  readonly files: number;
  readonly paths: readonly string[];
  readonly bytes: number;
  readonly bundleRoots: readonly HexDigest[];
}

/** What was removed. `folder` is as the caller named it. */
export function removedLines(removal: Removal, folder: string, dryRun: boolean): string {
  const { bundleRoots, bytes, files } = removal;
  return (
    `${dryRun ? entryLines(removal) : ""}${dryRun ? "plan    " : "removed "} ${amount(files, bytes)}\n` +
    treeLine(removal) +
    bundleRoots.map((root) => `hash     ${root}\n`).join("") +
    `from     ${quote(folder)}${dryRun ? " (nothing was removed)" : ""}\n`
  );
}

/** What a trust line calls the signer of a run. */
export function nameOfSigner({ trust }: RestoredBundle): string | undefined {
  return trust?.ok === true ? trust.name : undefined;
}

function runLines(run: RestoredBundle, isChain: boolean): string {
  const { bundleRoot, bytes, files, runId, signer, source } = run;
  return (
    (isChain ? `run      ${runName(runId)}: ${amount(files, bytes)}\n` : "") +
    `hash     ${bundleRoot}\n` +
    failedLine(run) +
    `from     ${sourceWords(source)}\n` +
    `signer   ${signerWords(signer, nameOfSigner(run))}\n` +
    (run.trust === undefined ? `trust    ${ANY_SIGNER_REASON}\n` : "")
  );
}

/** A reader must not take the files of a failed run for those of a sound one. */
function failedLine({ failure }: RestoredBundle): string {
  if (failure === undefined) return "";
  return `FAILED   the run says: ${printable(failure.message ?? "it failed")}\n`;
}

function listOf(paths: readonly string[]): string {
  return paths.map((path) => `${quote(path)}\n`).join("");
}

function amount(files: number, bytes: number): string {
  return `${countOf(files, "file")}, ${countOf(bytes, "byte")}`;
}
