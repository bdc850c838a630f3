/** The options that say what is guarded, and where its snapshots are. @module */

import { resolve } from "node:path";
import type { Command, OptionValues } from "@commander-js/extra-typings";
import { quote } from "../../core/internal.ts";
import type { LocateRequest } from "../../node/guard/locate-guard.ts";
import type { GuardOptions as NodeGuardOptions } from "../../node/index.ts";
import type { Io } from "../output/io.ts";
import { checkIgnored } from "./ignored.ts";
import { repeatable } from "./shared-options.ts";
import { UsageError } from "./usage-error.ts";

/** The options as parsed. */
export interface GuardOptions extends StoreOptions {
  readonly ignore: readonly string[];
  readonly budget?: string | undefined;
}

/** Where the snapshots are. */
export interface StoreOptions {
  readonly store?: string | undefined;
}

/** Adds the options that say where the snapshots of a folder are. */
export function withStore<Args extends unknown[], Options extends OptionValues>(
  command: Command<Args, Options>,
): Command<Args, Options & Pick<StoreOptions, keyof StoreOptions>> {
  return command.option(
    "--store <dir>",
    "where the snapshots are, outside of the folder (default: your folder of data)",
  ) as Command<Args, Options & Pick<StoreOptions, keyof StoreOptions>>;
}

/** What finds the guard of a folder that the user named as `shown`. */
export function guardRequest(
  shown: string,
  { store }: StoreOptions,
  { cwd, environment }: Pick<Io, "cwd" | "environment">,
): Pick<LocateRequest, "shown" | "environment" | "store" | "shownStore"> {
  return {
    shown,
    environment,
    store: store === undefined ? undefined : resolve(cwd, store),
    shownStore: store,
  };
}

/** The option that bounds what a snapshot adds, and its help. */
export const BUDGET = [
  "--budget <size>",
  "bytes that a snapshot may add, such as 20G (default: 10G)",
] as const;

/** Adds the options that say what is guarded. */
export function withGuard<Args extends unknown[], Options extends OptionValues>(
  command: Command<Args, Options>,
): Command<Args, Options & Pick<GuardOptions, keyof GuardOptions>> {
  return withStore(command)
    .addOption(
      repeatable(
        "--ignore <pattern>",
        "don't guard what a pattern of gitignore's syntax matches, after .runsealignore (repeatable)",
        "none",
      ),
    )
    .option(...BUDGET) as Command<Args, Options & Pick<GuardOptions, keyof GuardOptions>>;
}

const UNITS: Readonly<Record<string, number>> = { "": 0, K: 1, M: 2, G: 3, T: 4 };

/** What the options ask for. Throws a usage error for a size that is not one. */
export function guardOf({ budget, ignore, store }: GuardOptions): NodeGuardOptions {
  checkIgnored(ignore);
  return {
    store,
    ignore,
    budget: budgetIn(budget),
  };
}

/** The bytes that `--budget` names; undefined without it. Throws a usage error for a size that is not one. */
export function budgetIn(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const [, number = "", unit = ""] = /^([0-9]{1,15})([KMGT]?)$/.exec(text) ?? [];
  if (number === "")
    throw new UsageError(`--budget ${quote(text)} is not a size: bytes, or a number with K, M, G or T`);
  return Number(number) * 1024 ** (UNITS[unit] ?? 0);
}
