/** `runseal-fleet submit`: submits an audit of each repository. @module */

import { createReadStream } from "node:fs";
import type pg from "pg";
import { nodeCrypto, type Result } from "runseal";
import { ok, parseTrustFile } from "runseal/core";
import { type SubmitRequest, submitAudit } from "../audit/submit.ts";
import { type FleetFault, fleetFault } from "../outcome/fault.ts";
import type { JsonValue } from "../outcome/json.ts";
import { type Command, type Io, numberOf, type OptionValues, textOf, UsageError } from "./command.ts";
import { PLAN_OPTIONS, PLAN_USAGE, planOf } from "./plan-options.ts";
import { withDatabase } from "./with-database.ts";

/** With the pauses between them, eight tries of a job take about half an hour. */
const ATTEMPTS = { least: 1, most: 100, otherwise: 8 };

/** As `runseal` reads a trust file at most. Of a file without an end, no more is read. */
const MOST_POLICY_BYTES: number = 16 * 1024 * 1024;

/** Submits audits. Each is one transaction: where a later one fails or is interrupted, the earlier ones stay, and are printed. */
export const submitCommand: Command = {
  usage: `submit REPOSITORY[:TAG]... --policy FILE | --any-signer [--attempts N] [--double-check PERCENT] [--index-files] [--plain-http] ${PLAN_USAGE}`,
  options: {
    policy: { type: "string" },
    "any-signer": { type: "boolean" },
    attempts: { type: "string" },
    "double-check": { type: "string" },
    "index-files": { type: "boolean" },
    "plain-http": { type: "boolean" },
    ...PLAN_OPTIONS,
  },
  run: async (values, operands, io) => {
    if (operands.length === 0) throw new UsageError("give a repository");
    if ((values["policy"] === undefined) === (values["any-signer"] === undefined))
      throw new UsageError("give either --policy or --any-signer");
    const attempts = numberOf(values, "attempts", ATTEMPTS);
    const policy = await readPolicy(values);
    if (!policy.ok) return policy;
    const doubleCheck = shareOf(textOf(values, "double-check") ?? "0%");
    const indexFiles = values["index-files"] === true;
    const plan = planOf(values);
    const plainHttp = values["plain-http"] === true;
    const shared = { attempts, doubleCheck, indexFiles, plainHttp, plan, policy: policy.value };
    return await withDatabase(io, 1, async (pool) => await submitEach(pool, operands, shared, io));
  },
};

async function submitEach(
  pool: pg.Pool,
  repositories: readonly string[],
  shared: Omit<SubmitRequest, "from">,
  { signal, write }: Io,
): ReturnType<Command["run"]> {
  for (const from of repositories) {
    const submitted = await submitAudit(pool, { ...shared, from }, signal);
    if (!submitted.ok) return submitted;
    const line: JsonValue = { repository: from, ...submitted.value };
    write(`${JSON.stringify(line)}\n`);
  }
  return { ok: true, exitCode: 0, json: undefined };
}

/** Reads the trust file. One with a bad line is refused here: with it, no run could be accepted. */
async function readPolicy(values: OptionValues): Promise<Result<SubmitRequest["policy"], FleetFault>> {
  const file = textOf(values, "policy");
  if (file === undefined) return ok(undefined);
  const chunks: Buffer[] = [];
  try {
    for await (const chunk of createReadStream(file, { end: MOST_POLICY_BYTES })) chunks.push(chunk);
  } catch {
    return fleetFault("POLICY_UNREADABLE", "the trust file can't be read");
  }
  const bytes = Buffer.concat(chunks);
  if (bytes.length > MOST_POLICY_BYTES)
    return fleetFault("POLICY_UNREADABLE", "the trust file is larger than 16 MiB");
  const parsed = parseTrustFile(bytes, nodeCrypto);
  return parsed.ok ? ok({ label: file, bytes }) : fleetFault("POLICY_UNREADABLE", parsed.message);
}

/** A share in percent, such as `1%` or `0.5%`. Throws a UsageError. */
function shareOf(text: string): number {
  const [, percent] = /^(\d{1,3}(?:\.\d{1,3})?)%$/.exec(text) ?? [];
  const share = Number(percent) / 100;
  if (!(share >= 0 && share <= 1)) throw new UsageError("--double-check takes a share from 0% to 100%");
  return share;
}
