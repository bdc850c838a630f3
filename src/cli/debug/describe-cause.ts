/**
 * An exception as a value for the log: the members that say what failed, by name. Others may hold anything, such
 * as the whole command line of a program that was started, and are left out.
 *
 * @module
 */

/** What the log has of an exception. */
export interface CauseFacts {
  readonly type: string;
  readonly message: string;
  readonly stack?: string;
  readonly cause?: CauseFacts;
  /** Such as `code`, `syscall` and `path` of a system error. */
  readonly [member: string]: unknown;
}

const MEMBERS = ["code", "errno", "syscall", "path", "dest", "address", "signal"] as const;

/** Limits chains of causes, which may be circular. */
const MAX_DEPTH = 8;

/** Describes whatever was thrown. */
export function describeCause(thrown: unknown, depth: number = 0): CauseFacts {
  if (!(thrown instanceof Error)) return { type: typeof thrown, message: textOf(thrown) };
  const { name, message, stack, cause } = thrown;
  return {
    type: name,
    message,
    ...Object.fromEntries(
      MEMBERS.flatMap((member) => (member in thrown ? [[member, memberOf(thrown, member)]] : [])),
    ),
    ...(stack === undefined ? {} : { stack }),
    ...(cause === undefined || depth >= MAX_DEPTH ? {} : { cause: describeCause(cause, depth + 1) }),
  };
}

function memberOf(error: Error, member: string): string | number | undefined {
  const value: unknown = Reflect.get(error, member);
  return typeof value === "string" || typeof value === "number" ? value : undefined;
}

/** Only the type of an object that is not an error: it may hold secrets. */
function textOf(thrown: unknown): string {
  return typeof thrown === "object" || typeof thrown === "function" ? "" : String(thrown);
}
