/** `runseal prove BUNDLE FILE…`: proves that files were in a run, without the other files. @module */

import { decodeUtf8, isFileProofFault, quote, type Result } from "../../../core/internal.ts";
import type { PlaceOptions } from "../../../node/library/places/bundle-place.ts";
import {
  type ProveDemand,
  type ProveFailure,
  type ProvenFiles,
  proveBundleFiles,
  proveCarriedFiles,
  writeProof,
} from "../../../node/make/prove/prove-bundle-files.ts";
import { readCarriedRun } from "../../options/carried-run.ts";
import { onNamedOrNewest } from "../../options/default-run.ts";
import { type ExpectOptions, expectedBundle } from "../../options/expectations.ts";
import type { RegistryOptions } from "../../options/registry-options.ts";
import {
  type CarriedOptions,
  placeOfSource,
  refuseCarriedOptions,
  type SourcePlace,
} from "../../options/source-place.ts";
import { UsageError } from "../../options/usage-error.ts";
import { escapeUnsafe } from "../../output/escape-unsafe.ts";
import { operationReport } from "../../output/failure-report.ts";
import type { Io } from "../../output/io.ts";
import { doneReport, note, type Report, withHints } from "../../output/report.ts";
import { type ProgressOptions, showProgress } from "../../progress/show-progress.ts";
import { renamedHints } from "../../verdict/renamed-text.ts";
import { rejectedReport, signerFacts } from "../../verdict/verdict-facts.ts";
import { fileProofReport, provenMessage } from "./file-proof-text.ts";
import type { ProveResult } from "./proof-results.ts";

/** The options as parsed. */
export interface ProveOptions
  extends ExpectOptions,
    RegistryOptions,
    PlaceOptions,
    ProgressOptions,
    Pick<CarriedOptions, "run"> {
  readonly out?: string | undefined;
}

/**
 * Proves files of the bundle that the first operand names. If it names none, all operands are files of the newest run: a single operand, or a
 * first one that exists and is not a bundle. Throws a usage error for a bundle without files.
 */
export async function runProve(operands: readonly string[], options: ProveOptions, io: Io): Promise<Report> {
  const [first = "", ...files] = operands;
  const isBundle = namesBundle(first, options, io);
  if (isBundle === true && files.length === 0)
    throw new UsageError(
      `${quote(first)} is a run or an archive here: name the files that the proof is about behind it\nto prove it as a file of a run, name that run first: runseal prove RUN FILE`,
    );
  const isFile = isBundle === undefined ? files.length === 0 : !isBundle;
  const named = isFile ? undefined : first;
  return await onNamedOrNewest(named, options.project, io, (bundle) =>
    proveFrom(bundle, isFile ? operands : files, options, io),
  );
}

/** Whether an operand names a bundle; `false` for something else that is there, undefined where nothing has that name. */
function namesBundle(text: string, options: PlaceOptions, io: Io): boolean | undefined {
  const place = placeOfSource(text, options, io);
  if (place.ok) return true;
  return place.code === "RUN_NOT_FOUND" && place.details.reason === "not-a-run" ? false : undefined;
}

/** Makes a proof, and prints it or writes it to a file. Does not judge the signer. */
async function proveFrom(
  text: string,
  paths: readonly string[],
  options: ProveOptions,
  io: Io,
): Promise<Report> {
  const out = options.out === "-" ? undefined : options.out;
  const expected = expectedBundle(options);
  const place = placeOfSource(text, options, io);
  if (!place.ok) return operationReport(place);
  using progress = showProgress(options, io);
  const demand = { ...expected, paths, cwd: io.cwd, progress };
  const proven = await proveAt(place.value, demand, options, io);
  if (!proven.ok) {
    if ("phase" in proven) {
      const isCarried = place.value.kind === "carried";
      return withHints(rejectedReport(proven, {}), renamedHints(proven.details, isCarried));
    }
    return isFileProofFault(proven) ? fileProofReport(proven) : operationReport(proven);
  }
  const line = lineOf(proven.value);
  const known = factsOf(proven.value);
  const message = provenMessage(proven.value);
  if (out === undefined) {
    // The proof alone goes to stdout, so that it can be redirected; what it shows, a person reads on stderr.
    const facts = { ...known, proof: parsedObject(line) };
    const report = doneReport<ProveResult>("proven", facts, line, { remarks: [note(message)] });
    return { ...report, isProduct: true };
  }
  const written = writeProof(out, Buffer.from(line));
  if (!written.ok) return operationReport(written);
  return doneReport<ProveResult>("proven", { ...known, proof_file: out }, `${message}\nproof    ${out}\n`);
}

async function proveAt(
  found: SourcePlace,
  demand: Omit<ProveDemand, "root">,
  options: ProveOptions,
  io: Io,
): Promise<Result<ProvenFiles, ProveFailure>> {
  if (found.kind === "folder") {
    refuseCarriedOptions(options);
    return proveBundleFiles({ ...found.place, ...demand });
  }
  const run = await readCarriedRun(found.open, options, { registry: options }, io);
  return run.ok ? proveCarriedFiles(run.value, { ...demand, root: options.files ?? "." }) : run;
}

/** The proof as one line of JSON that no terminal acts on, whatever the paths in it. */
function lineOf({ bytes }: ProvenFiles): string {
  return `${escapeUnsafe(decodeUtf8(bytes) ?? "")}\n`;
}

function parsedObject(text: string): object {
  const value: unknown = JSON.parse(text);
  if (typeof value !== "object" || value === null) throw new TypeError("a proof is an object");
  return value;
}

function factsOf({ bundle, proof }: ProvenFiles): ProveResult {
  return {
    run_id: bundle.runId,
    bundle_root: bundle.statement.bundleRoot,
    outputs_root: bundle.statement.outputsRoot,
    sealed_at: bundle.statement.sealedAt,
    signer: signerFacts(bundle.signer),
    paths: proof.files.map(({ path }) => path),
    files: bundle.tree.entries.length,
  };
}
