/**
 * How the facts of failures are typed: a map from each code to its facts. A failure that lacks one, or has another code's, does not
 * compile.
 *
 * @module
 */

import type { Fault } from "../bytes/result.ts";

/** The cases of a code: each `details.reason` with its facts. */
export type Case<Reason extends string, Facts = unknown> = Facts & { readonly reason: Reason };

/** A code without facts. */
export type None = Readonly<Record<never, never>>;

/** A failure as it is made. */
export interface MadeFault<Facts, Code extends keyof Facts & string> extends Fault<Code> {
  readonly details: Facts[Code];
}

type NameOf<Facts> = Facts extends unknown ? keyof Facts : never;
type FactOf<Facts, Name> = Facts extends unknown ? (Name extends keyof Facts ? Facts[Name] : never) : never;

/** The facts of several failures, each where it applies. */
export type AnyFacts<Facts> = { readonly [Name in NameOf<Facts>]?: FactOf<Facts, Name> };

/** What failed, and on what, in printable characters on one line. */
export type Worded = { readonly message: string };

/** A failure of one of some codes: the code tells its facts. */
export type FaultOf<Facts, Code extends keyof Facts & string> = {
  readonly [Known in Code]: MadeFault<Facts, Known>;
}[Code];
