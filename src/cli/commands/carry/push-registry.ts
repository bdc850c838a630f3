/** `runseal push RUN… REFERENCE`: sends runs to a registry. @module */

import { ok, type Reference, type Result, repositoryText } from "../../../core/internal.ts";
import { attestRun, type PutAttestation } from "../../../node/carry/attest-run.ts";
import { type OwnRun, openOwnRun } from "../../../node/carry/own-run.ts";
import { type PushedRun, pushRun } from "../../../node/carry/push-run.ts";
import { openSigner } from "../../../node/keys/open-signer.ts";
import type { BundlePlace } from "../../../node/places/bundle-place.ts";
import { reachRegistry } from "../../../node/registry/reach-registry.ts";
import type { Repository } from "../../../node/registry/repository.ts";
import type { OperationFault } from "../../../node/runtime/operation-fault.ts";
import { signerSurroundings } from "../../options/passphrases.ts";
import {
  type NamedRepository,
  openReference,
  readReference,
  tagsOf,
} from "../../options/registry-options.ts";
import { chooseSigner } from "../../options/signer-options.ts";
import { answerTrust, chooseTrust, type TrustChoice } from "../../options/trust-options.ts";
import { operationReport } from "../../output/failure-report.ts";
import type { Io } from "../../output/io.ts";
import { doneReport, type Report } from "../../output/report.ts";
import { type ShownProgress, showProgress } from "../../progress/show-progress.ts";
import { pushedFacts, pushedText, type SentRun } from "../../verdict/carried-text.ts";
import { failedRunReport } from "../../verdict/stored-text.ts";
import { soundReport } from "../../verdict/verdict-facts.ts";
import { trustHints } from "../../verdict/verify-text.ts";
import type { PushResult } from "./carry-results.ts";
import type { PushJob, PushOptions } from "./push-job.ts";

/** Who attests, and whose runs may be attested. */
interface Attesting {
  readonly signer: ReturnType<typeof chooseSigner>;
  readonly trust: TrustChoice;
}

/** What is the same for all runs of a push. */
interface Pushing {
  readonly where: Destination;
  readonly tags: readonly string[];
  readonly attesting: Attesting | undefined;
  readonly options: PushOptions;
  readonly progress: ShownProgress | undefined;
  readonly io: Io;
}

/** Pushes runs, each verified first; their signers are judged only where they are attested. Throws usage errors. */
export async function pushToRegistry({ findRuns, options, target }: PushJob, io: Io): Promise<Report> {
  const attesting = chooseAttesting(options, io);
  if (attesting !== undefined && "report" in attesting) return attesting.report;
  const reference = readReference(target);
  if (!reference.ok) return operationReport(reference);
  const found = await findRuns();
  if ("report" in found) return found.report;
  const tags = tagsOf(reference.value, options.tag, found.places.length);
  const unreached = await reachRegistry(
    reference.value,
    { ...options, environment: io.environment },
    io.signal,
  );
  if (unreached !== undefined) return operationReport(unreached);
  using progress = showProgress(options, io);
  using where = new Destination(reference.value, options, io);
  const sent: SentRun[] = [];
  for (const place of found.places) {
    const ended = await pushOne(place, { where, tags, attesting, options, progress, io });
    if ("report" in ended) return ended.report;
    sent.push(ended);
  }
  return doneReport<PushResult>("pushed", { runs: sent.map((run) => pushedFacts(run)) }, pushedText(sent));
}

/** Where runs go. It is opened for the first run that is accepted: before, no layout is made. */
class Destination implements Disposable {
  readonly reference: Reference;
  readonly #options: PushOptions;
  readonly #io: Io;
  #opened: NamedRepository | undefined;

  constructor(reference: Reference, options: PushOptions, io: Io) {
    this.reference = reference;
    this.#options = options;
    this.#io = io;
  }

  open(): Result<Repository, OperationFault> {
    if (this.#opened === undefined) {
      const opened = openReference(this.reference, this.#options, { makes: true }, this.#io);
      if (!opened.ok) return opened;
      this.#opened = opened.value;
    }
    return ok(this.#opened.repository);
  }

  [Symbol.dispose](): void {
    this.#opened?.[Symbol.dispose]();
  }
}

function chooseAttesting(options: PushOptions, io: Io): Attesting | { readonly report: Report } | undefined {
  if (options.attest === undefined) return undefined;
  const signer = chooseSigner(options, io);
  const trust = chooseTrust(options, io);
  return "report" in trust ? trust : { signer, trust };
}

async function pushOne(place: BundlePlace, pushing: Pushing): Promise<SentRun | { readonly report: Report }> {
  const { io, options, progress, where } = pushing;
  const { signal } = io;
  const { jobs } = options;
  const own = await openOwnRun({ ...place, jobs, signal, progress: progress?.port });
  if (!own.ok) return { report: failedRunReport(own, place) };
  const run = own.value;
  using _ = run.outputs;
  const untrusted = untrustedReport(run, pushing);
  if (untrusted !== undefined) return { report: untrusted };
  const opened = where.open();
  if (!opened.ok) return { report: operationReport(opened) };
  const pushed = await send(run, opened.value, pushing);
  if (!pushed.ok) return { report: operationReport(pushed) };
  const attestation = await attest(run, pushed.value, opened.value, pushing);
  if (attestation !== undefined && "ok" in attestation) return { report: operationReport(attestation) };
  return {
    bundle: run.bundle,
    pushed: pushed.value,
    repository: repositoryText(where.reference),
    attestation,
  };
}

/** Nothing is attested of a signer who is not trusted, and then nothing is sent either. */
function untrustedReport({ bundle }: OwnRun, { attesting, io }: Pushing): Report | undefined {
  if (attesting === undefined) return undefined;
  const trust = answerTrust(attesting.trust, bundle, io.now());
  if (trust.ok) return undefined;
  const { bundleRoot, runId, signer } = bundle;
  return soundReport<Partial<PushResult>>({
    trust,
    signer,
    known: { run_id: runId, bundle_root: bundleRoot },
    sound: "nothing was pushed: the bundle is sound, but ",
    text: "",
    hints: trustHints(trust),
  });
}

async function send(
  run: OwnRun,
  repository: Repository,
  { io, progress, tags }: Pushing,
): ReturnType<typeof pushRun> {
  return await pushRun(run, {
    repository,
    tags: tags.length === 0 ? undefined : tags,
    signal: io.signal,
    progress: progress?.port,
  });
}

async function attest(
  run: OwnRun,
  pushed: PushedRun,
  repository: Repository,
  { attesting, io, progress }: Pushing,
): Promise<PutAttestation | OperationFault | undefined> {
  if (attesting === undefined) return undefined;
  // The signer may prompt on the terminal.
  progress?.port.end();
  const opened = await openSigner(attesting.signer, signerSurroundings(io));
  if (!opened.ok) return opened;
  using signer = opened.value;
  const put = await attestRun(run, pushed, signer, { repository, signal: io.signal });
  return put.ok ? put.value : put;
}
