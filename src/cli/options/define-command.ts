/**
 * A command as data: its name, operands, options, which of them go together, examples and further help, and the call. The parser, the
 * help, the man page, docs/commands.md and the completion are made from it.
 *
 * @module
 */

import { Argument, Command, type CommandUnknownOpts, type Option } from "@commander-js/extra-typings";
import { EXIT_CODES } from "../codes/exit-code.ts";
import type { Io } from "../output/io.ts";
import type { Report, Sink } from "../output/report.ts";
import { asksForBriefHelp } from "./asking-words.ts";
import { OPTION_GROUPS, type Spec, type Specs } from "./option-kinds.ts";
import { SHARED_RULES } from "./shared-options.ts";
import { applyRule, type Rule } from "./usage-error.ts";

/** Such as `<run>`, `[run]` or `<path...>`, what it is, and the words that it may be, if it may not be any. */
export type Operand = readonly [form: string, about: string, words?: readonly string[]];

type OperandValue<Form> = Form extends readonly [infer Term, string, (infer Words extends readonly string[])?]
  ? Term extends `${string}...${string}`
    ? readonly string[]
    : Term extends `[${string}`
      ? string | undefined
      : Words[number]
  : never;

type OperandValues<Operands> = { readonly [Index in keyof Operands]: OperandValue<Operands[Index]> };

interface Named {
  /** A subcommand is named with its parent: `key rm`. */
  readonly name: string;
  readonly summary: string;
  /** What its help shows first, without `runseal`. */
  readonly examples: readonly string[];
}

/** A command that does something. */
export interface Definition<Operands, Options> extends Named {
  /** Where the operands alone don't tell: `[options] [run] <file...>`. */
  readonly usage?: string;
  readonly operands?: Operands;
  /** The first ones are what -h shows. */
  readonly options?: Specs<Options>;
  readonly rules?: readonly Rule[];
  /** Lines below the examples. */
  readonly more?: string;
  /** The exit codes that its help lists. */
  readonly exitCodes?: readonly number[];
  /** Loads the command and runs it. Throws usage errors. */
  readonly call: (
    operands: OperandValues<Operands>,
    options: Options,
    io: Io,
    args: Arguments,
  ) => Promise<Report>;
}

/** The arguments as `--` parts them. */
export interface Arguments {
  readonly flags: readonly string[];
  readonly behindTerminator: readonly string[];
  /** Called where --quiet is found. */
  readonly hush?: () => void;
}

/** Makes a command for the parser. Its end is reported. */
export type MakeCommand = (io: Io, report: Sink, args: Arguments) => CommandUnknownOpts;

/** What the help of a command has below its options. */
export interface CommandWords {
  readonly examples: readonly string[];
  /** Lines with line feeds, or nothing. */
  readonly more: string;
}

const WORDS = new WeakMap<CommandUnknownOpts, CommandWords>();

/** What the help of a command has below its options. */
export function wordsOf(command: CommandUnknownOpts): CommandWords {
  return WORDS.get(command) ?? { examples: [], more: "" };
}

/** Defines a command. */
export function newCommand<const Operands extends readonly Operand[] = [], Options extends object = object>(
  definition: Definition<Operands, Options>,
): MakeCommand {
  const { call, exitCodes, more = "", operands = [], options = {}, rules = [], usage } = definition;
  return (io, report, args) => {
    const isBrief = asksForBriefHelp(args.flags);
    const command = isBrief
      ? named({ ...definition, examples: definition.examples.slice(0, 2) }, "\n--help lists all.\n")
      : named(definition, more + (exitCodes === undefined ? "" : exitCodesHelp(exitCodes)));
    if (usage !== undefined) command.usage(usage);
    for (const [form, about, words] of operands) {
      const argument: Argument<string> = new Argument(form, about);
      if (words !== undefined) argument.choices(words);
      command.addArgument(argument);
    }
    const listed = Object.entries<Spec<unknown>>(options).map(([name, { option }]) => {
      if (option.attributeName() !== name) throw new TypeError(`${option.flags} has the name ${name}`);
      return option;
    });
    if (isBrief) shortenHelp(command, listed);
    for (const option of listed.toSorted((a, b) => groupOf(a) - groupOf(b))) command.addOption(option);
    return command.action(async () => {
      const given = command.opts();
      for (const rule of [...SHARED_RULES, ...rules]) applyRule(rule, given);
      // What the parser gives has the types of the specs and of the forms of the operands.
      report(await call(command.processedArgs as OperandValues<Operands>, given as Options, io, args));
    });
  };
}

/** The place of an option's group in the help. A command's own options come first. */
function groupOf({ helpGroupHeading }: Option<string>): number {
  const groups: readonly string[] = OPTION_GROUPS;
  return groups.indexOf(helpGroupHeading ?? "");
}

/** Options that a screen of 24 lines has room for. */
const MOST_BRIEF = 7;

/** Makes the help as short as -h shows it. */
function shortenHelp(command: CommandUnknownOpts, options: readonly Option<string>[]): void {
  command.configureHelp({
    visibleArguments: () => [],
    visibleOptions: () => options.filter(({ hidden }) => !hidden).slice(0, MOST_BRIEF),
    groupItems: (_all, visible) => new Map([["Options:", visible]]),
    optionDescription: ({ description }) => description,
  });
}

/** Defines a word before other commands. */
export function newGroup(definition: Named, commands: readonly MakeCommand[]): MakeCommand {
  return (io, report, args) => {
    const command = named(definition, "");
    for (const make of commands) command.addCommand(make(io, report, args));
    return command;
  };
}

function named({ examples, name, summary }: Named, more: string): CommandUnknownOpts {
  const command = new Command(name.slice(name.lastIndexOf(" ") + 1)).description(summary);
  const shown = examples.map((line) => `  ${line}\n`).join("");
  command.addHelpText("after", `\nExamples:\n${shown}${more}`.trimEnd());
  WORDS.set(command, { examples, more: more.trim() });
  return command;
}

/** The exit codes at the end of the help of a command or of the program. */
export function exitCodesHelp(codes: readonly number[] = Object.keys(EXIT_CODES).map(Number)): string {
  const wanted = Object.entries(EXIT_CODES).filter(([code]) => codes.includes(Number(code)));
  const lines = wanted.map(([code, words]) => `  ${code.padStart(3)}  ${words}\n`);
  return `\nExit codes:\n${lines.join("")}`;
}
