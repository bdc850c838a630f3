/** Getting files back for a program: a restore, and what takes it or a run back. @module */

import { resolve } from "node:path";
import { ok, type Result, type RevertChoice } from "../../core/internal.ts";
import { type RestoreDemand, restoreBundle, restoreChain } from "../back/restore/restore-bundle.ts";
import type { RestoreSuccess } from "../back/restore/target/restore-outcome.ts";
import type { RestoredBundles } from "../back/restore/undo/restored-by-bundles.ts";
import { type UndoSuccess, undoRestore as undoRestored } from "../back/restore/undo/undo.ts";
import { revertFolder } from "../back/revert/revert-folder.ts";
import type { RevertFailure, RevertFolderRequest, RevertSuccess } from "../back/revert/revert-request.ts";
import type { RestoreFailure } from "../back/transaction/restore-failure.ts";
import type { ExpectedBundle, ExpectedChain } from "../judge/verify/expected-bundle.ts";
import type { OperationFault } from "../system/runtime/operation-fault.ts";
import { ArgumentError, answer, type CommonOptions, EXPECTED, PLACE, type Takes } from "./arguments.ts";
import { findBundles, type PlaceOptions } from "./places/bundle-place.ts";
import { type SignerSpec, signerOf, type TrustFault, type TrustSpec, trustOf } from "./who.ts";

/** What to restore, and where. */
export interface RestoreOptions
  extends CommonOptions,
    PlaceOptions,
    ExpectedBundle,
    Pick<ExpectedChain, "expectedChainRoot">,
    Pick<RestoreDemand, "dryRun" | "failed" | "ignoreModes" | "links" | "mkdir" | "only" | "reports"> {
  /** A run, as `verify` names it. */
  readonly bundle?: string | undefined;
  /** Several runs in order instead: each is restored into its own folder. */
  readonly bundles?: readonly string[] | undefined;
  /** The folder that the files go to. */
  readonly to: string;
  readonly trust: TrustSpec;
}

const RESTORE: Takes<RestoreOptions> = {
  ...PLACE,
  ...EXPECTED,
  ...{ bundle: "may", bundles: "may", to: "must", trust: "must", expectedChainRoot: "may", only: "may" },
  ...{ dryRun: "may", failed: "may", ignoreModes: "may", links: "may", mkdir: "may", reports: "may" },
};

/** Restores a run, or several: all files, or none. */
export async function restore(
  request: RestoreOptions,
): Promise<Result<RestoreSuccess, RestoreFailure | OperationFault | TrustFault>> {
  return await answer(request, RESTORE, async (call) => {
    const { bundle, bundles, to } = request;
    if ((bundle === undefined) === (bundles === undefined))
      throw new ArgumentError("bundle", "or bundles must be given, and not both");
    if (bundles === undefined && request.expectedChainRoot !== undefined)
      throw new ArgumentError("expectedChainRoot", "goes with bundles");
    const trust = trustOf(request.trust, call);
    if (!trust.ok) return trust;
    const places = findBundles(bundles ?? [bundle ?? ""], request, call);
    if (!places.ok) return places;
    const [{ home, root } = { home: ".", root: "." }] = places.value;
    const demand = { ...request, ...call, home, root, target: resolve(to), trust: trust.value };
    const paths = places.value.map((place) => place.bundle);
    const [first = ""] = paths;
    const outcome = await (bundles === undefined
      ? restoreBundle({ ...demand, bundle: first })
      : restoreChain({ ...demand, bundles: paths }));
    return outcome.ok ? ok(outcome) : outcome;
  });
}

/** Which restored files to take out. */
export interface UndoRestoreOptions
  extends CommonOptions,
    Pick<PlaceOptions, "project">,
    Pick<RestoredBundles, "links" | "only"> {
  /** The folder that was restored into. */
  readonly folder: string;
  /** The runs that were restored, where no report of the restore was left. */
  readonly bundles?: readonly string[] | undefined;
  /** Whom to believe of them; default: no key. */
  readonly trust?: TrustSpec | undefined;
  readonly dryRun?: boolean | undefined;
}

const UNDO_RESTORE: Takes<UndoRestoreOptions> = {
  ...{ folder: "must", bundles: "may", trust: "may", project: "may" },
  ...{ dryRun: "may", links: "may", only: "may" },
};

/** Takes out of a folder what a restore put there, if none of it was changed since. */
export async function undoRestore(
  request: UndoRestoreOptions,
): Promise<Result<UndoSuccess, RestoreFailure | OperationFault | TrustFault>> {
  return await answer(request, UNDO_RESTORE, async (call) => {
    const { bundles, dryRun = false, folder, trust: spec } = request;
    for (const name of ["only", "links", "trust"] as const)
      if (bundles === undefined && request[name] !== undefined)
        throw new ArgumentError(name, "goes with bundles");
    const places = findBundles(bundles ?? [], request, call);
    if (!places.ok) return places;
    const trust = spec === undefined ? ok({ policy: undefined }) : trustOf(spec, call);
    if (!trust.ok) return trust;
    const paths = places.value.map((place) => place.bundle);
    const by = bundles === undefined ? undefined : { ...request, bundles: paths, trust: trust.value };
    const outcome = await undoRestored({ ...request, ...call, dryRun, by, target: resolve(folder) });
    return outcome.ok ? ok(outcome) : outcome;
  });
}

/** What to undo in a guarded folder. Without `run`, `snapshot` and `redo`, it is the last run. */
export interface UndoOptions
  extends CommonOptions,
    Partial<Pick<RevertFolderRequest, "budget" | "dryRun" | "evenIfOpen"> & RevertChoice> {
  /** A folder at or below the guarded one; default: the current folder. */
  readonly folder?: string | undefined;
  /** The id of the run to undo. */
  readonly run?: string | undefined;
  /** The id of the snapshot to go back to. */
  readonly snapshot?: string | undefined;
  /** Take the last undo back instead. */
  readonly redo?: boolean | undefined;
  readonly signer?: SignerSpec | undefined;
}

const UNDO: Takes<UndoOptions> = {
  ...{ folder: "may", run: "may", snapshot: "may", redo: "may", signer: "may" },
  ...{ budget: "may", changed: "may", dryRun: "may", evenIfOpen: "may", only: "may" },
};

/** Brings a guarded folder back to what it was, and keeps what it is now. Believes the user's trust file and the guard's own key. */
export async function undo(request: UndoOptions): Promise<Result<RevertSuccess, RevertFailure | TrustFault>> {
  return await answer(request, UNDO, async (call) => {
    const { changed = "refuse", dryRun = false, evenIfOpen = false, folder: shown = ".", only } = request;
    const { redo, run, snapshot } = request;
    if ([redo === true || undefined, run, snapshot].filter((named) => named !== undefined).length > 1)
      throw new ArgumentError("run", "or snapshot or redo says what to undo: give one");
    const trust = trustOf("own", call);
    if (!trust.ok) return trust;
    const [signer, surroundings] = signerOf(request, call);
    const outcome = await revertFolder({
      ...request,
      ...call,
      target: targetOf(request),
      folder: resolve(shown),
      shown,
      choice: { changed, only },
      evenIfOpen,
      dryRun,
      trust: trust.value,
      signer,
      surroundings,
    });
    return outcome.ok ? ok(outcome) : outcome;
  });
}

function targetOf({ redo, run, snapshot }: UndoOptions): Parameters<typeof revertFolder>[0]["target"] {
  if (snapshot !== undefined) return { kind: "snapshot", runId: snapshot };
  if (run !== undefined) return { kind: "run", runId: run };
  return { kind: redo === true ? "last-undo" : "last-run" };
}
