/** `runseal pull REF`: fetches a run from a registry into a project. @module */

import { join } from "node:path";
import { quote, repositoryText } from "../../../core/internal.ts";
import { type PulledFacts, type PulledRun, pullRun } from "../../../node/carry/pull-run.ts";
import { runsFolderOf } from "../../../node/project/project-names.ts";
import { type ExpectOptions, expectedBundle } from "../../options/expectations.ts";
import type { RegistryOptions } from "../../options/registry-flags.ts";
import { addressOf, type NamedRepository, openNamedRepository } from "../../options/registry-options.ts";
import {
  answerTrust,
  chooseTrust,
  type TrustAnswer,
  type TrustOptions,
} from "../../options/trust-options.ts";
import { operationReport, withLateFault } from "../../output/failure-report.ts";
import type { Io } from "../../output/io.ts";
import { type Remark, type Report, withHints } from "../../output/report.ts";
import { type ProgressOptions, showProgress } from "../../progress/show-progress.ts";
import { shellWord } from "../../text/shell-word.ts";
import { carriedHints } from "../../verdict/carried-hints.ts";
import { digestReference, pulledFacts, referrerRemarks } from "../../verdict/carried-text.ts";
import { rejectedReport, soundReport } from "../../verdict/verdict-facts.ts";
import { bundleLines, trustHints } from "../../verdict/verify-text.ts";

/** The options as parsed. */
export interface PullOptions extends RegistryOptions, TrustOptions, ExpectOptions, ProgressOptions {
  readonly into: string;
}

/** Pulls one run, if it is accepted with all its outputs and its signer is trusted. Throws usage errors. */
export async function runPull(text: string, options: PullOptions, io: Io): Promise<Report> {
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
    into: options.into,
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
    return withLateFault(pulledReport(done.value, answer, named, options, io), done.value.unreleased);
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
  { into }: PullOptions,
  { colour }: Io,
): Report {
  const { bundle, wasThere } = pulled;
  const repository = repositoryOf(named);
  const from = `from     ${digestReference(repository, pulled)}\n`;
  const where = into === "." ? "" : ` --root ${shellWord(into)}`;
  const verify = `runseal verify --stored ${shellWord(bundle.runId)}${where}`;
  const next = `next     runseal restore ${shellWord(bundle.runId)}${where} --to DIR --mkdir\n`;
  const report = soundReport({
    signer: bundle.signer,
    trust,
    known: pulledFacts(pulled, repository),
    text: `${wasThere ? "pulled   nothing: the run was here already\n" : ""}${from}${bundleLines(bundle, trust, "")}${next}`,
    colour,
    sound: "the bundle is sound, but ",
  });
  return { ...report, remarks: [...lineRemarks(pulled, into, verify), ...referrerRemarks(pulled.referrers)] };
}

/** A run of another line makes the verification of the project's own line fail. */
function lineRemarks({ bundle, inLine }: PulledRun, into: string, verify: string): readonly Remark[] {
  if (inLine !== false) return [];
  const hints = [
    `${verify} judges the run by itself`,
    "runs of another line belong into a folder of their own: --into DIR",
    `to take it out again, remove ${quote(join(runsFolderOf(into), bundle.runId))}`,
  ];
  const message = `run ${quote(bundle.runId)} is not in the line of this project: runseal verify --history fails here now`;
  return [{ kind: "warning", message, hints }];
}

/** Refuses a run whose signer is not trusted: nothing is in the project. */
function untrustedReport(trust: TrustAnswer, run: PulledFacts, named: NamedRepository): Report {
  return soundReport({
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
