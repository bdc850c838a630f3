/** `runseal show BUNDLE`: shows the content of a bundle. @module */

import {
  declareDigest,
  firstItems,
  type JsonObject,
  type SealedRun,
  type SealedTree,
} from "../../../core/internal.ts";
import { type ExpectOptions, expectedBundle } from "../../options/expectations.ts";
import { knowingGuardsKey } from "../../options/guards-own-key.ts";
import { carrierOf } from "../../options/source-place.ts";
import { chooseTrust, type TrustOptions } from "../../options/trust-options.ts";
import { operationReport } from "../../output/failure-report.ts";
import type { Io } from "../../output/io.ts";
import { type Report, withHints } from "../../output/report.ts";
import type { RunFacts } from "../../results/run-verdicts.ts";
import { renamedHints } from "../../verdict/renamed-text.ts";
import { unsignedHints } from "../../verdict/unsigned-text.ts";
import { phaseOf, rejectedReport } from "../../verdict/verdict-facts.ts";
import { phaseLines } from "../../verdict/verify-text.ts";
import { namedSnapshot } from "./named-snapshot.ts";
import { plainObject } from "./plain-json.ts";
import { runFacts, trustOf } from "./run-facts.ts";
import { type SeeOptions, seeBundle } from "./see-bundle.ts";
import type { ShowResult } from "./show-results.ts";
import { shownLines } from "./show-text.ts";
import { treeArtifact } from "./tree-artifact.ts";

/** The options as parsed. */
export interface ShowOptions extends TrustOptions, ExpectOptions, SeeOptions {}

/** Outputs that one JSON object lists. More would exceed the largest string. */
const MAX_JSON_OUTPUTS = 1_000_000;

/** Shows what the signature of a bundle covers. Lists outputs without reading them. */
export async function runShow(text: string, options: ShowOptions, io: Io): Promise<Report> {
  const expected = expectedBundle(options);
  const chosen = chooseTrust(options, io);
  if ("report" in chosen) return chosen.report;
  const choice = await knowingGuardsKey(chosen, options.project, io);
  const { named, remarks } = namedSnapshot(text, options.project, io);
  const looked = await seeBundle(named, options, expected, choice, io);
  if (!looked.ok) return operationReport(looked);
  const seen = looked.value;
  const { failure, pulledFrom, sealed, tree } = seen;
  const trust = trustOf(sealed, choice, io.now());
  if (failure?.code === "EXPECTATION_FAILED")
    return rejectedReport<ShowResult>(failure, runFacts(seen, trust));
  const known: Partial<ShowResult> = {
    ...runFacts(seen, trust),
    ...(pulledFrom === undefined ? {} : { pulled_from: pulledFrom }),
    ...(sealed === undefined ? {} : contentFacts(sealed, tree)),
  };
  const shown = sealed === undefined || trust === undefined ? "" : shownLines(seen, sealed, trust, io.colour);
  if (failure !== undefined) {
    const phases =
      sealed === undefined
        ? phaseLines({ failedAt: phaseOf(failure) ?? "presence", hasTree: false }, io.colour)
        : "";
    const isCarried = carrierOf(text, io) !== undefined;
    const hints =
      "phase" in failure
        ? (renamedHints(failure.details, isCarried) ??
          (isCarried ? undefined : unsignedHints(failure.code, text, io.cwd)))
        : undefined;
    return { ...withHints(rejectedReport<ShowResult>(failure, known, phases + shown), hints), remarks };
  }
  return {
    facts: { ok: true, code: "OK", phase: null, message: "shown", details: {}, ...known, exit_code: 0 },
    text: shown,
    remarks,
  };
}

function contentFacts(
  { claims, outputHashes, proof, status, taskSpec }: SealedRun,
  tree: SealedTree | undefined,
): Omit<ShowResult, keyof RunFacts | "pulled_from"> {
  const outputs = firstItems(claims, MAX_JSON_OUTPUTS).map((claim) => ({
    path: claim.path,
    digest: claim.lawful && claim.digest !== undefined ? declareDigest(claim.digest) : null,
  }));
  return {
    outputs,
    outputs_left_out: claims.length - outputs.length,
    task_spec: plainObject(taskSpec),
    status: plainObject(status),
    proof: proof === undefined ? null : plainObject(proof),
    output_hashes: plainObject(withoutHashes(outputHashes)),
    ...treeArtifact(tree, MAX_JSON_OUTPUTS),
  };
}

/** The rest of OUTPUT_HASHES.json: its hashes are listed as outputs. */
function withoutHashes(outputHashes: JsonObject): JsonObject {
  return new Map([...outputHashes].filter(([key]) => key !== "hashes"));
}
