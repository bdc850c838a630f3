/** Kinds of options by the values that they take. A value is parsed, and refused in the same words, before its command is loaded. @module */

import { Option } from "@commander-js/extra-typings";
import { isHexDigest } from "../../core/system/bytes/hex.ts";
import { IgnorePatterns, MAX_IGNORE_PATTERNS } from "../../core/system/paths/ignore-patterns.ts";
import { quote } from "../../core/system/paths/quote.ts";
import { UsageError } from "./usage-error.ts";

/** An option, and the type of its parsed value. */
export interface Spec<Value> {
  readonly option: Option<string>;
  /** Never there: it holds the type. */
  readonly value?: Value;
}

/** The options of a command by the names of their parsed values. */
export type Specs<Options> = { readonly [Name in keyof Options]-?: Spec<Options[Name]> };

/** The groups of a help behind the command's own options, in this order. The last one is of options that every command has. */
export const OPTION_GROUPS = ["Trust:", "Registry:", "Signing:", "Options of every command:"] as const;

/** Puts options into a group of the help. */
export function grouped<Options>(
  group: (typeof OPTION_GROUPS)[number],
  specs: Specs<Options>,
): Specs<Options> {
  for (const { option } of Object.values<Spec<unknown>>(specs)) option.helpGroup(group);
  return specs;
}

/** What the values of a kind are, and what is said of any other text: `--jobs takes …`. */
interface Kind<Value> {
  readonly takes: string;
  /** Gives `undefined` for a text that is not a value. `earlier` are the values of the same option before it. */
  readonly parse: (text: string, earlier: readonly string[]) => Value | undefined;
  /** The text may be a secret, or is never quoted: the message leaves it out. */
  readonly isHidden?: boolean;
}

function parseAs<Value>(
  option: Option<string>,
  text: string,
  kind: Kind<Value>,
  earlier: readonly string[] = [],
): Value {
  const value = kind.parse(text, earlier);
  if (value !== undefined) return value;
  const not = kind.isHidden === true ? "" : `, not ${quote(text)}`;
  throw new UsageError(`${option.long ?? ""} takes ${kind.takes}${not}`);
}

/** An option whose value is of a kind of its own. */
export function parsed<Value>(flags: string, about: string, kind: Kind<Value>): Spec<Value | undefined> {
  const option: Option<string> = new Option(flags, about);
  option.argParser((text: string) => parseAs(option, text, kind));
  return { option };
}

/** An option without a value. */
export function flag(flags: string, about: string): Spec<true | undefined> {
  return { option: new Option(flags, about) };
}

/** An option `--no-NAME`: its value is false where it was given, else true. */
export function negation(flags: `--no-${string}`, about: string): Spec<boolean> {
  return { option: new Option<string>(flags, about) };
}

/** An option with any text as its value. */
export function text(flags: string, about: string): Spec<string | undefined> {
  return { option: new Option(flags, about) };
}

/** The same, without which the command is not called. */
export function required(flags: string, about: string): Spec<string> {
  const option: Option<string> = new Option(flags, about);
  option.makeOptionMandatory();
  return { option };
}

/** An option with one of some words as its value. */
export function choice<const Word extends string>(
  flags: string,
  about: string,
  words: readonly Word[],
): Spec<Word | undefined> {
  const spec = parsed(flags, about, {
    takes: listed(words),
    parse: (text) => words.find((word) => word === text),
  });
  spec.option.argChoices = [...words];
  return spec;
}

/** The same with a word that stands where the option was not given. */
export function defaultChoice<const Word extends string>(
  flags: string,
  about: string,
  words: readonly [Word, ...Word[]],
): Spec<Word> {
  const { option } = choice(flags, about, words);
  option.default(words[0]);
  return { option };
}

function listed(words: readonly string[]): string {
  const last = words.at(-1) ?? "";
  return words.length < 2 ? last : `${words.slice(0, -1).join(", ")} or ${last}`;
}

/** An option with a whole number from 1 on, or from 0. */
export function count(flags: string, about: string, least = 1, most?: number): Spec<number | undefined> {
  return parsed(flags, about, {
    takes: `a whole number from ${least} ${most === undefined ? "on" : `to ${most}`}`,
    isHidden: most === undefined,
    parse: (text) =>
      /^(0|[1-9][0-9]{0,8})$/.test(text) && Number(text) >= least && Number(text) <= (most ?? Infinity)
        ? Number(text)
        : undefined,
  });
}

/** An option with a whole number from 1 on, which may be left out. */
export function optionalCount(
  flags: `${string} [${string}]`,
  about: string,
): Spec<number | true | undefined> {
  const option: Option<string> = new Option(flags, about);
  option.argParser(count(flags, about).option.parseArg ?? String);
  return { option };
}

/** An option with a SHA-256 digest. */
export function digest(flags: string, about: string): Spec<string | undefined> {
  return parsed(flags, about, {
    takes: "64 lowercase hex characters",
    parse: (text) => (isHexDigest(text) ? text : undefined),
  });
}

const UNITS: Readonly<Record<string, number>> = { "": 0, K: 1, M: 2, G: 3, T: 4 };

/** An option with a number of bytes. */
export function size(flags: string, about: string): Spec<number | undefined> {
  return parsed(flags, about, {
    takes: "a size: bytes, or a number with K, M, G or T",
    parse: (text) => {
      const [, number, unit = ""] = /^([0-9]{1,15})([KMGT]?)$/.exec(text) ?? [];
      return number === undefined ? undefined : Number(number) * 1024 ** (UNITS[unit] ?? 0);
    },
  });
}

const ANY: Kind<readonly string[]> = { takes: "", parse: (text) => [text] };

/**
 * An option that may be given several times. Its values are in the order of the command line; one text may hold several. `none` says
 * what it means that none was given.
 */
export function repeatable(
  flags: string,
  about: string,
  none = "none",
  kind: Kind<readonly string[]> = ANY,
): Spec<readonly string[]> {
  const option: Option<string> = new Option(flags, `${about} (repeatable)`);
  option.argParser((text: string, previous: readonly string[]) => [
    ...previous,
    ...parseAs(option, text, kind, previous),
  ]);
  option.default([], none);
  return { option };
}

/** The same for some words, several of them with commas between. */
export function words<const Word extends string>(
  flags: string,
  about: string,
  none: string,
  known: readonly Word[],
): Spec<readonly Word[]> {
  const { option } = repeatable(flags, about, none, {
    takes: listed(known),
    parse: (text) => {
      const given = text.split(",").map((name) => known.find((word) => word === name));
      return given.every((word) => word !== undefined) ? given : undefined;
    },
  });
  option.argChoices = [...known];
  return { option };
}

/** The option `--ignore`. */
export function ignore(about: string): Spec<readonly string[]> {
  return repeatable("--ignore <pattern>", about, "none", {
    takes: "at most 1,000 patterns of at most 1,024 bytes",
    parse: (text, { length }) =>
      length < MAX_IGNORE_PATTERNS && IgnorePatterns.parse([text]).ok ? [text] : undefined,
    isHidden: true,
  });
}
