/** `runseal push RUN… FILE.runseal`: one archive that carries runs with their bytes. @module */

import { quote, quoteIfNeeded } from "../../../core/internal.ts";
import { countOf } from "../../../core/system/bytes/count-text.ts";
import { sizeOf } from "../../../core/system/bytes/size-text.ts";
import type { BundlePlace } from "../../../node/library/places/bundle-place.ts";
import { type PackedArchive, packRuns } from "../../../node/move/archive/pack-runs.ts";
import { runIdOf } from "../../../node/records/bundle/open-bundle.ts";
import { operationFault } from "../../../node/system/runtime/operation-fault.ts";
import { UsageError } from "../../options/usage-error.ts";
import { operationReport } from "../../output/failure-report.ts";
import type { Io } from "../../output/io.ts";
import { doneReport, note, type Report } from "../../output/report.ts";
import { ShownWork } from "../../progress/show-progress.ts";
import { failedRunReport } from "../../verdict/stored-text.ts";
import { signerFacts } from "../../verdict/verdict-facts.ts";
import type { PushResult } from "./carry-results.ts";
import { findPushed } from "./find-pushed.ts";
import { type PushJob, STDOUT } from "./push-job.ts";

/** Packs runs. Does not judge their signers. Throws usage errors. */
export async function pushToArchive(job: PushJob, io: Io): Promise<Report> {
  const { options, target } = job;
  const isStreamed = target === STDOUT;
  if (isStreamed && (options.json === true || io.isOutTerminal))
    throw new UsageError(
      `${options.json === true ? "--json and - both need stdout" : "an archive is not for a terminal"}\nname a file instead of -`,
    );
  const found = await findPushed(job, io);
  if ("report" in found) return found.report;
  refuseTwice(found.places);
  using work = new ShownWork(options, io);
  try {
    const packed = await packRuns({
      places: found.places,
      out: isStreamed ? (piece) => writePiece(piece, io) : target,
      ...work,
    });
    if (packed.ok) return packedReport(packed.value, target);
    const { details } = packed;
    const runId = "run_id" in details ? details.run_id : undefined;
    const place = found.places.find(({ bundle }) => runIdOf(bundle) === runId);
    return failedRunReport(packed, place);
  } catch (thrown) {
    if (!(thrown instanceof UnreadOutput)) throw thrown;
    return operationReport(operationFault("WRITE_FAILED", { path: STDOUT, reason: "other" }));
  }
}

/** The reader of stdout has closed it. Half an archive is not a success. */
class UnreadOutput extends Error {
  override readonly name = "UnreadOutput";
}

async function writePiece(piece: Uint8Array, io: Io): Promise<void> {
  await io.writeBytes(piece);
  if (io.isUnread()) throw new UnreadOutput("stdout is closed");
}

/** An archive has a run id once: its bundles stand under their ids. */
function refuseTwice(places: readonly BundlePlace[]): void {
  const ids = new Set<string>();
  for (const { bundle } of places) {
    const id = runIdOf(bundle);
    if (ids.has(id)) throw new UsageError(`two runs have the id ${quote(id)}; an archive holds it once`);
    ids.add(id);
  }
}

function packedReport({ bytes, runs, sha256 }: PackedArchive, target: string): Report {
  const known = {
    archive: target,
    runs: runs.map(({ bundleRoot, files, runId, signer }) => ({
      run_id: runId,
      bundle_root: bundleRoot,
      files,
      signer: signerFacts(signer),
    })),
    bytes,
    sha256,
  };
  const names = runs.map(({ runId }) => quoteIfNeeded(runId)).join(", ");
  const summary = `pushed ${countOf(runs.length, "run")}, ${sizeOf(bytes)}`;
  const [only] = runs;
  const what =
    only !== undefined && runs.length === 1 ? `run ${names} with ${countOf(only.files, "file")}` : summary;
  const message = runs.length === 1 ? `pushed ${what}, ${sizeOf(bytes)}` : `${summary}: ${names}`;
  if (target === STDOUT) return doneReport<PushResult>(message, known, "", { remarks: [note(message)] });
  return doneReport<PushResult>(
    "pushed",
    known,
    `${message}\narchive  ${quoteIfNeeded(target)}\nsha256   ${sha256}\n`,
  );
}
