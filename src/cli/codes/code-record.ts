/**
 * The record of a code: everything that the program says about it, in one place. The code itself is in the union of the
 * layer that raises it: core and node can't import the command line. The compiler finds a code without a record.
 *
 * @module
 */

import { quote, quoteIfNeeded } from "../../core/internal.ts";
import type { FaultFacts, OperationCode } from "../../node/system/runtime/operation-fault.ts";
import { because } from "../text/machine-words.ts";
import type { ExitCode } from "./exit-code.ts";

/** What every sentence may use. */
export interface Shown {
  /** What the failure is about, quoted: a path, a reference, an address, an entry of an archive. */
  readonly shown: string;
  /** The names, quoted, with commas. */
  readonly named: string;
  /** `: permission denied`, or nothing. */
  readonly because: string;
}

/** What stands for any path or name where a code is explained. */
const ANYTHING: Shown = { shown: '"…"', named: '"…"', because: "" };

/** A sentence: lower case, no full stop. Says what failed, and on what. */
type Sentence<Facts> = string | ((facts: Facts) => string);

/** A sentence, and what it leaves open. One that needs more facts than what is shown can't be explained by itself. */
type Words<Facts> =
  | { readonly message: Sentence<Shown>; readonly meaning?: undefined }
  | { readonly message: Sentence<Facts & Shown>; readonly meaning: string };

/** One of the cases that a code stands for, `details.reason` tells which: a sentence, or more; a remedy where it is not the code's. */
type ReasonRecord<Facts> =
  | Sentence<Shown>
  | {
      readonly message?: Sentence<Facts & Shown>;
      /** What the sentence leaves open; it is needed where the sentence needs more facts than what is shown. */
      readonly meaning?: string;
      readonly remedy?: string;
    };

/** The reasons of a code's facts. */
type ReasonOf<Facts> = Facts extends { readonly reason?: infer Reason } ? Extract<Reason, string> : never;

/** The facts of one reason. */
type FactsAt<Facts, Reason> = Facts extends { readonly reason: infer Known }
  ? Reason extends Known
    ? Facts
    : never
  : "reason" extends keyof Facts
    ? Facts
    : never;

type Reasons<Facts> = { readonly [Reason in ReasonOf<Facts>]: ReasonRecord<FactsAt<Facts, Reason>> };

/** What the program says about one code. `explain`, docs/codes.md and hints are made from it. */
type CodeRecord = {
  /**
   * The exit code of a command that ends with this code; default: the usual one of its table (codes.ts). A restore may have
   * another (restore-exit-code.ts).
   */
  readonly exit?: ExitCode;
  readonly remedy: string;
};

/** The record of a code whose sentence another layer has. */
export type MeaningRecord = CodeRecord & { readonly meaning: string };

/** The record of a code that has a sentence of the command line's own. Without `message`, each of its reasons has one. */
export type ErrorRecord<Facts> = CodeRecord & {
  /** What to do next, where it depends on the facts. */
  readonly hints?: (facts: Facts & Shown) => readonly string[];
} & (
    | (Words<Facts> & { readonly reasons?: Partial<Reasons<Facts>> })
    | { readonly message?: undefined; readonly meaning: string; readonly reasons: Reasons<Facts> }
  );

/** One record for each of some codes. */
export type OperationRecords<Code extends OperationCode> = {
  readonly [Known in Code]: ErrorRecord<FaultFacts[Known]>;
};

/** Words of a code or of one of its cases, whatever its facts are. */
export interface AnyWords {
  readonly message?: unknown;
  readonly meaning?: string | undefined;
  readonly remedy?: string;
}

/** The sentence of an error. */
export function messageOf<Facts extends object>(record: ErrorRecord<Facts>, facts: Facts): string {
  const message = caseOf(record, facts).message ?? record.message;
  return sentenceOf(message, { ...facts, ...shownOf(facts) }) ?? record.meaning ?? "";
}

/** What to do about an error. */
export function hintsOf<Facts extends object>(record: ErrorRecord<Facts>, facts: Facts): readonly string[] {
  const { remedy } = caseOf(record, facts);
  if (remedy !== undefined) return [remedy];
  return record.hints?.({ ...facts, ...shownOf(facts) }) ?? [record.remedy];
}

/** What a code or one of its cases means: its sentence, unless there is more to say. */
export function meaningOf({ meaning, message }: AnyWords): string {
  const sentence = meaning ?? sentenceOf(message, ANYTHING) ?? "";
  return sentence === meaning ? sentence : `${sentence.slice(0, 1).toUpperCase()}${sentence.slice(1)}.`;
}

/** The words of a case; `words` of a reason may be its sentence alone. */
export function casesOf({ reasons = {} }: { readonly reasons?: object }): Readonly<Record<string, AnyWords>> {
  const cases = Object.entries<unknown>({ ...reasons });
  return Object.fromEntries(
    cases.map(([reason, words]) => [
      reason,
      typeof words === "object" ? (words as AnyWords) : { message: words },
    ]),
  );
}

function caseOf(record: { readonly reasons?: object }, facts: object): AnyWords {
  const reason = "reason" in facts ? String(facts.reason) : "";
  const cases = casesOf(record);
  return (Object.hasOwn(cases, reason) ? cases[reason] : undefined) ?? {};
}

/** The types of the records see to it that a sentence gets its facts. */
function sentenceOf(message: unknown, facts: Shown): string | undefined {
  return typeof message === "function" ? String(message(facts)) : (message as string | undefined);
}

interface Named {
  readonly artifact?: string;
  readonly member?: string;
  readonly names?: readonly string[];
  readonly path?: string;
  readonly reason?: string;
  readonly reference?: string;
  readonly url?: string;
}

function shownOf({ artifact, member, names = [], path = "", reason, reference, url }: Named): Shown {
  const shown = artifact === undefined ? quote(member ?? reference ?? url ?? path) : quoteIfNeeded(artifact);
  return { shown, named: names.map(quote).join(", "), because: because(reason) };
}
