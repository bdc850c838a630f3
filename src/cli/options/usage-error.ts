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
