/** What `sign` shows before and after it signs. @module */

import {
  countTree,
  firstItems,
  LinkJudge,
  quote,
  type SealedTree,
  type UnsignedBundle,
} from "../../../core/internal.ts";
import { countOf } from "../../../core/system/bytes/count-text.ts";
import { runName } from "../../../core/system/paths/run-name.ts";
import type { SignedSeal } from "../../../node/make/sign/sign-unsigned.ts";
import { type Remark, warning } from "../../output/report.ts";
import { commandWords } from "../../text/command-words.ts";
import { recordedCommand } from "../../text/recorded-command.ts";
import { sealedTreeLine } from "../../text/tree-text.ts";
import { NOT_WITNESSED } from "../../text/witness-words.ts";

/** Outputs that are named before a signer is asked. */
const MOST_OUTPUTS = 20;

/** Links that lead outside, and are named then. */
const MOST_LINKS = 5;

/** Of the command, and of each path, as they are shown. The sealer chose their lengths, and a person must be able to read it all. */
const MOST_OF_COMMAND = 1000;
const MOST_OF_PATH = 120;

/** A path that can't pass for anything else. */
const PLAIN_PATH = /^[A-Za-z0-9_@%+=:,./-]+$/;

/** What is about to be signed, line by line. All of it is the sealer's word; the outputs are hashed after this. */
export function toSignLines(unsigned: UnsignedBundle): string {
  const { bytes, claims, runId, sealedAt, taskSpec, tree } = unsigned;
  const command = recordedCommand(taskSpec.object);
  const named = firstItems(claims, MOST_OUTPUTS).map(({ path }) => `         ${pathWords(path)}\n`);
  const more = claims.length - named.length;
  return (
    `to sign  ${runName(runId)}\n` +
    `sealed   ${sealedAt}, the sealer says\n` +
    (command === undefined
      ? ""
      : `${commandLines(command)}         ${NOT_WITNESSED}; the sealer says that it did well\n`) +
    `files    ${countOf(claims.length, "file")}, ${countOf(bytes, "byte")}\n` +
    named.join("") +
    (more > 0 ? `         … and ${countOf(more, "more file")}\n` : "") +
    (tree === undefined ? "" : sealedTreeLine(countTree(tree.sealed)) + outsideLines(tree.sealed))
  );
}

/** Links that lead outside: what they show is not what is signed. */
function outsideLines(tree: SealedTree): string {
  const judge = new LinkJudge(tree, tree.files);
  const { paths, values } = tree.links;
  const lines: string[] = [];
  let more = 0;
  for (let index = 0; index < paths.length; index++) {
    if (!judge.leadsOutside(index)) continue;
    const words = `${pathWords(paths.at(index) ?? "")} -> ${pathWords(values.at(index) ?? "")}`;
    if (lines.length < MOST_LINKS) lines.push(`         outside: ${words}\n`);
    else more++;
  }
  return lines.join("") + (more > 0 ? `         … and ${countOf(more, "more link")} outside\n` : "");
}

/** The mark of a cut command has a line of its own: no word of the command can pass for it. */
function commandLines(command: readonly string[]): string {
  const words = commandWords(command, MOST_OF_COMMAND);
  const shown = firstCharacters(words, MOST_OF_COMMAND);
  const isCut = shown !== words || words !== commandWords(command, Number.MAX_SAFE_INTEGER);
  return `command  ${shown}\n${isCut ? "         … (cut: the command is longer)\n" : ""}`;
}

function pathWords(path: string): string {
  const shown = PLAIN_PATH.test(path) ? path : quote(path);
  const kept = firstCharacters(shown, MOST_OF_PATH);
  return kept === shown ? shown : `${kept} … (cut)`;
}

function firstCharacters(text: string, count: number): string {
  return Array.from(text.slice(0, 2 * count))
    .slice(0, count)
    .join("");
}

/** An unsigned bundle that could not be removed. */
export function givenRemarks({ given, runId }: Pick<SignedSeal, "given" | "runId">): readonly Remark[] {
  if (given !== "left") return [];
  const message = `the unsigned bundle of ${quote(runId)} could not be removed; it is signed all the same`;
  return [warning(message, "remove its folder in .runseal/unsigned")];
}
