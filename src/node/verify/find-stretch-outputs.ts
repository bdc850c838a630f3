/**
 * Looking for the outputs of several bundles of a chain at once: below the root they are the work of one board.
 *
 * @module
 */

import { setImmediate } from "node:timers/promises";
import {
  type AwaitedBundle,
  areAllLawful,
  ManyClaims,
  ManyFindings,
  type OutputClaims,
  type OutputFindings,
  ok,
  type Result,
} from "../../core/internal.ts";
import { openRoot } from "../files/open-root.ts";
import { BoardFindings } from "../hashing/board-findings.ts";
import type { BudgetShare } from "../hashing/byte-budget.ts";
import { clearBoard, makeHashBoard } from "../hashing/hash-board.ts";
import { readDone } from "../hashing/tally.ts";
import { finishBudgets, workOffBoard } from "../hashing/work-board.ts";
import { throwIfInterrupted } from "../runtime/interruption.ts";
import type { OperationFault } from "../runtime/operation-fault.ts";
import type { ChainHelper } from "./chain-helper.ts";
import { lawfulOutputs } from "./lawful-outputs.ts";
import {
  chooseFindings,
  type FoundOutputs,
  findOutputs,
  hashClaims,
  type OutputsFrom,
  type OutputsRequest,
} from "./verify-bundle-files.ts";

/** What there is to know of a bundle before its outputs are looked for. */
export type ClaimingBundle = Pick<AwaitedBundle, "claims" | "declaredBytes">;

/** Such a bundle, and where to look for its outputs. */
export type PlacedBundle = ClaimingBundle & { readonly from: OutputsFrom };

/** Gives what was found of one bundle's outputs. To be asked in the order of the bundles, up to the first that fails. */
export type StretchOutputs = (index: number) => Promise<Result<FoundOutputs, OperationFault>>;

/** Where to look, and who may be asked to. */
export interface StretchOutputsRequest extends Omit<OutputsRequest, "from"> {
  /** A thread that takes part in hashing small outputs, once it is up. */
  readonly helper?: ChainHelper | undefined;
}

/** Bytes of outputs, as their signers declare them, that are hashed while something else is waited for. */
const SMALL_BYTES: number = 4 * 1024 * 1024;

/** Looks for the outputs of bundles where they are asked from. What can't be had fails where its bundle is asked for. */
export async function findStretchOutputs(
  bundles: readonly PlacedBundle[],
  request: StretchOutputsRequest,
): Promise<StretchOutputs> {
  const claimsOf = (index: number): OutputClaims => bundles[index]?.claims ?? [];
  const requestFor = (index: number): OutputsRequest => ({
    ...request,
    declaredBytes: bundles[index]?.declaredBytes,
    from: bundles[index]?.from,
  });
  const beginBelow = bundles.filter(beginsBelowRoot);
  // What the store is asked for depends on all that is below the root.
  const untilFailure = beginBelow.every(({ from }) => from === "root");
  const below = await hashBelowRoot(beginBelow, { ...request, untilFailure });
  let start = 0;
  const starts = bundles.map((bundle) => {
    if (!beginsBelowRoot(bundle)) return undefined;
    start += bundle.claims.length;
    return start - bundle.claims.length;
  });
  return async (index) => {
    const claims = claimsOf(index);
    const first = starts[index];
    if (first === undefined) return await findOutputs(claims, requestFor(index));
    const all = await below.findings;
    // A root that can't be opened is missed only by who has something below it.
    const own = all.ok ? ok(ownFindings(claims, all.value, first)) : hasLawful(claims) ? all : ok([]);
    return chooseFindings(claims, own, requestFor(index));
  };
}

function beginsBelowRoot({ from }: PlacedBundle): boolean {
  return from === "root" || from === "either";
}

/** Those of many claims stay in their columns: whoever restores them holds them until all bundles were looked at. */
function ownFindings(claims: OutputClaims, all: OutputFindings, first: number): OutputFindings {
  if (claims instanceof ManyClaims && all instanceof ManyFindings)
    return all.slice(first, first + claims.length);
  return Array.from(claims, (_, place) => all.at(first + place));
}

function hasLawful(claims: OutputClaims): boolean {
  for (const { lawful } of claims) if (lawful) return true;
  return false;
}

/** What is found below the root, and is there at once unless it is looked for meanwhile. */
interface BelowRoot {
  readonly findings: Promise<Result<OutputFindings, OperationFault>>;
}

async function hashBelowRoot(
  bundles: readonly ClaimingBundle[],
  request: StretchOutputsRequest,
): Promise<BelowRoot> {
  const claims = claimsOfAll(bundles);
  const shares = bundles.map(({ claims: { length: paths }, declaredBytes: declared }) => ({
    paths,
    declared,
  }));
  const { helper } = request;
  const areLeft = claims.length > 0 && areAllLawful(claims) && areSmall(bundles);
  if (helper?.isUp !== true || !areLeft)
    return { findings: Promise.resolve(await hashClaims(claims, request, shares)) };
  const findings = hashMeanwhile(claims, shares, helper, request);
  // Where the chain ends before, nobody asks for them any more.
  findings.catch(() => undefined);
  return { findings };
}

/** Of one bundle as they are: a large one's are held in far less room than as a list. */
function claimsOfAll(bundles: readonly ClaimingBundle[]): OutputClaims {
  const [only] = bundles;
  if (only !== undefined && bundles.length === 1) return only.claims;
  return bundles.flatMap(({ claims }) => [...claims]);
}

/** Whether the outputs are declared to be small. What is not so after all takes longer, and is found out all the same. */
function areSmall(bundles: readonly ClaimingBundle[]): boolean {
  let bytes = 0;
  for (const { declaredBytes } of bundles) bytes += declaredBytes ?? Number.POSITIVE_INFINITY;
  return bytes <= SMALL_BYTES;
}

/**
 * Hashes what lies at the claims' paths, whoever comes to it first: the other thread when it has read and answered what it
 * was asked before, and this one while it waits for that.
 */
async function hashMeanwhile(
  claims: OutputClaims,
  claimShares: readonly BudgetShare[],
  helper: ChainHelper,
  { root: path, signal, watch }: StretchOutputsRequest,
): Promise<Result<OutputFindings, OperationFault>> {
  const root = openRoot(path);
  if (!root.ok) return root;
  const { expected, paths, shares } = lawfulOutputs(claims, claimShares);
  const board = makeHashBoard(root.value, paths, { expected, shares });
  watch?.(() => readDone(board.done), board.length);
  const stop = (): void => clearBoard(board);
  signal?.addEventListener("abort", stop);
  try {
    const other = helper.hash(board);
    // Without it, nobody may be waiting any more.
    other.catch(stop);
    const breathe = async (): Promise<void> => {
      await setImmediate();
    };
    const own = workOffBoard(board, breathe);
    // The root is used until both have stopped.
    const ends = await Promise.allSettled([own, other]);
    for (const end of ends) if (end.status === "rejected") throw end.reason;
    throwIfInterrupted(signal);
    await finishBudgets(board, breathe, false);
    throwIfInterrupted(signal);
    return ok(new BoardFindings(board).read(board.length));
  } finally {
    signal?.removeEventListener("abort", stop);
    root.value.close();
  }
}
