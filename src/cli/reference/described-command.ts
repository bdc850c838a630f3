/**
 * The commands as their own definitions describe them. The help is printed from the same definitions; the man page and
 * docs/commands.md are made from this.
 *
 * @module
 */

import type { CommandUnknownOpts } from "@commander-js/extra-typings";
import { type CommandWords, wordsOf } from "../options/define-command.ts";
import { OPTION_GROUPS } from "../options/option-kinds.ts";

/** A word of a command line, and what it is about. */
export interface DescribedTerm {
  /** As the help shows it: `-o, --out <file>`. */
  readonly term: string;
  readonly about: string;
}

/** A command that does something. */
export interface DescribedCommand extends CommandWords {
  /** Such as `runseal key rm`. */
  readonly name: string;
  /** Such as `runseal key rm [options] <name>`. */
  readonly usage: string;
  readonly about: string;
  readonly operands: readonly DescribedTerm[];
  /** Without those that every command has. */
  readonly options: readonly DescribedTerm[];
}

/** Commands that the help lists together. */
export interface DescribedGroup {
  /** Such as `Verify a run`. */
  readonly title: string;
  readonly commands: readonly DescribedCommand[];
}

/** The program. */
export interface DescribedProgram {
  readonly about: string;
  readonly groups: readonly DescribedGroup[];
  /** The options that every command has. */
  readonly common: readonly DescribedTerm[];
}

/** Describes all commands that do something, in the order of the help. */
export function describeProgram(program: CommandUnknownOpts): DescribedProgram {
  const [first] = leavesOf(program, program.name());
  if (first === undefined) throw new TypeError("the program has commands");
  const common = termsOf(first.command, true);
  const groups = new Map<string, DescribedCommand[]>();
  for (const command of program.commands) {
    const title = command.helpGroup().replace(/:$/, "");
    const leaves = leavesOf(command, `${program.name()} ${command.name()}`);
    const described = leaves.map((leaf) => describe(leaf.command, leaf.name, common));
    groups.set(title, [...(groups.get(title) ?? []), ...described]);
  }
  return {
    about: program.description(),
    groups: [...groups].map(([title, commands]) => ({ title, commands })),
    common,
  };
}

interface Leaf {
  readonly command: CommandUnknownOpts;
  readonly name: string;
}

function leavesOf(command: CommandUnknownOpts, name: string): readonly Leaf[] {
  if (command.commands.length === 0) return [{ command, name }];
  return command.commands.flatMap((child) => leavesOf(child, `${name} ${child.name()}`));
}

function describe(
  command: CommandUnknownOpts,
  name: string,
  common: readonly DescribedTerm[],
): DescribedCommand {
  const help = command.createHelp();
  const operands = help.visibleArguments(command).map((operand) => ({
    term: help.argumentTerm(operand),
    about: help.argumentDescription(operand),
  }));
  const known = new Set(common.map(({ about, term }) => `${term}\n${about}`));
  const own = [...termsOf(command, false), ...termsOf(command, true)];
  return {
    name,
    usage: help.commandUsage(command),
    about: command.description(),
    operands,
    options: own.filter(({ about, term }) => !known.has(`${term}\n${about}`)),
    ...wordsOf(command),
  };
}

function termsOf(command: CommandUnknownOpts, isCommon: boolean): readonly DescribedTerm[] {
  const help = command.createHelp();
  return help
    .visibleOptions(command)
    .filter(({ helpGroupHeading }) => (helpGroupHeading === OPTION_GROUPS.at(-1)) === isCommon)
    .map((option) => ({ term: help.optionTerm(option), about: help.optionDescription(option) }));
}
