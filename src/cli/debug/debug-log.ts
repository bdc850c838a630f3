/**
 * The log that the operator asked for, with `--debug` or RUNSEAL_LOG=debug: one JSON object a line on stderr.
 * The only place that an exception's text, stack or path ever goes to (H-05).
 *
 * @module
 */

import { formatUtcSecond } from "../../core/internal.ts";
import { listenForCauses } from "../../node/system/runtime/cause-channel.ts";
import { escapeUnsafe } from "../output/escape-unsafe.ts";
import type { Io } from "../output/io.ts";
import type { ReportFacts } from "../output/report.ts";
import { describeCause } from "./describe-cause.ts";
import { CENSORED, makeRedactor, SECRET_MEMBERS } from "./redaction.ts";

/** An open log. */
export interface DebugLog {
  /** The last line: how the command ended. */
  ended(facts: ReportFacts): void;
  close(): void;
}

/**
 * Opens the log and listens for causes. Only this loads pino: a command without a log does not
 * pay for it. Lines are written by `io`, at once, so that what is printed stands in the order in which it happened.
 */
export async function openDebugLog(io: Io): Promise<DebugLog> {
  const { pino } = await import("pino");
  const redact = makeRedactor(io.environment);
  const logger = pino(
    {
      level: "debug",
      // No process id and no name of the machine.
      base: null,
      timestamp: () => `,"time":"${formatUtcSecond(io.now())}"`,
      formatters: { level: (label) => ({ level: label }) },
      redact: { paths: [...SECRET_MEMBERS], censor: CENSORED },
    },
    { write: (line: string) => io.writeError(`${escapeUnsafe(redact(line.trimEnd()))}\n`) },
  );
  const close = listenForCauses((thrown) => logger.debug({ cause: describeCause(thrown) }, "cause"));
  return {
    ended: ({ code, exit_code }) => logger.debug({ code, exit_code }, "ended"),
    close,
  };
}
