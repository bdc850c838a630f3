/**
 * What the word at the cursor of an unfinished command line is: an option, the value of an option, or an operand.
 *
 * @module
 */

import type { CommandUnknownOpts, Option } from "@commander-js/extra-typings";

/** The place of the word at the cursor. */
export interface CursorPlace {
  readonly command: CommandUnknownOpts;
  /** The words that name the command, such as `key rm`. Empty for the program. */
  readonly name: string;
  /** The option that the word is the value of. */
  readonly option: Option | undefined;
  /** What stays in the word before the value, such as `--format=`. Empty elsewhere. */
  readonly lead: string;
  /** What is typed of the value, option or operand. */
  readonly typed: string;
  /** How many operands stand before it. */
  readonly operands: number;
  /** Whether `--` stands before it. */
  readonly isBehindTerminator: boolean;
  /** Long names of the options before it. */
  readonly given: ReadonlySet<string>;
  /** The value of `--project` before it. */
  readonly project: string | undefined;
}

/** Finds the place of the last word. `words` are those behind the name of the program, as they were typed. */
export function placeOfCursor(program: CommandUnknownOpts, words: readonly string[]): CursorPlace {
  const before = words.slice(0, -1);
  const typed = words.at(-1) ?? "";
  const given = new Set<string>();
  let command = program;
  let name = "";
  let operands = 0;
  let project: string | undefined;
  let awaiting: Option | undefined;
  let isBehindTerminator = false;
  for (const word of before) {
    if (awaiting !== undefined) {
      if (awaiting.long === "--project") project = word;
      awaiting = undefined;
    } else if (isBehindTerminator || !word.startsWith("-") || word === "-") {
      // The words behind it name a command, as those before any operand do.
      if (word === "help" && operands === 0 && command.commands.length > 0) continue;
      const child = operands === 0 ? command.commands.find((other) => other.name() === word) : undefined;
      if (child === undefined || isBehindTerminator) operands++;
      else {
        command = child;
        name = name === "" ? word : `${name} ${word}`;
      }
    } else if (word === "--") isBehindTerminator = true;
    else {
      const [flag = "", value] = splitOption(word);
      const option = optionOf(command, flag);
      if (option?.long !== undefined) given.add(option.long);
      if (option?.required === true && value === undefined) awaiting = option;
      if (flag === "--project" && value !== undefined) project = value;
    }
  }
  const found = { command, name, operands, isBehindTerminator, given, project };
  if (awaiting !== undefined) return { ...found, option: awaiting, lead: "", typed };
  const [flag = "", value] = isBehindTerminator ? [] : splitOption(typed);
  const option = value === undefined ? undefined : optionOf(command, flag);
  if (value === undefined || option?.required !== true)
    return { ...found, option: undefined, lead: "", typed };
  return { ...found, option, lead: `${flag}=`, typed: value };
}

function optionOf({ options }: CommandUnknownOpts, flag: string): Option | undefined {
  return options.find(({ long, short }) => long === flag || short === flag);
}

/** `--option=value` in two; a word without a value alone. */
function splitOption(word: string): readonly [string, string?] {
  const at = word.indexOf("=");
  return word.startsWith("--") && at > 0 ? [word.slice(0, at), word.slice(at + 1)] : [word];
}
