/** The options of `submit` that say more than what to audit: when again, where alerts go, and which verdicts need no second hashing. @module */

import type { AuditPlan } from "../audit/submit.ts";
import { webhookUrl } from "../audit/webhook.ts";
import { numberOf, type OptionValues, textOf, UsageError } from "./command.ts";

/** For parseArgs. */
export const PLAN_OPTIONS = {
  every: { type: "string" },
  alert: { type: "string" },
  "trust-previous": { type: "string" },
} as const;

/** For the line of usage. */
export const PLAN_USAGE = "[--every TIME] [--alert URL] [--trust-previous DAYS]";

const SECONDS: Readonly<Record<string, number>> = { m: 60, h: 3600, d: 86_400 };
const LONGEST_SECONDS = 366 * 86_400;

/** Reads the options. Throws a UsageError. */
export function planOf(values: OptionValues): AuditPlan {
  const given = textOf(values, "alert");
  const alert = given === undefined ? undefined : webhookUrl(given);
  if (given !== undefined && alert === undefined)
    throw new UsageError("--alert takes an address of https, or of http on this machine, without a password");
  const days = numberOf(values, "trust-previous", { least: 1, most: 3650, otherwise: 0 });
  return { alert, every: everyOf(textOf(values, "every")), trustDays: days === 0 ? undefined : days };
}

function everyOf(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const [, count, unit = ""] = /^([1-9]\d{0,5})([mhd])$/.exec(text) ?? [];
  const seconds = Number(count) * (SECONDS[unit] ?? Number.NaN);
  if (!(seconds <= LONGEST_SECONDS))
    throw new UsageError("--every takes a time from 1m to 366d, such as 90m or 24h");
  return seconds;
}
