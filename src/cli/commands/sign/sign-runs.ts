/** `runseal sign RUN`: signs what another job, user or machine sealed. @module */

import { resolve } from "node:path";
import { quote, type UnsignedBundle } from "../../../core/internal.ts";
import { openSigner } from "../../../node/keys/open-signer.ts";
import { ownProjectOf } from "../../../node/library/places/bundle-place.ts";
import { placeForm } from "../../../node/library/places/place-form.ts";
import { askConsent } from "../../../node/make/sign/ask-consent.ts";
import type { UnsignedPlace } from "../../../node/make/sign/read-unsigned-folder.ts";
import {
  openUnsigned,
  type SignedSeal,
  type SignFault,
  signUnsigned,
} from "../../../node/make/sign/sign-unsigned.ts";
import { readRunIds } from "../../../node/records/project/near-runs.ts";
import { runsFolderOf, unsignedFolderOf } from "../../../node/records/project/project-names.ts";
import { isSignedBundle } from "../../../node/records/project/waiting-runs.ts";
import { type OperationFault, operationFault } from "../../../node/system/runtime/operation-fault.ts";
import { chooseAuthority } from "../../options/authority-options.ts";
import { signerSurroundings } from "../../options/passphrases.ts";
import { projectToSealInto } from "../../options/project-root.ts";
import { sealingTime } from "../../options/sealing-options.ts";
import { chooseSigner } from "../../options/signer-options.ts";
import { UsageError } from "../../options/usage-error.ts";
import { operationReport, withLateFault } from "../../output/failure-report.ts";
import type { Io } from "../../output/io.ts";
import { doneReport, isSilent, type Report, withHints } from "../../output/report.ts";
import { ShownWork } from "../../progress/show-progress.ts";
import { recordedCommand } from "../../text/recorded-command.ts";
import { shellWord } from "../../text/shell-word.ts";
import { elsewhereFacts } from "../../text/witness-words.ts";
import { rejectedReport } from "../../verdict/verdict-facts.ts";
import { sealFacts, treeFacts } from "../seal/seal-facts.ts";
import { sealedLines, sealRemarks, tellOfWaiting, withRecovered } from "../seal/seal-remarks.ts";
import { withStamp } from "../timestamp/stamp-seal.ts";
import type { SignOptions } from "./sign-options.ts";
import type { SignUnsignedResult } from "./sign-results.ts";
import { givenRemarks, toSignLines } from "./sign-text.ts";

/** Signs one unsigned bundle. Throws a usage error for a signed one. */
export async function runSignUnsigned(text: string, options: SignOptions, io: Io): Promise<Report> {
  const chosen = chooseAuthority(options, undefined, io);
  if (chosen !== undefined && "report" in chosen) return chosen.report;
  const { report, signed } = await signGiven(text, options, io);
  // The signer is closed: no key is in memory while the network is used.
  return signed === undefined ? report : await withStamp(report, signed.bundle, chosen?.demand, io);
}

async function signGiven(
  text: string,
  options: SignOptions,
  io: Io,
): Promise<{ readonly report: Report; readonly signed?: SignedSeal }> {
  const { keep, links = "inside" } = options;
  const choice = chooseSigner(options, io);
  const now = sealingTime(io);
  const { cwd } = io;
  const root = projectToSealInto(options, io);
  const unsigned = placeOfUnsigned(text);
  refuseSigned(text, unsigned, root, cwd);
  const files = options.files ?? filesOf(unsigned, cwd) ?? root;
  using work = new ShownWork(options, io);
  const opened = openUnsigned({ root, unsigned, files, links, now });
  if (!opened.ok) return { report: operationReport(opened) };
  using open = opened.value;
  const unconfirmed = await confirm(open.given.unsigned, options, io);
  if (unconfirmed !== undefined) return { report: operationReport(unconfirmed) };
  const key = await openSigner(choice, signerSurroundings(io));
  if (!key.ok) return { report: operationReport(key) };
  using signer = key.value;

  const signed = await signUnsigned(open, { ...work, signer, keep, onWaiting: tellOfWaiting(options, io) });
  return signed.ok
    ? { report: signedReport(signed.value, open.given.unsigned), signed: signed.value }
    : { report: failedReport(signed) };
}

/** Shows what is to be signed, and asks on the terminal itself, wherever stdout goes. A program must say --yes. */
async function confirm(
  bundle: UnsignedBundle,
  options: SignOptions,
  io: Io,
): Promise<OperationFault | undefined> {
  const shown = toSignLines(bundle);
  if (options.yes === true) {
    if (!isSilent(options)) io.writeOut(shown);
    return undefined;
  }
  const answer =
    options.json === true ? "no-terminal" : await askConsent(shown, "Sign this? yes or no: ", io.signal);
  if (answer === "yes") return undefined;
  return operationFault(answer === "no" ? "DECLINED" : "SIGNING_UNCONFIRMED");
}

/** Whatever lies in this folder, a text without a slash is the id of a run of the project. */
function placeOfUnsigned(text: string): UnsignedPlace {
  return placeForm(text) === undefined ? { kind: "id", runId: text } : { kind: "folder", path: text };
}

/** Signing a run again would leave it as it is: the signer means another act. */
function refuseSigned(text: string, place: UnsignedPlace, root: string, cwd: string): void {
  const isSigned =
    place.kind === "folder"
      ? isSignedBundle(resolve(cwd, place.path))
      : readRunIds(runsFolderOf(root)).includes(place.runId) &&
        !readRunIds(unsignedFolderOf(root)).includes(place.runId);
  if (isSigned)
    throw new UsageError(
      `${quote(text)} is already signed\nrunseal sign --counter ${shellWord(text)} adds your signature`,
    );
}

/** The project that the unsigned bundle is in, if it was named by its path. */
function filesOf(place: UnsignedPlace, cwd: string): string | undefined {
  return place.kind === "id" ? undefined : ownProjectOf(place.path, cwd);
}

function signedReport(signed: SignedSeal, unsigned: UnsignedBundle): Report {
  const { given, sealedAt, signedAt } = signed;
  const command = recordedCommand(unsigned.taskSpec.object);
  const facts = {
    ...sealFacts(signed),
    tree: signed.tree === undefined ? null : treeFacts(signed.tree),
    sealed_at: sealedAt,
    signed_elsewhere: elsewhereFacts(signedAt),
    command: command ?? null,
    unsigned: given ?? null,
  };
  const remarks = [...sealRemarks(signed), ...givenRemarks(signed)];
  return withLateFault(
    doneReport<Omit<SignUnsignedResult, "act" | "timestamp">>(
      "signed",
      facts,
      sealedLines("signed", signed),
      {
        remarks,
      },
    ),
    signed.unreleased,
  );
}

function failedReport(fault: SignFault): Report {
  // The code's own hint is about a signed run.
  const hint =
    "sign only what the sealer left: put the files back, or have them sealed again with --unsigned";
  const report = "phase" in fault ? withHints(rejectedReport(fault, {}), [hint]) : operationReport(fault);
  return withRecovered(report, fault.recovered);
}
