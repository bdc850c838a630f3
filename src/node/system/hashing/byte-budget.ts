/**
 * How many bytes of a bundle's outputs may be read: no more than its binding declares (PROTOCOL 8, phase 9). Threads
 * that share a board share its budgets.
 *
 * @module
 */

/** Consecutive paths of a board that belong to one bundle. */
export interface BudgetShare {
  /** How many paths. */
  readonly paths: number;
  /** Bytes that the bundle declares for all of them together; undefined where it declares none, and nothing is bounded. */
  readonly declared: number | undefined;
}

/** The budgets of a board, in plain shared memory. */
export interface ByteBudgets {
  /** In the order of the paths. Paths beyond the last share are not bounded. */
  readonly shares: readonly BudgetShare[];
  /** Bytes that were taken from each share. */
  readonly taken: BigInt64Array<SharedArrayBuffer>;
  /** 1 at [0] once a file was refused. */
  readonly refusals: Int32Array<SharedArrayBuffer>;
}

/** What a budget says of one file. */
export type BudgetAnswer =
  | "read"
  /** Larger than all that its bundle declares. */
  | "oversized"
  /** The rest of the budget is too small. Whether the file may be read depends on the files before it. */
  | "withheld";

/** Lays out the budgets of a board; `undefined` where no share declares anything. */
export function makeByteBudgets(shares: readonly BudgetShare[]): ByteBudgets | undefined {
  if (shares.every(({ declared }) => declared === undefined)) return undefined;
  return {
    shares,
    taken: new BigInt64Array(new SharedArrayBuffer(shares.length * 8)),
    refusals: new Int32Array(new SharedArrayBuffer(4)),
  };
}

/** Whether the budgets refused a file. */
export function hasRefused({ refusals }: ByteBudgets): boolean {
  return Atomics.load(refusals, 0) === 1;
}

/** The budgets of a board, as one thread uses them. */
export class BudgetTaker {
  readonly #budgets: ByteBudgets;
  readonly #limits: readonly (bigint | undefined)[];
  /** The share of the path before, and its range of paths: neighbours mostly have the same. */
  #share = 0;
  #start = 0;
  #end = 0;

  constructor(budgets: ByteBudgets) {
    this.#budgets = budgets;
    this.#limits = budgets.shares.map(({ declared }) =>
      declared === undefined ? undefined : BigInt(declared),
    );
    this.#end = budgets.shares[0]?.paths ?? 0;
  }

  /** Takes the bytes of a file from its bundle's budget, before the first of them is read. */
  take(index: number, size: bigint): BudgetAnswer {
    this.#find(index);
    const limit = this.#limits[this.#share];
    if (limit === undefined) return "read";
    if (size <= limit) {
      const { taken } = this.#budgets;
      if (Atomics.add(taken, this.#share, size) + size <= limit) return "read";
      // Only accepted bytes stay in the sum, so that it can't wrap around.
      Atomics.sub(taken, this.#share, size);
    }
    Atomics.store(this.#budgets.refusals, 0, 1);
    return size > limit ? "oversized" : "withheld";
  }

  #find(index: number): void {
    if (index >= this.#start && index < this.#end) return;
    const { shares } = this.#budgets;
    this.#start = 0;
    for (this.#share = 0; this.#share < shares.length; this.#share++) {
      this.#end = this.#start + (shares[this.#share]?.paths ?? 0);
      if (index < this.#end) return;
      this.#start = this.#end;
    }
    this.#end = Number.POSITIVE_INFINITY;
  }
}
