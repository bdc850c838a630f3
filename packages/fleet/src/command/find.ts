/** `runseal-fleet find`: which runs of a repository contain a file, and what their newest audits found. @module */

import { DIGEST } from "../audit/forms.ts";
import { type RunWithFile, readNewest } from "../audit/read-audit.ts";
import { findFile } from "../work/find-file.ts";
import { type Command, UsageError } from "./command.ts";
import { withDatabase } from "./with-database.ts";

/** Prints the runs. 0: there is one. 1: there is none. */
export const findCommand: Command = {
  usage: "find SHA-256 REPOSITORY[:TAG] [--plain-http]",
  options: { "plain-http": { type: "boolean" } },
  run: async (values, operands, io) => {
    const [file, from, ...others] = operands;
    if (file === undefined || from === undefined || others.length > 0 || !DIGEST.test(file))
      throw new UsageError("give the SHA-256 of a file, 64 lowercase hex, and a repository");
    return await withDatabase(io, 1, async (pool) => {
      const plainHttp = values["plain-http"] === true;
      const found = await findFile({ file, from, plainHttp, signal: io.signal });
      if (!found.ok) return found;
      const { runs, ...counts } = found.value;
      const audits = await readNewest(
        pool,
        runs.map(({ digest }) => digest),
      );
      const listed = runs.map(({ digest, ...run }) => ({ ...run, newest: newestOf(audits.get(digest)) }));
      return { ok: true, exitCode: runs.length > 0 ? 0 : 1, json: { file, ...counts, runs: listed } };
    });
  },
};

/** The audit without what the run says already. */
function newestOf(audit: RunWithFile | undefined): Omit<RunWithFile, "digest" | "run_id"> | null {
  if (audit === undefined) return null;
  const { digest: _digest, run_id: _runId, ...newest } = audit;
  return newest;
}
