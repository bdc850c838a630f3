/** `runseal pull SOURCE`: fetches a run from a registry into a project, or the files of a carried run into a new folder. @module */

import { lstatSync } from "node:fs";
import { resolve } from "node:path";
import { quote, repositoryText } from "../../../core/internal.ts";
import { type PulledFacts, type PulledRun, pullRun } from "../../../node/carry/pull-run.ts";
import { placeForm } from "../../../node/places/place-form.ts";
import { type ExpectOptions, expectedBundle } from "../../options/expectations.ts";
import { type ProjectOptions, projectToSealInto } from "../../options/project-root.ts";
import { addressOf, type NamedRepository, openNamedRepository } from "../../options/registry-options.ts";
import type { CarriedOptions } from "../../options/source-place.ts";
import {
  answerTrust,
  chooseTrust,
  type TrustAnswer,
  type TrustOptions,
} from "../../options/trust-options.ts";
import { UsageError } from "../../options/usage-error.ts";
import { operationReport, withLateFault } from "../../output/failure-report.ts";
import type { Io } from "../../output/io.ts";
import { type Report, withHints } from "../../output/report.ts";
import { type ProgressOptions, showProgress } from "../../progress/show-progress.ts";
import { shellWord } from "../../text/shell-word.ts";
import { carriedHints } from "../../verdict/carried-hints.ts";
import { digestReference, pulledFacts, referrerRemarks } from "../../verdict/carried-text.ts";
import { rejectedReport, soundReport } from "../../verdict/verdict-facts.ts";
import { bundleLines, trustHints } from "../../verdict/verify-text.ts";
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
  const form = placeForm(text);
  const { to } = options;
  if (form === undefined)
    throw new UsageError(
      `${quote(text)} is not where a pull can come from: HOST/REPO:TAG or oci-layout:DIR:TAG, with --to also FILE.runseal`,
    );
  if (to !== undefined) return await pullFiles(text, { ...options, to }, io);
  if (form === "path")
    throw new UsageError(
      `${quote(text)} is an archive, and a project pulls from a registry or a layout\n--to DIR puts its files into a new folder\nrunseal verify and runseal restore read the archive as it is`,
    );
  return await pullInto(text, options, projectToSealInto(options, io), io);
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

async function pullInto(text: string, options: PullOptions, into: string, io: Io): Promise<Report> {
  const expected = expectedBundle(options);
  const trust = chooseTrust(options, io);
  if ("report" in trust) return trust.report;
  const opened = openNamedRepository(text, options, { makes: false }, io);
  if (!opened.ok) return operationReport(opened);
  using named = opened.value;
  const address = addressOf(named.reference);
  const now = io.now();
  using progress = showProgress(options, io);
  const done = await pullRun({
    ...expected,
    repository: named.repository,
    address,
    into,
    policy: trust.kind === "policy" ? trust.policy : undefined,
    environment: io.environment,
    refuseSigner: (run) => {
      const answer = answerTrust(trust, run, now);
      return answer.ok ? undefined : answer;
    },
    signal: io.signal,
    progress: progress?.port,
  });
  if (done.ok) {
    const answer = answerTrust(trust, done.value.bundle, now);
    return withLateFault(pulledReport(done.value, answer, named, into, io), done.value.unreleased);
  }
  if ("refusal" in done) return untrustedReport(done.refusal, done.run, named);
  if (!("phase" in done)) return operationReport(done);
  return withHints(rejectedReport(done, {}), carriedHints("registry", done.code, done.details, true));
}

function repositoryOf({ reference }: NamedRepository): string {
  return repositoryText(reference);
}

function pulledReport(
  pulled: PulledRun,
  trust: TrustAnswer,
  named: NamedRepository,
  into: string,
  { colour }: Io,
): Report {
  const { bundle, wasThere } = pulled;
  const repository = repositoryOf(named);
  const from = `from     ${digestReference(repository, pulled)}\n`;
  const where = into === "." ? "" : ` --project ${shellWord(into)}`;
  const next = `next     runseal restore ${shellWord(bundle.runId)}${where} --to DIR --mkdir\n`;
  const report = soundReport<PullResult>({
    signer: bundle.signer,
    trust,
    known: pulledFacts(pulled, repository),
    text: `${wasThere ? "pulled   nothing: the run was here already\n" : ""}${from}${bundleLines(bundle, trust)}${next}`,
    colour,
  });
  return { ...report, remarks: referrerRemarks(pulled.referrers) };
}

/** Refuses a run whose signer is not trusted: nothing is in the project. */
function untrustedReport(trust: TrustAnswer, run: PulledFacts, named: NamedRepository): Report {
  return soundReport<Partial<PullResult>>({
    trust,
    signer: run.signer,
    known: {
      run_id: run.runId,
      bundle_root: run.bundleRoot,
      reference: digestReference(repositoryOf(named), run),
    },
    sound: "nothing was pulled: the artifacts are sound, but ",
    text: "",
    hints: trustHints(trust),
  });
}
