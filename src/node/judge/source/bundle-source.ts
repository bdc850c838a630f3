/**
 * A source of bundles and bytes: the port on which verify and restore stand. A folder, a store, an archive and a registry
 * implement it, and no command knows which one it has.
 *
 * A source is used in this order: `open` once, then `find` once for the bundles whose artifacts passed, then, where the caller
 * asked `find` to keep the bytes, `outputs`. A stream can do no more, because its bytes pass once. Run directories can be found in groups.
 *
 * @module
 */

import type {
  ArtifactReading,
  Listing,
  OpenedBundle,
  OutputClaims,
  OutputFindings,
  Result,
  SealedTree,
} from "../../../core/internal.ts";
import type { Search } from "../../system/hashing/hash-files.ts";
import { type OperationFault, operationFault } from "../../system/runtime/operation-fault.ts";
import type { Progress } from "../../system/runtime/progress.ts";
import type { OpenKeeper } from "./blob-keeper.ts";
import type { HeldRanges } from "./held-ranges.ts";
import type { Spool } from "./spool.ts";
import type { TreeLook } from "./tree-look.ts";

/** What kind of source it is, as reports and JSON name it. */
export type CarrierName = "root" | "store" | "archive" | "registry";

/** One run of a source: its artifacts, read into memory within the limits, and not believed. */
export interface CarriedRun {
  readonly opened: OpenedBundle;
  /** Why its artifacts could not be read; only of a run directory. */
  readonly fault?: OperationFault | undefined;
  /** OUTPUT_TREE.json. It is judged only for a binding that names it. Undefined: the source reads it when it looks at the tree. */
  readonly tree?: ArtifactReading | undefined;
  /** OUTPUTS_ROOT.json, for a proof; missing where undefined. */
  readonly outputsRoot?: ArtifactReading | undefined;
}

/** What a search for the outputs of a bundle needs to know of it. */
export interface ClaimingBundle {
  readonly claims: OutputClaims;
  /** What all outputs may have at most: by the binding. */
  readonly declaredBytes: number | undefined;
  /** Whether its bytes were dropped from the store: asked only where the store does not have all of them. */
  readonly areDropped?: (() => boolean) | undefined;
}

/** Whose outputs to find. */
export interface WantedOutputs {
  /** The number of the run among those that `open` gave. */
  readonly run: number;
  readonly bundle: ClaimingBundle;
  /**
   * The tree that the binding names, once `readTree` accepted it. An archive compares its entries with it; without one it expects
   * those of a plain bundle.
   */
  readonly tree?: SealedTree | undefined;
  /** The rows of the claims to look for, ascending; all of them where undefined. A row that is not wanted has no finding. */
  readonly rows?: Uint32Array | undefined;
}

/** How to find outputs. */
export interface FindOptions {
  /** Keep the bytes, or where they are, so that `outputs` can give them to a restore. */
  readonly keeps?: boolean | undefined;
  /**
   * Where a source whose bytes pass once, or come from another machine, keeps them; always given with `keeps`, and closed by the
   * caller. Its SpoolFailure is thrown on.
   */
  readonly spool?: Spool | undefined;
  /** Where a registry puts what it fetches, instead of the spool. */
  readonly keeper?: OpenKeeper | undefined;
  /** Whether nothing matters after the first output that is not as sealed. */
  readonly untilFailure?: boolean | undefined;
  readonly signal?: AbortSignal | undefined;
  readonly progress?: Progress | undefined;
}

/** What was found of a run's outputs. */
export interface FoundInSource {
  readonly carrier: CarrierName;
  readonly findings: OutputFindings;
  /** Bytes that came from another machine. */
  readonly fetchedBytes?: number | undefined;
  /** Whether kinds, modes, links and empty folders were compared with the tree, too, so that phase 11 has nothing left to look at. */
  readonly isTreeChecked: boolean;
  /** Compares the source with the tree, where it is a folder. */
  readonly matchTree?: TreeLook | undefined;
}

/** One answer for each wanted run, in their order; or why the source as a whole can't be read. */
export type FoundInEach = Result<readonly (FoundInSource | OperationFault)[], OperationFault>;

/** What a registry's run is, beside its bundle. */
export interface CarrierOrigin {
  /** The manifest by its digest, to which a tag may have led. */
  readonly reference: string;
  /**
   * Countersignatures and timestamps in the registry: those that were taken along, those that were left out, whether more exist, and
   * whether their list could not be read.
   */
  readonly referrers: {
    readonly taken: number;
    readonly left: number;
    readonly more: boolean;
    readonly unreadable: boolean;
  };
}

/** Where runs come from, and what their outputs are compared with. */
export interface BundleReader extends AsyncDisposable {
  /**
   * Whether its bytes may have no end, as those of a pipe and of another machine: a bundle whose number of bytes no binding declares
   * is then refused.
   */
  readonly isEndless?: boolean | undefined;
  /** For a registry's run, once it is open. */
  readonly origin?: CarrierOrigin | undefined;
  /** Whether `find` reads the wanted rows alone. Any other source reads all of them. */
  readonly canChoose?: boolean | undefined;

  /**
   * Reads the artifacts of all runs, in their order, or of those that `ids` names. Fails where the source can't be read, or is not
   * what it claims to be. Throws an Interruption.
   */
  open(ids?: readonly string[], signal?: AbortSignal): Promise<Result<Listing<CarriedRun>, OperationFault>>;

  /**
   * Hashes the wanted outputs, each as its bytes pass; gives one answer for each wanted run, in their order. Fails where the source
   * breaks off or breaks its own form. Throws an Interruption.
   */
  find(wanted: readonly WantedOutputs[], options: FindOptions): Promise<FoundInEach>;
}

/**
 * Run directories, of which there may be 100,000: each is read when its turn comes, and outputs are searched for in groups, while later
 * runs are read.
 */
export interface RunFolders extends BundleReader {
  /** Known before any run is read. */
  readonly runIds: readonly string[];
  /** Whether a run's outputs are looked for in the store first. A group has no others. */
  isStored(run: number): boolean;
  /** Begins to find, group by group. Threads may be hashing when it returns. */
  begin(wanted: readonly WantedOutputs[], options: FindOptions): Search<FoundInEach>;
}

/** Whether a source gives its runs one by one. */
export function isGradual(source: BundleReader): source is RunFolders {
  return "begin" in source;
}

/** The same, with the bytes of the outputs. */
export interface BundleSource extends BundleReader {
  open(...args: Parameters<BundleReader["open"]>): Promise<Result<readonly CarriedRun[], OperationFault>>;
  find(
    wanted: readonly WantedOutputs[],
    options: FindOptions,
  ): Promise<Result<readonly FoundInSource[], OperationFault>>;
  /**
   * Where the outputs are that were found with `keeps`, for any thread of this process, until the source and the spool are closed.
   * The bytes are hashed again where they are used.
   */
  outputs(run: number): HeldRanges;
}

/** Run ids that a fault names. */
const MAX_NAMES = 20;

/** The fault of a source that has no run of an id, but others. */
export function runMissing(path: string, id: string, runIds: readonly string[]): OperationFault {
  const names = runIds.slice(0, MAX_NAMES);
  const more = runIds.length - names.length;
  return operationFault("RUN_NOT_FOUND", { reason: "id", path, run_id: id, names, more, waiting: [] });
}
