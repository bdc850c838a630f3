/** `runseal diff A B`: lists what was added, removed or changed between two runs. @module */

import {
  compareOutputs,
  compareTrees,
  declareDigest,
  type HexDigest,
  quote,
} from "../../../core/internal.ts";
import { nodeCrypto, type SeenRun } from "../../../node/index.ts";
import { knowingGuardsKey } from "../../options/guards-own-key.ts";
import { STDIN } from "../../options/place-form.ts";
import type { RegistryOptions } from "../../options/registry-flags.ts";
import { carrierOf } from "../../options/source-place.ts";
import { chooseTrust, type TrustOptions } from "../../options/trust-options.ts";
import { UsageError } from "../../options/usage-error.ts";
import { operationReport } from "../../output/failure-report.ts";
import type { Io } from "../../output/io.ts";
import { type Report, withHints } from "../../output/report.ts";
import { renamedInCarrier } from "../../verdict/carried-hints.ts";
import { rejectedReport } from "../../verdict/verdict-facts.ts";
import { changeLines, comparedLines, treeNote } from "./diff-text.ts";
import { namedSnapshot } from "./named-snapshot.ts";
import { runFacts, trustOf } from "./run-facts.ts";
import { type SeeOptions, seeBundle } from "./see-bundle.ts";

/** The options as parsed. */
export interface DiffOptions extends TrustOptions, RegistryOptions {
  readonly project?: string | undefined;
}

/** Compares what two bundles name, each under a signature that holds. No output is looked at. */
export async function runDiff(before: string, after: string, options: DiffOptions, io: Io): Promise<Report> {
  const chosen = chooseTrust(options, io);
  if ("report" in chosen) return chosen.report;
  const choice = await knowingGuardsKey(chosen, options.project, io);
  if (before === STDIN && after === STDIN)
    throw new UsageError("two archives can't both come on stdin; name a file for one of them");
  const optionsOf = (text: string): SeeOptions => {
    // One of the two may be in a registry alone.
    const plainHttp = carrierOf(text, io) === undefined ? undefined : options.plainHttp;
    return { project: options.project, plainHttp };
  };
  const one = await namedSnapshot(before, options.project, io);
  const other = await namedSnapshot(after, options.project, io);
  const first = await seeBundle(one.named, optionsOf(before), {}, choice, io);
  if (!first.ok) return operationReport(first);
  const second = await seeBundle(other.named, optionsOf(after), {}, choice, io);
  if (!second.ok) return operationReport(second);
  const [old, fresh] = [first.value, second.value];
  if (isRejected(old)) return refusedReport(old, carrierOf(before, io) !== undefined);
  if (isRejected(fresh)) return refusedReport(fresh, carrierOf(after, io) !== undefined);
  const changes = compareOutputs(old.sealed?.claims ?? [], fresh.sealed?.claims ?? [], nodeCrypto);
  const inTrees = compareTrees(old.tree, fresh.tree);
  const trusts = [old, fresh].map(({ sealed }) => trustOf(sealed, choice, io.now()));
  return {
    facts: {
      ok: true,
      code: "OK",
      phase: null,
      message: "compared",
      details: {},
      before: runFacts(old, trusts[0]),
      after: runFacts(fresh, trusts[1]),
      added: changes.added.map(({ digest, path }) => ({ path, digest: declared(digest) })),
      removed: changes.removed.map(({ digest, path }) => ({ path, digest: declared(digest) })),
      changed: changes.changed.map(({ path, before: was, after: is }) => ({
        path,
        before: declared(was),
        after: declared(is),
      })),
      same: changes.same,
      tree_added: inTrees.added,
      tree_removed: inTrees.removed,
      tree_changed: inTrees.changed,
      exit_code: 0,
    },
    text: [
      comparedLines([old, fresh], trusts, io.colour),
      changeLines(changes, inTrees, io.colour),
      treeNote([old, fresh]),
    ].join(""),
    remarks: [...one.remarks, ...other.remarks],
  };
}

/** The end, where one of the two is rejected. */
function refusedReport({ failure, run }: RefusedRun, isCarried: boolean): Report {
  const report = rejectedReport(failure, { run_id: run.runId }, "", `run ${quote(run.runId)}: `);
  const sealedAs = "sealed_as" in failure.details ? failure.details.sealed_as : undefined;
  return isCarried && sealedAs !== undefined ? withHints(report, renamedInCarrier(sealedAs, false)) : report;
}

/** A run that is rejected. */
interface RefusedRun extends SeenRun {
  readonly failure: NonNullable<SeenRun["failure"]>;
}

/** A failed run is not accepted, but its signed outputs can be compared. */
function isRejected(seen: SeenRun): seen is RefusedRun {
  return seen.failure !== undefined && seen.run.standing !== "failed";
}

function declared(digest: HexDigest | undefined): string | null {
  return digest === undefined ? null : declareDigest(digest);
}
