/** Time limits that a variable of the environment sets. @module */

import { quote } from "../../core/system/paths/quote.ts";
import type { Io } from "../output/io.ts";
import { UsageError } from "./usage-error.ts";

/** A variable with a number of seconds, and what holds where it is not set. */
interface SecondsVariable {
  readonly variable: string;
  readonly usual: number;
  readonly most: number;
}

/** The seconds that a variable says. Throws a usage error for a text that is not a whole number from 1 to `most`. */
export function secondsIn(
  environment: Io["environment"],
  { most, usual, variable }: SecondsVariable,
): number {
  const text = environment[variable];
  if (text === undefined) return usual;
  const seconds = /^[1-9][0-9]{0,8}$/.test(text) ? Number(text) : 0;
  if (seconds >= 1 && seconds <= most) return seconds;
  throw new UsageError(`${variable} ${quote(text)} is not a whole number of seconds from 1 to ${most}`);
}
