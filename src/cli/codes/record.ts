/**
 * The record of a code: everything that the program says about it, in one place. The code itself is in the union of the
 * layer that raises it: core and node can't import the command line. The compiler finds a code without a record.
 *
 * @module
 */

import type { FaultReasons, OperationCode, OperationDetails } from "../../node/index.ts";
import type { ExitCode } from "./exit-code.ts";

/** What the program says about one code. `explain`, docs/codes.md and hints are made from it. */
export interface CodeRecord {
  /**
   * The exit code of a command that ends with this code; default: the usual one of its table (codes.ts). A restore may have
   * another (restore-exit-code.ts).
   */
  readonly exit?: ExitCode;
  readonly meaning: string;
  readonly remedy: string;
}

/** A record with its cases, where it stands for several. */
export interface ExplainedRecord extends CodeRecord {
  readonly reasons?: Readonly<
    Record<string, { readonly message?: unknown; readonly meaning?: string; readonly remedy?: string }>
  >;
}

/** A sentence: lower case, no full stop. Says what failed, and on what. */
type Message<Facts> = string | ((facts: Facts) => string);

/** One of the cases that a code stands for; `details.reason` tells which. */
export interface ReasonRecord<Facts> {
  /** Its sentence, where it has another than the code. */
  readonly message?: Message<Facts>;
  /** What the sentence leaves open. */
  readonly meaning?: string;
  /** What to do, where it is not the code's remedy. */
  readonly remedy?: string;
}

/** The record of a code that has a sentence of the command line's own. Without `message`, each of its reasons has one. */
export type ErrorRecord<Facts, Reason extends string = never> = CodeRecord & {
  /** What to do next, if there is more to say than `remedy`. */
  readonly hints?: readonly string[] | ((facts: Facts) => readonly string[]);
} & (
    | {
        readonly message: Message<Facts>;
        readonly reasons?: { readonly [Known in Reason]?: ReasonRecord<Facts> };
      }
    | {
        readonly message?: undefined;
        readonly reasons: { readonly [Known in Reason]: ReasonRecord<Facts> };
      }
  );

/** What the messages of failed operations need. */
export interface OperationFacts extends OperationDetails {
  /** The path, quoted. */
  readonly shown: string;
  /** The names, quoted, with commas. */
  readonly named: string;
  /** `: permission denied`, or nothing. */
  readonly because: string;
}

/** One record for each of some codes. */
export type OperationRecords<Code extends OperationCode> = {
  readonly [Known in Code]: ErrorRecord<
    OperationFacts,
    Known extends keyof FaultReasons ? FaultReasons[Known] : never
  >;
};

/** A record, whatever its reasons. */
interface AnyRecord<Facts> extends CodeRecord {
  readonly message?: Message<Facts> | undefined;
  readonly hints?: readonly string[] | ((facts: Facts) => readonly string[]) | undefined;
  readonly reasons?: Readonly<Record<string, ReasonRecord<Facts> | undefined>> | undefined;
}

/** The sentence of an error. */
export function messageOf<Facts extends object>(record: AnyRecord<Facts>, facts: Facts): string {
  const message = reasonRecordOf(record, facts)?.message ?? record.message ?? record.meaning;
  return typeof message === "string" ? message : message(facts);
}

/** What to do about an error. */
export function hintsOf<Facts extends object>(record: AnyRecord<Facts>, facts: Facts): readonly string[] {
  const remedy = reasonRecordOf(record, facts)?.remedy;
  if (remedy !== undefined) return [remedy];
  const { hints } = record;
  if (hints === undefined) return [record.remedy];
  return typeof hints === "function" ? hints(facts) : hints;
}

function reasonRecordOf<Facts extends object>(
  { reasons = {} }: AnyRecord<Facts>,
  facts: Facts,
): ReasonRecord<Facts> | undefined {
  const reason = "reason" in facts ? facts.reason : undefined;
  return typeof reason === "string" && Object.hasOwn(reasons, reason) ? reasons[reason] : undefined;
}
