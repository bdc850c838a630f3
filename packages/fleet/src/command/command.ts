/** What a command of `runseal-fleet` is. @module */

import type { ParseArgsConfig } from "node:util";
import type { Environment } from "../database/connection.ts";
import type { CommandFault } from "../outcome/fault.ts";
import type { JsonValue } from "../outcome/json.ts";

/** Where a command runs. */
export interface Io {
  readonly environment: Environment;
  /** Writes to stdout and stderr. */
  readonly write: (text: string) => void;
  readonly writeError: (text: string) => void;
  /** Fires on SIGINT and SIGTERM. */
  readonly signal: AbortSignal;
}

/** The end of a command: one line of JSON for stdout, and the exit code. */
export type CommandEnd =
  | { readonly ok: true; readonly exitCode: number; readonly json: JsonValue | undefined }
  | CommandFault;

/** The values of options: of a flag that was given, `true`. */
export type OptionValues = Readonly<Record<string, string | boolean | undefined>>;

/** A command. */
export interface Command {
  readonly usage: string;
  readonly options: NonNullable<ParseArgsConfig["options"]>;
  readonly run: (values: OptionValues, operands: readonly string[], io: Io) => Promise<CommandEnd>;
}

/** A wrong call. The message names what is wrong with it. */
export class UsageError extends Error {
  override readonly name = "UsageError";
}

/** The only operand. Throws a UsageError. */
export function onlyOperand(operands: readonly string[], what: string): string {
  const [operand, ...others] = operands;
  if (operand === undefined || others.length > 0) throw new UsageError(`give one ${what}`);
  return operand;
}

/** The text of an option. */
export function textOf(values: OptionValues, name: string): string | undefined {
  const value = values[name];
  return typeof value === "string" ? value : undefined;
}

/** A whole number between bounds. Throws a UsageError. */
export function numberOf(
  values: OptionValues,
  name: string,
  { least, most, otherwise }: { readonly least: number; readonly most: number; readonly otherwise: number },
): number {
  const text = textOf(values, name);
  if (text === undefined) return otherwise;
  const value = /^\d{1,15}$/.test(text) ? Number(text) : Number.NaN;
  if (!(value >= least && value <= most))
    throw new UsageError(`--${name} takes a whole number from ${least} to ${most}`);
  return value;
}
