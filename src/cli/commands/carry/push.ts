/** `runseal push RUN… TARGET`: sends runs with the bytes of their outputs, into an archive or to a registry. @module */

import { quote } from "../../../core/internal.ts";
import { placeForm } from "../../../node/library/places/place-form.ts";
import { refuseGiven, UsageError } from "../../options/usage-error.ts";
import type { Io } from "../../output/io.ts";
import type { Report } from "../../output/report.ts";
import type { PushOptions } from "./push-job.ts";

/** Pushes runs, each verified first, to where the form of the last operand says. Throws usage errors. */
export async function runPush(texts: readonly string[], options: PushOptions, io: Io): Promise<Report> {
  const runs = texts.slice(0, -1);
  const target = texts.at(-1) ?? "";
  const form = placeForm(target);
  if (form === undefined)
    throw new UsageError(
      `${quote(target)} is not where a push can go; it takes runs, and last FILE.runseal, HOST/REPO or oci-layout:DIR\n./${target} is a file here`,
    );
  if ((options.all === true) !== (runs.length === 0))
    throw new UsageError("push takes runs, or --all for the whole history, and last where to");
  const job = { target, runs, options };
  if (form === "reference") {
    const { pushToRegistry } = await import("./push-registry.ts");
    return await pushToRegistry(job, io);
  }
  // Without --attest no option about signers is given.
  refuseGiven(
    options,
    ["--tag", "--attest", "--plain-http"],
    `is for a push to a registry, and ${quote(target)} is an archive`,
  );
  const { pushToArchive } = await import("./push-archive.ts");
  return await pushToArchive(job, io);
}
