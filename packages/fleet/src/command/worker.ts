/** `runseal-fleet worker`: works on the jobs of audits. @module */

import { hostname } from "node:os";
import { openAttester } from "runseal";
import { ok } from "runseal/core";
import { DEFAULT_RANGE } from "../audit/ranges.ts";
import { readSecret } from "../audit/webhook.ts";
import { codeOf, work } from "../work/worker.ts";
import { type Command, type Io, numberOf, textOf, UsageError } from "./command.ts";
import { withDatabase } from "./with-database.ts";

const CONCURRENCY = { least: 1, most: 64, otherwise: 2 };
const LOST_AFTER = { least: 1, most: 3600, otherwise: 30 };
const RANGE_BYTES = { least: 1, most: 2 ** 40, otherwise: DEFAULT_RANGE.bytes };
const RANGE_ROWS = { least: 1, most: 5_000_000, otherwise: DEFAULT_RANGE.rows };

const FAILED = 4;

/** Beside a connection for each job: one that listens for jobs, and one that graphile-worker asks for them by. */
const OTHER_CONNECTIONS = 2;

/** Works until SIGINT or SIGTERM: running jobs are finished then. */
export const workerCommand: Command = {
  usage:
    "worker [--concurrency N] [--name NAME] [--lost-after SECONDS] [--range-bytes N] [--range-files N] [--attest [--key NAME]]",
  options: {
    concurrency: { type: "string" },
    name: { type: "string" },
    "lost-after": { type: "string" },
    "range-bytes": { type: "string" },
    "range-files": { type: "string" },
    attest: { type: "boolean" },
    key: { type: "string" },
  },
  run: async (values, operands, io) => {
    if (operands.length > 0) throw new UsageError("worker takes no operand");
    const concurrency = numberOf(values, "concurrency", CONCURRENCY);
    const lostAfter = numberOf(values, "lost-after", LOST_AFTER);
    const bytes = numberOf(values, "range-bytes", RANGE_BYTES);
    const rows = numberOf(values, "range-files", RANGE_ROWS);
    const name = textOf(values, "name") ?? hostname();
    const key = textOf(values, "key");
    const attests = values["attest"] === true;
    if (key !== undefined && !attests) throw new UsageError("--key goes with --attest");
    const { environment, signal, writeError } = io;
    const secret = readSecret(environment);
    if (!secret.ok) return secret;
    const opened = attests
      ? await openAttester({ environment, signer: key === undefined ? {} : { key } })
      : ok(undefined);
    if (!opened.ok) return opened;
    using attester = opened.value;
    process.once("unhandledRejection", (reason) => endAtOnce(reason, io));
    return await withDatabase(io, concurrency + OTHER_CONNECTIONS, async (pool) => {
      const working = work({
        ...{ pool, concurrency, lostAfter, name, signal, rangeSize: { bytes, rows } },
        alertSecret: secret.value,
        attester,
        connectionString: environment["DATABASE_URL"],
        log: (line) => writeError(`${line}\n`),
      });
      await working.catch((thrown: unknown) => endAtOnce(thrown, io));
      return { ok: true, exitCode: 0, json: undefined };
    });
  },
};

/**
 * Ends the process where the queue failed, also in the middle of jobs: their supervisor starts another one, and these jobs are tried
 * again. graphile-worker does not wait for the statements that end jobs, so that their failures meet no other handler.
 */
function endAtOnce(reason: unknown, { writeError }: Io): never {
  writeError(`error: DATABASE_FAILED: ${codeOf(reason)}: the queue failed; start the worker again\n`);
  process.exit(FAILED);
}
