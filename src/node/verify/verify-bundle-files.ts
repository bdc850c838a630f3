/**
 * Verifying a bundle on disk: open it, judge its artifacts, hash its outputs, conclude (PROTOCOL 8).
 *
 * @module
 */

import {
  concludeVerification,
  declaredBytes,
  type JudgedBundle,
  judgeArtifacts,
  judgeCandidate,
  type Limits,
  type OpenedBundle,
  outputFailures,
  type Rejection,
  type Result,
  type SaidFailure,
  saidFailure,
  type Undecided,
  type VerifiedBundle,
  type VerifyContext,
} from "../../core/internal.ts";
import { openBundle } from "../bundle/open-bundle.ts";
import { tellOfLongManifest, type VerifyFailure, verifyContext } from "../bundle/verify-context.ts";
import { HASH_JOB, type HashOptions } from "../hashing/hash-files.ts";
import type { Progress, WorkOptions } from "../runtime/progress.ts";
import type { SourceName } from "../store/output-source.ts";
import { WorkerPool } from "../work/worker-pool.ts";
import { checkExpected, type ExpectedBundle, underExpectedId } from "./expected-bundle.ts";
import { beginFinding, type OutputsRequest, sumOf } from "./find-outputs.ts";

/** What to verify, and against which folder. */
export interface VerifyRequest extends ExpectedBundle, Omit<OutputsRequest, "pool" | "watch">, WorkOptions {
  /** The run directory. */
  readonly bundle: string;
  readonly limits?: Limits;
}

/** Bytes of OUTPUT_HASHES.json from which on workers start while it is parsed: about 5,000 entries. */
const LONG_MANIFEST: number = 512 * 1024;

/** What a caller may learn besides the verdict. */
export interface VerifyReport {
  readonly verdict: Result<VerifiedBundle, VerifyFailure>;
  /** What the signature claims, once it held; undefined where the artifacts were rejected. */
  readonly judged: JudgedBundle | undefined;
  /** Why the run says that it failed, under a signature that holds; undefined where it does not. */
  readonly said?: SaidFailure | undefined;
  /** Where the outputs were searched for; undefined where they were not. */
  readonly source: SourceName | undefined;
  /** Every changed and missing file, in the order of the document; the first one only with `untilFailure`. */
  readonly failures: () => Iterable<Rejection | Undecided>;
}

/** Verifies one bundle on disk. Throws only an Interruption, and on bugs and dying workers. */
export async function judgeBundle(request: VerifyRequest): Promise<Result<VerifiedBundle, VerifyFailure>> {
  return (await reportOnBundle({ ...request, untilFailure: true })).verdict;
}

/** Verifies one bundle, and keeps what else a caller may report of it. */
export async function reportOnBundle(request: VerifyRequest): Promise<VerifyReport> {
  const pool = new WorkerPool(request.jobs);
  try {
    return await reportWithPool(request, pool);
  } finally {
    pool.dismiss();
  }
}

async function reportWithPool(request: VerifyRequest, pool: WorkerPool): Promise<VerifyReport> {
  const context = verifyContext(request.limits);
  const opened = openBundle(request.bundle, request.limits);
  if (!opened.ok) return { verdict: opened, judged: undefined, source: undefined, failures: () => [] };
  const manifest = opened.value.artifacts["OUTPUT_HASHES.json"];
  if (manifest.kind === "bytes" && manifest.bytes.length >= LONG_MANIFEST) pool.start(HASH_JOB);
  tellOfLongManifest(opened.value, request.progress);
  const judged = judgeArtifacts(underExpectedId(opened.value, request), context);
  if (!judged.ok) {
    const said = judged.code === "RESTORATION_FAILED" ? saidBy(opened.value, context) : undefined;
    return { verdict: judged, judged: undefined, said, source: undefined, failures: () => [] };
  }
  const other = checkExpected(judged.value, request);
  if (other !== undefined)
    return { verdict: other, judged: judged.value, source: undefined, failures: () => [] };
  const declared = declaredBytes(judged.value.status);
  const watch = watchOutputs(request.progress, [declared]);
  const bundle = { claims: judged.value.claims, declaredBytes: declared };
  const [found] = await beginFinding([bundle], { ...request, pool, watch }).finish();
  if (found === undefined) throw new TypeError("a search gives something of each bundle");
  if (!found.ok) return { verdict: found, judged: judged.value, source: undefined, failures: () => [] };
  const { findings, source } = found.value;
  return {
    verdict: concludeVerification(judged.value, findings, context),
    judged: judged.value,
    said: saidFailure(judged.value.status),
    source,
    failures: () => {
      const failures = outputFailures(judged.value.claims, findings, context.crypto, declared);
      return request.untilFailure === true ? firstOf(failures) : failures;
    },
  };
}

/** A run whose scratch folders were not restored is rejected by its proof; its signature holds all the same. */
function saidBy(opened: OpenedBundle, context: VerifyContext): SaidFailure | undefined {
  const signed = judgeCandidate(opened, context);
  return signed.ok ? saidFailure(signed.value.status) : undefined;
}

function firstOf<Item>(items: Iterable<Item>): readonly Item[] {
  for (const item of items) return [item];
  return [];
}

/** Reports the progress of hashing outputs, of as many bytes as the bindings of the bundles declare. */
export function watchOutputs(
  progress: Progress | undefined,
  declared: readonly (number | undefined)[],
): HashOptions["watch"] {
  if (progress === undefined) return undefined;
  const bytes = sumOf(declared);
  return (done, files) => progress.begin("verify", { files, bytes }, done);
}
