/** Handing out runs for a program: to archives and registries, from registries, and as evidence that other tools verify. @module */

import { isTag, ok, parseReference, type Reference, type Result } from "../../core/internal.ts";
import type { ExpectedBundle } from "../judge/verify/expected-bundle.ts";
import { openSigner } from "../keys/open-signer.ts";
import {
  type Decide,
  deciderFor,
  type SignedThing,
  type UntrustedSigner,
  untrustedSigner,
} from "../keys/trust/whom-to-trust.ts";
import type { ExportFormat, ExportPredicate } from "../make/export/evidence-formats.ts";
import { type ExportedRun, exportRun as exportOne } from "../make/export/export-run.ts";
import { type PackedArchive, packRuns } from "../move/archive/pack-runs.ts";
import { openOwnRun } from "../move/carry/project-run.ts";
import { type PulledRun, pullRun } from "../move/carry/pull-run.ts";
import { type PushedRun, pushRun } from "../move/carry/push-run.ts";
import { RegistrySource } from "../move/carry/registry-source.ts";
import { DockerCredentials } from "../move/registry/credentials/docker-config.ts";
import { openRepository } from "../move/registry/open-repository.ts";
import type { Repository } from "../move/registry/repository.ts";
import type { VerifyFailure } from "../records/bundle/verify-context.ts";
import type { OperationFault } from "../system/runtime/operation-fault.ts";
import {
  ArgumentError,
  answer,
  type Call,
  type CommonOptions,
  EXPECTED,
  PLACE,
  type Takes,
} from "./arguments.ts";
import { findBundle, findBundles, type PlaceOptions } from "./places/bundle-place.ts";
import { placeForm } from "./places/place-form.ts";
import type { BundleOptions } from "./verdicts.ts";
import { type SignerSpec, signerOf, type TrustFault, type TrustSpec, trustOf } from "./who.ts";

/** Which runs to send, and where to. */
export interface PushOptions extends CommonOptions, PlaceOptions {
  /** Runs, as `verify` names one, in the order of an archive. */
  readonly bundles: readonly string[];
  /** A reference of a registry or layout, such as `ghcr.io/team/model:v1` or `oci-layout:DIR`; or the file of a new archive. */
  readonly to: string;
  /** More tags, in a registry. */
  readonly tags?: readonly string[] | undefined;
  /** Speak to a registry without TLS. */
  readonly plainHttp?: boolean | undefined;
}

const PUSH: Takes<PushOptions> = { ...PLACE, bundles: "must", to: "must", tags: "may", plainHttp: "may" };

/** Sends runs with the bytes of their outputs. Each is verified first; who pulls them judges the signers. */
export async function push(
  request: PushOptions,
): Promise<Result<PackedArchive | { readonly runs: readonly PushedRun[] }, VerifyFailure>> {
  return await answer(request, PUSH, async (call) => {
    const { bundles, to } = request;
    const places = findBundles(bundles, request, call);
    if (!places.ok) return places;
    if (placeForm(to) !== "reference") return await packRuns({ ...request, places: places.value, out: to });
    const reference = referenceIn(to, "to");
    if (reference.digest !== undefined) throw new ArgumentError("to", "can't name a digest: a push makes it");
    const tags = [...(reference.tag === undefined ? [] : [reference.tag]), ...(request.tags ?? [])];
    if (!tags.every(isTag)) throw new ArgumentError("tags", "has a text that is not a tag");
    if (bundles.length > 1 && tags.length > 0)
      throw new ArgumentError("tags", "name one run, and there are several");
    const runs: PushedRun[] = [];
    for (const place of places.value) {
      const own = await openOwnRun({ ...request, ...place });
      if (!own.ok) return own;
      using _ = own.value.outputs;
      // No layout is made before a run is accepted.
      const opened = openReferred(reference, request, call, true);
      if (!opened.ok) return opened;
      using repository = opened.value;
      const to = { ...request, repository, tags: tags.length === 0 ? undefined : tags };
      const pushed = await pushRun(own.value, to);
      if (!pushed.ok) return pushed;
      runs.push(pushed.value);
    }
    return ok({ runs });
  });
}

/** Which run to fetch, and whom to believe. */
export interface PullOptions extends CommonOptions, ExpectedBundle, Pick<PushOptions, "plainHttp"> {
  /** A reference with a tag or a digest. */
  readonly from: string;
  /** The project that the run goes to, which is made if it is missing; default: the current folder. */
  readonly project?: string | undefined;
  readonly trust: TrustSpec;
}

const PULL: Takes<PullOptions> = {
  ...EXPECTED,
  ...{ from: "must", trust: "must", project: "may", plainHttp: "may" },
};

/** Fetches a run into a project: nothing of it is there unless it is accepted, with all its outputs, and its signer is trusted. */
export async function pull(
  request: PullOptions,
): Promise<Result<PulledRun, VerifyFailure | UntrustedSigner | TrustFault>> {
  return await answer(request, PULL, async (call) => {
    const { from, project: into = "." } = request;
    const trust = trustOf(request.trust, call);
    if (!trust.ok) return trust;
    const reference = referenceIn(from, "from");
    const { digest, tag } = reference;
    const address = digest === undefined ? tag && { tag } : { digest };
    if (address === undefined || address === "") throw new ArgumentError("from", "needs a tag or a digest");
    const opened = openReferred(reference, request, call, false);
    if (!opened.ok) return opened;
    using repository = opened.value;
    const policy = trust.value === "any-signer" ? undefined : trust.value.policy;
    const pulled = await pullRun({
      ...request,
      ...call,
      source: new RegistrySource({ repository, address, policy }),
      shown: from,
      into,
      policy,
      refuseSigner: refusing(deciderFor(trust.value)),
    });
    if (pulled.ok || !("refusal" in pulled)) return pulled;
    return untrustedSigner(
      pulled.run.signer,
      pulled.refusal,
      "nothing was pulled: the artifacts are sound, but ",
    );
  });
}

/** Which run to export, as what, and whom to believe. */
export interface ExportOptions extends BundleOptions {
  readonly formats: readonly ExportFormat[];
  /** The folder to make. */
  readonly to: string;
  /** What a statement claims; default: `"link"`. */
  readonly predicate?: ExportPredicate | undefined;
  readonly trust: TrustSpec;
  /** Who signs the evidence. */
  readonly signer?: SignerSpec | undefined;
}

const EXPORT: Takes<ExportOptions> = {
  ...PLACE,
  ...EXPECTED,
  ...{ bundle: "must", formats: "must", to: "must", trust: "must", predicate: "may", signer: "may" },
};

/** Writes evidence of a run that other tools verify, after verifying it. */
export async function exportRun(
  request: ExportOptions,
): Promise<Result<ExportedRun, VerifyFailure | UntrustedSigner | TrustFault>> {
  return await answer(request, EXPORT, async (call) => {
    const trust = trustOf(request.trust, call);
    if (!trust.ok) return trust;
    const place = findBundle(request.bundle, request, call);
    if (!place.ok) return place;
    const { predicate = "link", to: out } = request;
    const exported = await exportOne({
      ...request,
      ...place.value,
      out,
      predicate,
      openSigner: async () => await openSigner(...signerOf(request, call)),
      refuseSigner: refusing(deciderFor(trust.value)),
    });
    if (exported.ok || !("refusal" in exported)) return exported;
    return untrustedSigner(exported.bundle.signer, exported.refusal, "the bundle is sound, but ");
  });
}

/** Why a signer is not trusted; undefined: it is. */
function refusing(
  decide: Decide,
): (thing: SignedThing) => Extract<ReturnType<Decide>, { readonly ok: false }> | undefined {
  return (thing) => {
    const decision = decide(thing);
    return decision.ok ? undefined : decision;
  };
}

/** Reads a reference. Throws an ArgumentError. */
export function referenceIn(text: string, argument: string): Reference {
  const reference = parseReference(text);
  if (reference.ok) return reference.value;
  throw new ArgumentError(argument, `is not a reference of a registry: the ${reference.part} is wrong`);
}

/** Opens the repository of a reference, which is the caller's to dispose of. */
export function openReferred(
  reference: Reference,
  { plainHttp }: Pick<PushOptions, "plainHttp">,
  { environment }: Call,
  makes: boolean,
): Result<Repository, OperationFault> {
  const credentials = new DockerCredentials(environment);
  return openRepository(reference, { credentials, plainHttp, makes, environment });
}
