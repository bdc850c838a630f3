/** `runseal pack RUN… -o FILE`: one archive that carries runs with their bytes. @module */

import { quote, quoteIfNeeded } from "../../../core/internal.ts";
import { type PackedArchive, packRuns, runIdOf } from "../../../node/index.ts";
import { operationFault } from "../../../node/runtime/operation-fault.ts";
import { type BundlePlace, placesOfBundles } from "../../options/bundle-place.ts";
import { chooseJobs } from "../../options/jobs.ts";
import { UsageError } from "../../options/usage-error.ts";
import { operationReport } from "../../output/failure-report.ts";
import type { Io } from "../../output/io.ts";
import { doneReport, type Report } from "../../output/report.ts";
import { type ProgressOptions, showProgress } from "../../progress/show-progress.ts";
import { sizeOf } from "../../progress/size-text.ts";
import { countOf } from "../../text/count-text.ts";
import { rejectedReport, signerFacts } from "../../verdict/verdict-facts.ts";

/** The options as parsed. */
export interface PackOptions extends ProgressOptions {
  readonly root?: string | undefined;
  readonly out: string;
  readonly jobs?: string | undefined;
  readonly json?: true | undefined;
}

/** Stands for stdout. */
const STDOUT = "-";

/** Packs runs. Does not judge their signers. */
export async function runPack(texts: readonly string[], options: PackOptions, io: Io): Promise<Report> {
  const jobs = chooseJobs(options);
  const isStreamed = options.out === STDOUT;
  if (isStreamed && options.json === true)
    throw new UsageError("--json and -o - both need stdout\nname a file with -o FILE");
  if (isStreamed && io.isOutTerminal)
    throw new UsageError("an archive is not for a terminal\nname a file with -o FILE, or redirect stdout");
  const places = placesOfBundles(texts, options.root, io);
  if (!places.ok) return operationReport(places);
  refuseTwice(places.value);
  using progress = showProgress(options, io);
  try {
    const packed = await packRuns({
      places: places.value,
      out: isStreamed ? (piece) => writePiece(piece, io) : options.out,
      jobs,
      signal: io.signal,
      progress: progress?.port,
    });
    if (packed.ok) return packedReport(packed.value, options);
    return "phase" in packed ? rejectedReport(packed, {}) : operationReport(packed);
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

function packedReport({ bytes, runs, sha256 }: PackedArchive, { out }: PackOptions): Report {
  const known = {
    archive: out,
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
  const summary = `packed ${countOf(runs.length, "run")}, ${sizeOf(bytes)}`;
  const [only] = runs;
  const what =
    only !== undefined && runs.length === 1 ? `run ${names} with ${countOf(only.files, "file")}` : summary;
  const message = runs.length === 1 ? `packed ${what}, ${sizeOf(bytes)}` : `${summary}: ${names}`;
  if (out === STDOUT) return doneReport(message, known, "", { remarks: [{ kind: "note", message }] });
  return doneReport("packed", known, `${message}\narchive  ${quoteIfNeeded(out)}\nsha256   ${sha256}\n`);
}
