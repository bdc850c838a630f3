/**
 * What can stand at the cursor of an unfinished command line. Reads names of the project and of the user's keys, and never the
 * content of a bundle; runs nothing, and expands nothing that was typed.
 *
 * @module
 */

import type { CommandUnknownOpts } from "@commander-js/extra-typings";
import type { Surroundings } from "../../../node/library/places/project-place.ts";
import { type CursorPlace, placeOfCursor } from "./cursor-place.ts";
import { knownKeyNames, knownRuns, knownUnsigned } from "./known-names.ts";
import { operandKind, optionKind, type ValueKind } from "./value-kind.ts";

/** A word that can stand at the cursor. */
interface Candidate {
  readonly word: string;
  /** What it is, on one line of plain text. */
  readonly about: string;
}

/** What can stand at the cursor. */
export interface Completion {
  /** What the shell itself shall complete beside the words: paths are quoted by the shell that knows how. */
  readonly paths: "none" | "files" | "folders";
  readonly words: readonly Candidate[];
}

/** A longer description does not fit beside the word in a terminal. */
const MOST_CHARACTERS = 72;

const NOTHING: Completion = { paths: "none", words: [] };

/** Completes the last word. `words` are those behind the name of the program, the last one up to the cursor. */
export async function complete(
  program: CommandUnknownOpts,
  words: readonly string[],
  surroundings: Surroundings,
): Promise<Completion> {
  const place = placeOfCursor(program, words);
  const all = await allAt(place, surroundings);
  const begun = all.words.filter(({ word }) => word.startsWith(place.typed));
  return { ...all, words: begun.map(({ about, word }) => ({ word: place.lead + word, about })) };
}

/** The form in which the scripts of the shells read it: the kind of paths, then a word and its description a line. */
export function completionLines({ paths, words }: Completion): string {
  return [paths, ...words.map(({ about, word }) => `${word}\t${about}`)].map((line) => `${line}\n`).join("");
}

async function allAt(place: CursorPlace, surroundings: Surroundings): Promise<Completion> {
  const { command, isBehindTerminator, name, operands, option, typed } = place;
  if (option !== undefined) return await valuesOf(optionKind(option, name), place, surroundings);
  if (!isBehindTerminator && typed.startsWith("-")) return optionsOf(place);
  if (command.commands.length > 0) return operands === 0 ? commandsOf(command) : NOTHING;
  const operand = operandKind(command, name, operands);
  if (operand === undefined) return isBehindTerminator ? NOTHING : optionsOf(place);
  return await valuesOf(operand, place, surroundings);
}

async function valuesOf(
  kind: ValueKind | readonly string[],
  { given, project }: CursorPlace,
  surroundings: Surroundings,
): Promise<Completion> {
  if (typeof kind !== "string") return { paths: "none", words: named(kind, "") };
  switch (kind) {
    case "files":
    case "folders":
      return { paths: kind, words: [] };
    case "runs":
      return { paths: "none", words: named(knownRuns(project, surroundings), "run") };
    case "bundles-or-files":
      return { paths: "files", words: named(knownRuns(project, surroundings), "run") };
    case "to-sign":
      if (given.has("--counter") || given.has("--time"))
        return { paths: "folders", words: named(knownRuns(project, surroundings), "run") };
      return { paths: "folders", words: named(knownUnsigned(project, surroundings), "unsigned run") };
    case "keys":
      return { paths: "files", words: named(knownKeyNames(surroundings), "key") };
    case "key-names":
      return { paths: "none", words: named(knownKeyNames(surroundings), "key") };
    case "codes":
      return { paths: "none", words: await codes() };
    case "text":
      return NOTHING;
  }
}

async function codes(): Promise<readonly Candidate[]> {
  const { ALL_CODES, wordsOf } = await import("../../codes/all-codes.ts");
  return ALL_CODES.map((code) => ({ word: code, about: brief(wordsOf(code).meaning) }));
}

/** The options that are not given yet; those that may be given several times stay. */
function optionsOf({ command, given }: CursorPlace): Completion {
  const options = command.createHelp().visibleOptions(command);
  const words = options.flatMap(({ defaultValue, description, long }) => {
    if (typeof long !== "string") return [];
    const isRepeatable = Array.isArray(defaultValue);
    return given.has(long) && !isRepeatable ? [] : [{ word: long, about: brief(description) }];
  });
  return { paths: "none", words };
}

function commandsOf(command: CommandUnknownOpts): Completion {
  const commands = command.createHelp().visibleCommands(command);
  const words = commands.map((child) => ({ word: child.name(), about: brief(child.description()) }));
  return { paths: "none", words };
}

function named(words: readonly string[], about: string): readonly Candidate[] {
  return words.map((word) => ({ word, about }));
}

function brief(text: string): string {
  return text.length <= MOST_CHARACTERS ? text : `${text.slice(0, MOST_CHARACTERS - 1).trimEnd()}…`;
}
