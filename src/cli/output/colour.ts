/**
 * Whether stdout and stderr are coloured. `--color` decides; else NO_COLOR (no-color.org), then FORCE_COLOR (force-color.org), and
 * then whether the stream is a terminal that has colours.
 *
 * @module
 */

import type { Environment } from "../../node/system/runtime/user-home.ts";

/** The values of `--color`. */
export const COLOUR_CHOICES = ["auto", "always", "never"] as const;

type ColourChoice = (typeof COLOUR_CHOICES)[number];

/** The last `--color` before `--`. The parser refuses other values, later: `auto` until then. */
export function chosenColour(argv: readonly string[]): ColourChoice {
  const end = argv.indexOf("--");
  const flags = end < 0 ? argv : argv.slice(0, end);
  const at = flags.findLastIndex((word) => word === "--color" || word.startsWith("--color="));
  const word = flags[at];
  const value = word === "--color" ? flags[at + 1] : word?.slice("--color=".length);
  return COLOUR_CHOICES.find((choice) => choice === value) ?? "auto";
}

/** Whether to colour what goes to a stream. */
export function usesColour(choice: ColourChoice, environment: Environment, isTerminal: boolean): boolean {
  if (choice !== "auto") return choice === "always";
  if (environment["NO_COLOR"]) return false;
  const forced = environment["FORCE_COLOR"];
  if (forced) return forced !== "0" && forced !== "false";
  return isTerminal && environment["TERM"] !== "dumb";
}
