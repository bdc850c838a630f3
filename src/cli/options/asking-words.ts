/**
 * Words that ask for help or for the version. In the place of an option's value such a word must not end a command with
 * exit code 0: a script would take that for a verdict.
 *
 * @module
 */

import type { CommandUnknownOpts } from "@commander-js/extra-typings";
import { UsageError } from "./usage-error.ts";

/** The version is asked for by the first word only. */
export const VERSION_FLAGS = "-V, --version";

/** The first word by which the scripts of `runseal completion` call the program. Not in any help. */
export const COMPLETE_WORD = "__complete";

/** Whether a word asks for the version. */
export function asksForVersion(word: string | undefined): boolean {
  return word === "-V" || word === "--version";
}

/** Whether a word asks for help. */
function asksForHelp(word: string | undefined): boolean {
  return word === "-h" || word === "--help";
}

/** Whether the help is to be one screen. */
export function asksForBriefHelp(flags: readonly string[]): boolean {
  return flags.includes("-h") && !flags.includes("--help");
}

/**
 * Throws a UsageError if an option that takes a value is followed by a word that asks for help or for the version.
 * `--option=WORD` is not refused. `flags` are the arguments before `--`.
 */
export function refuseAskingValues(program: CommandUnknownOpts, flags: readonly string[]): void {
  let command = program;
  for (let index = 0; index < flags.length; index++) {
    const word = flags[index] ?? "";
    command = command.commands.find((child) => child.name() === word) ?? command;
    const takesValue = command.options.some(
      ({ long, required, short }) => required && (long === word || short === word),
    );
    if (!takesValue) continue;
    const value = flags[++index];
    if (asksForHelp(value) || asksForVersion(value)) throw missingValue(word, value ?? "");
  }
}

function missingValue(option: string, value: string): UsageError {
  const long = option.startsWith("--");
  const written = long ? `${option}=${value}` : `${option}${value}`;
  return new UsageError(`${option} lacks its value\nif ${value} is the value: ${written}`);
}

/**
 * Switches the help option off if only words behind `--` look like it. Commander looks for it there too once an option
 * before `--` is unknown.
 */
export function ignoreHelpBehindTerminator(
  program: CommandUnknownOpts,
  flags: readonly string[],
  behindTerminator: readonly string[],
): void {
  if (flags.some(asksForHelp) || !behindTerminator.some(asksForHelp)) return;
  switchHelpOff(program);
}

function switchHelpOff(command: CommandUnknownOpts): void {
  command.helpOption(false);
  for (const child of command.commands) switchHelpOff(child);
}
