/** `runseal pull SOURCE`: fetches a run from a registry or an archive into a project, or its files into a new folder. @module */

import { lstatSync } from "node:fs";
import { resolve } from "node:path";
import { quote, quoteIfNeeded } from "../../../core/internal.ts";
import { placeForm } from "../../../node/library/places/place-form.ts";
import { pullRun } from "../../../node/move/carry/pull-run.ts";
import { operationFault } from "../../../node/system/runtime/operation-fault.ts";
import { type ExpectOptions, expectedBundle } from "../../options/expectations.ts";
import { type ProjectOptions, projectToSealInto } from "../../options/project-root.ts";
import { type CarriedOptions, carrierOf, chosenRuns, type OpenCarried } from "../../options/source-place.ts";
import { answerTrust, chooseTrust, policyOf, type TrustOptions } from "../../options/trust-options.ts";
import { UsageError } from "../../options/usage-error.ts";
import { operationReport, withLateFault } from "../../output/failure-report.ts";
import type { Io } from "../../output/io.ts";
import { type Report, withHints } from "../../output/report.ts";
import { type ProgressOptions, ShownWork } from "../../progress/show-progress.ts";
import { shellWord } from "../../text/shell-word.ts";
import { carriedHints } from "../../verdict/carried-hints.ts";
import { pulledFacts, referrerRemarks } from "../../verdict/carried-text.ts";
import { rejectedReport, soundReport, untrustedReport } from "../../verdict/verdict-facts.ts";
import { bundleLines } from "../../verdict/verify-text.ts";
import type { PullResult } from "./carry-results.ts";

/** The options as parsed. */
export interface PullOptions
  extends CarriedOptions,
    ProjectOptions,
    TrustOptions,
    ExpectOptions,
    ProgressOptions {
  readonly to?: string | undefined;
}

/** Pulls one run, if it is accepted with all its outputs and its signer is trusted. Throws usage errors. */
export async function runPull(text: string, options: PullOptions, io: Io): Promise<Report> {
  const { to } = options;
  const open = carrierOf(text, io);
  if (
    open === undefined &&
    placeForm(text) === "path" &&
    lstatSync(resolve(io.cwd, text), { throwIfNoEntry: false }) === undefined
  )
    return operationReport(operationFault("PATH_NOT_FOUND", { path: text }));
  if (open === undefined)
    throw new UsageError(
      `${quote(text)} is not where a pull can come from: HOST/REPO:TAG, oci-layout:DIR:TAG, FILE.runseal or -`,
    );
  if (to !== undefined) return await pullFiles(text, { ...options, to }, io);
  return await pullInto({ shown: text, open }, options, projectToSealInto(options, io), io);
}

/** Restores the run into a new folder. A folder that is there is refused before anything is fetched. */
async function pullFiles(
  text: string,
  options: PullOptions & { readonly to: string },
  io: Io,
): Promise<Report> {
  const { runRestore } = await import("../restore/restore.ts");
  if (lstatSync(resolve(io.cwd, options.to), { throwIfNoEntry: false }) !== undefined)
    throw new UsageError(
      `${quote(options.to)} is there, and --to makes a new folder\nrunseal restore SOURCE --to DIR puts files into a folder that is there`,
    );
  return await runRestore([text], { ...options, only: [], mkdir: true, report: true }, io);
}

async function pullInto(
  { open, shown }: { readonly shown: string; readonly open: OpenCarried },
  options: PullOptions,
  into: string,
  io: Io,
): Promise<Report> {
  const expected = expectedBundle(options);
  const trust = chooseTrust(options, io);
  if ("report" in trust) return trust.report;
  const policy = policyOf(trust);
  const opened = await open({ policy, registry: options });
  if (!opened.ok) return operationReport(opened);
  await using source = opened.value;
  const now = io.now();
  using work = new ShownWork(options, io);
  const done = await pullRun({
    ...expected,
    source,
    shown,
    runs: chosenRuns(options),
    into,
    policy,
    refuseSigner: (run) => {
      const answer = answerTrust(trust, run, now);
      return answer.ok ? undefined : answer;
    },
    ...work,
  });
  if (done.ok) {
    const { bundle, fetchedBytes, from, referrers, unreleased, wasThere } = done.value;
    const answer = answerTrust(trust, bundle, now);
    const where = into === "." ? "" : ` --project ${shellWord(into)}`;
    const next = `next     runseal restore ${shellWord(bundle.runId)}${where} --to DIR --mkdir\n`;
    const report = soundReport<PullResult>({
      signer: bundle.signer,
      trust: answer,
      known: pulledFacts(done.value),
      text: `${wasThere && fetchedBytes === 0 ? "pulled   nothing: the run was here already\n" : ""}from     ${quoteIfNeeded(from)}\n${bundleLines(bundle, answer)}${next}`,
      colour: io.colour,
    });
    const remarks = referrers === undefined ? [] : referrerRemarks(referrers);
    return withLateFault({ ...report, remarks }, unreleased);
  }
  const carrier = source.origin === undefined ? "archive" : "registry";
  if ("refusal" in done) {
    const from = carrier === "registry" ? { reference: done.run.from } : { archive: done.run.from };
    const sound = "nothing was pulled: the artifacts are sound, but ";
    return untrustedReport(sound, done.run, done.refusal, from);
  }
  if (!("phase" in done)) return operationReport(done);
  return withHints(rejectedReport(done, {}), carriedHints(carrier, done.code, done.details, true));
}
