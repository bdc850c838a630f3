/** `runseal push RUN… REFERENCE`: sends runs to a registry. @module */

import { ok } from "../../../core/internal.ts";
import { openSigner } from "../../../node/keys/open-signer.ts";
import { attestRun } from "../../../node/move/carry/attest-run.ts";
import { openOwnRun } from "../../../node/move/carry/project-run.ts";
import { pushRun } from "../../../node/move/carry/push-run.ts";
import { reachRegistry } from "../../../node/move/registry/reach-registry.ts";
import type { Repository } from "../../../node/move/registry/repository.ts";
import { signerSurroundings } from "../../options/passphrases.ts";
import { openReference, readReference, tagsOf } from "../../options/registry-options.ts";
import { chooseSigner } from "../../options/signer-options.ts";
import { answerTrust, chooseTrust, type TrustChoice } from "../../options/trust-options.ts";
import { operationReport } from "../../output/failure-report.ts";
import type { Io } from "../../output/io.ts";
import { doneReport, type Report } from "../../output/report.ts";
import { ShownWork } from "../../progress/show-progress.ts";
import { pushedFacts, pushedText, type SentRun } from "../../verdict/carried-text.ts";
import { failedRunReport } from "../../verdict/stored-text.ts";
import { untrustedReport } from "../../verdict/verdict-facts.ts";
import type { PushResult } from "./carry-results.ts";
import { findPushed } from "./find-pushed.ts";
import type { PushJob, PushOptions } from "./push-job.ts";

/** Who attests, and whose runs may be attested. */
interface Attesting {
  readonly signer: ReturnType<typeof chooseSigner>;
  readonly trust: TrustChoice;
}

/** Pushes runs, each verified first; their signers are judged only where they are attested. Throws usage errors. */
export async function pushToRegistry(job: PushJob, io: Io): Promise<Report> {
  const { options, target } = job;
  const attesting = chooseAttesting(options, io);
  if (attesting !== undefined && "report" in attesting) return attesting.report;
  const reference = readReference(target);
  if (!reference.ok) return operationReport(reference);
  const found = await findPushed(job, io);
  if ("report" in found) return found.report;
  const tags = tagsOf(reference.value, options.tag, found.places.length);
  using work = new ShownWork(options, io);
  const unreached = await reachRegistry(reference.value, { ...options, ...work }, io.signal);
  if (unreached !== undefined) return operationReport(unreached);
  const sent: SentRun[] = [];
  let repository: Repository | undefined;
  try {
    for (const place of found.places) {
      const own = await openOwnRun({ ...place, ...work });
      if (!own.ok) return failedRunReport(own, place);
      using _ = own.value.outputs;
      const trust = attesting && answerTrust(attesting.trust, own.value.bundle, io.now());
      if (trust?.ok === false)
        return untrustedReport("nothing was pushed: the bundle is sound, but ", own.value.bundle, trust);
      // For the first run that is accepted: before, no layout is made.
      const opened = repository
        ? ok(repository)
        : openReference(reference.value, options, { makes: true }, io);
      if (!opened.ok) return operationReport(opened);
      repository = opened.value;
      const pushed = await pushRun(own.value, {
        ...work,
        repository,
        tags: tags.length === 0 ? undefined : tags,
      });
      if (!pushed.ok) return operationReport(pushed);
      const { bundle } = own.value;
      const run = { bundle, pushed: pushed.value, repository: repository.shown, attestation: undefined };
      if (attesting === undefined) {
        sent.push(run);
        continue;
      }
      // The signer may prompt on the terminal.
      work.progress?.end();
      const signer = await openSigner(attesting.signer, signerSurroundings(io));
      if (!signer.ok) return operationReport(signer);
      using attester = signer.value;
      const put = await attestRun(own.value, pushed.value, attester, { ...work, repository });
      if (!put.ok) return operationReport(put);
      sent.push({ ...run, attestation: put.value });
    }
  } finally {
    repository?.[Symbol.dispose]();
  }
  return doneReport<PushResult>("pushed", { runs: sent.map((run) => pushedFacts(run)) }, pushedText(sent));
}

function chooseAttesting(options: PushOptions, io: Io): Attesting | { readonly report: Report } | undefined {
  if (options.attest === undefined) return undefined;
  const signer = chooseSigner(options, io);
  const trust = chooseTrust(options, io);
  return "report" in trust ? trust : { signer, trust };
}
