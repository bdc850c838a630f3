/** A wrong usage, found by the parser of arguments or by a command. @module */

/** What `run` reports with exit code 2. Its message is lower case, without a full stop. */
export class UsageError extends Error {
  override readonly name = "UsageError";
}

/** The first of some options that was given, such as `--public-key`. The values are named as commander names them. */
export function givenFlag(options: object, flags: readonly string[]): string | undefined {
  const values = new Map<string, unknown>(Object.entries(options));
  return flags.find((flag) => {
    const value = values.get(
      flag.replace(/^--(no-)?/, "").replace(/-./g, (letters) => letters.slice(1).toUpperCase()),
    );
    if (flag.startsWith("--no-")) return value === false;
    return Array.isArray(value) ? value.length > 0 : value !== undefined;
  });
}

/** Throws a usage error for the first of some options that was given: its name, and what is wrong with it. */
export function refuseGiven(options: object, flags: readonly string[], wrong: string): void {
  const flag = givenFlag(options, flags);
  if (flag !== undefined) throw new UsageError(`${flag} ${wrong}`);
}

/** Options that do not go together, or go with another one alone. Each is written as `--long`. */
export type Rule = {
  /** The options that are refused; the message names the one that was given. */
  readonly refused: readonly string[];
  /** The reason, and behind a line feed a hint. */
  readonly why?: string;
} & (
  | { /** Where one of these was given. */ readonly beside: readonly string[] }
  | { /** Where none of these was given. */ readonly without: readonly string[] }
);

/** Throws a usage error for an option that a rule refuses beside the others. */
export function applyRule(rule: Rule, options: object): void {
  const why = rule.why === undefined ? "" : `: ${rule.why}`;
  if ("beside" in rule) {
    const other = givenFlag(options, rule.beside);
    if (other !== undefined) refuseGiven(options, rule.refused, `does not go with ${other}${why}`);
  } else if (givenFlag(options, rule.without) === undefined)
    refuseGiven(options, rule.refused, `goes with ${rule.without.join(" or ")}${why}`);
}
