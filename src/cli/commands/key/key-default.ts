/** `runseal key default [KEY]`: the key that signs where none is named. @module */

import { quoteIfNeeded } from "../../../core/internal.ts";
import { findKey, findNamed, listKeys, writeDefaultKey } from "../../../node/index.ts";
import { operationReport } from "../../output/failure-report.ts";
import type { Io } from "../../output/io.ts";
import type { Report } from "../../output/report.ts";

/** Chooses the default key, or shows which one signs now. */
export async function runKeyDefault(wanted: string | undefined, io: Io): Promise<Report> {
  const { environment, signal } = io;
  if (wanted === undefined) {
    const key = findKey(environment, undefined);
    return key.ok ? defaultReport(key.value.name, "shown") : operationReport(key);
  }
  const keys = listKeys(environment);
  if (!keys.ok) return operationReport(keys);
  const key = findNamed(keys.value, wanted);
  if (!key.ok) return operationReport(key);
  const written = await writeDefaultKey(environment, key.value.name, signal);
  return written.ok ? defaultReport(key.value.name, "changed") : operationReport(written);
}

function defaultReport(name: string, message: "shown" | "changed"): Report {
  return {
    facts: { ok: true, code: "OK", message, details: {}, name, exit_code: 0 },
    text:
      message === "shown"
        ? `${quoteIfNeeded(name)}\n`
        : `${quoteIfNeeded(name)} signs where no key is named\n`,
  };
}
