/**
 * Carried runs in memory, as a source of bundles and bytes: for what verify and restore ask of any carrier, and when.
 *
 * @module
 */

import { FINDING_KINDS, FindingTable, ok, type Result } from "../../../src/core/internal.ts";
import type {
  BundleSource,
  CarriedRun,
  FindOptions,
  FoundInSource,
  WantedOutputs,
} from "../../../src/node/judge/source/bundle-source.ts";
import { type HeldRanges, holdRange, makeHeldRanges } from "../../../src/node/judge/source/held-ranges.ts";
import type { Spool } from "../../../src/node/judge/source/spool.ts";
import type { OperationFault } from "../../../src/node/system/runtime/operation-fault.ts";
import { openedOf, sha256, type TestBundle } from "../bundles/bundle.ts";

/** What a carrier has, and how it behaves. */
export interface Carried {
  /** Changes a run before it is opened. */
  readonly change?: (run: CarriedRun) => CarriedRun;
  /** Contents that are sent instead of those that were sealed. */
  readonly sent?: Readonly<Record<string, string>>;
  readonly isEndless?: boolean;
  readonly canChoose?: boolean;
  /** What becomes of the search. */
  readonly fault?: OperationFault;
  /** Changes the kept bytes once everything was found. */
  readonly meddle?: (spool: Spool) => void;
}

/** A carrier that notes what it is asked for. */
export class CarriedRuns implements BundleSource {
  readonly isEndless: boolean;
  readonly canChoose: boolean;
  /** The searches, as the paths that were looked for. */
  readonly searches: (readonly string[])[] = [];
  /** The arguments of the searches. */
  readonly asked: { readonly wanted: readonly WantedOutputs[]; readonly options: FindOptions }[] = [];
  isClosed = false;
  readonly #bundles: readonly TestBundle[];
  readonly #carried: Carried;
  readonly #ranges = new Map<number, HeldRanges>();

  constructor(bundles: readonly TestBundle[], carried: Carried = {}) {
    this.#bundles = bundles;
    this.#carried = carried;
    this.isEndless = carried.isEndless ?? false;
    this.canChoose = carried.canChoose ?? false;
  }

  open(ids?: readonly string[]): Promise<Result<readonly CarriedRun[], OperationFault>> {
    const { change = (run) => run } = this.#carried;
    const chosen = this.#bundles.filter(({ runId }) => ids?.includes(runId) !== false);
    return Promise.resolve(ok(chosen.map((bundle) => change(carriedRun(bundle)))));
  }

  find(
    wanted: readonly WantedOutputs[],
    options: FindOptions,
  ): Promise<Result<readonly FoundInSource[], OperationFault>> {
    this.asked.push({ wanted, options });
    const { fault, meddle } = this.#carried;
    const found = wanted.map((one): FoundInSource => {
      const findings = this.#findOne(one, options);
      return { carrier: "archive", findings, isTreeChecked: true };
    });
    if (options.spool !== undefined) meddle?.(options.spool);
    return Promise.resolve(fault ?? ok(found));
  }

  outputs(run: number): HeldRanges {
    const ranges = this.#ranges.get(run);
    if (ranges === undefined) throw new TypeError("its outputs were not kept");
    return ranges;
  }

  [Symbol.asyncDispose](): Promise<void> {
    this.isClosed = true;
    return Promise.resolve();
  }

  #findOne({ bundle: { claims }, rows, run }: WantedOutputs, { keeps, spool }: FindOptions): FindingTable {
    const columns = {
      kinds: new Uint8Array(claims.length),
      digests: new Uint8Array(claims.length * 32),
      sizes: new Float64Array(claims.length),
    };
    const ranges =
      keeps === true && spool !== undefined ? makeHeldRanges(spool.fd, claims.length) : undefined;
    if (ranges !== undefined) this.#ranges.set(run, ranges);
    const searched: string[] = [];
    for (const [row, { path }] of [...claims].entries()) {
      if (rows?.includes(row) === false) continue;
      searched.push(path);
      const content = Buffer.from(this.#carried.sent?.[path] ?? this.#bundles[run]?.outputs[path] ?? "");
      columns.kinds[row] = FINDING_KINDS.file;
      columns.sizes[row] = content.length;
      columns.digests.set(Buffer.from(sha256(content), "hex"), row * 32);
      if (ranges === undefined || spool === undefined) continue;
      const offset = spool.reserve(content.length);
      spool.write(content, offset);
      holdRange(ranges, row, offset, content.length);
    }
    this.searches.push(searched);
    return new FindingTable(columns);
  }
}

function carriedRun(bundle: TestBundle): CarriedRun {
  const { outputTree } = bundle;
  return {
    opened: { ...openedOf(bundle), hasTree: outputTree !== undefined },
    tree: outputTree === undefined ? { kind: "missing" } : { kind: "bytes", bytes: outputTree },
  };
}
