/**
 * What is worth knowing of an accepted chain, and is not judged (PROTOCOL 9).
 *
 * @module
 */

import { copyText } from "../bytes/utf8.ts";
import type { NoteCode } from "../codes/codes.ts";
import type { JsonObject } from "../json/json-value.ts";

/** Something worth knowing of an accepted chain. */
export interface ChainNote {
  readonly code: NoteCode;
  readonly run_id: string;
  /** The input that no earlier run produced, or the validator version: a stranger's text. */
  readonly subject: string;
}

/** What the notes of a chain go by, of one bundle. */
export interface NotedFacts {
  /** What it names as its inputs. */
  readonly inputs: readonly string[];
  /** The version of its validator, where PROTOCOL 2 does not know it. */
  readonly strangeSemver: string | undefined;
}

/** A bundle of a chain. */
interface NotedBundle {
  readonly runId: string;
}

/** Versions of validators that PROTOCOL 2 knows. */
const KNOWN_SEMVERS = ["1.0.0", "1.0.1", "1.1.0"];

/** Whether PROTOCOL 2 knows a version of a validator. */
export function isKnownSemver(semver: string): boolean {
  return KNOWN_SEMVERS.includes(semver);
}

/** Of most bundles there is nothing to note. */
const NOTHING: NotedFacts = { inputs: [], strangeSemver: undefined };

/** Reads what notes go by. Holds nothing of the documents. */
export function notedFacts(taskSpec: JsonObject, outputHashes: JsonObject): NotedFacts {
  const declared = taskSpec.get("inputs");
  const inputs = Array.isArray(declared) ? declared.filter((input) => typeof input === "string") : [];
  const semver = outputHashes.get("validator_semver");
  const isStrange = typeof semver === "string" && !KNOWN_SEMVERS.includes(semver);
  if (inputs.length === 0 && !isStrange) return NOTHING;
  return { inputs: inputs.map(copyText), strangeSemver: isStrange ? copyText(semver) : undefined };
}

/** Finds the notes of bundles in their order. */
export function findNotes<Bundle extends NotedBundle>(
  bundles: readonly Bundle[],
  factsOf: (bundle: Bundle) => NotedFacts,
  outputsOf: (bundle: Bundle) => Iterable<{ readonly path: string }>,
): readonly ChainNote[] {
  const notes: ChainNote[] = [];
  // Of a chain whose bundles name no inputs, no output is looked at.
  const wanted = new Set(bundles.flatMap((bundle) => factsOf(bundle).inputs));
  const produced = new Set<string>();
  for (const bundle of bundles) {
    const { inputs, strangeSemver } = factsOf(bundle);
    const { runId } = bundle;
    for (const subject of inputs) {
      if (!produced.has(subject)) notes.push({ code: "INVALID_CHAIN_REFERENCE", run_id: runId, subject });
    }
    if (strangeSemver !== undefined)
      notes.push({ code: "VALIDATOR_UNSUPPORTED", run_id: runId, subject: strangeSemver });
    if (wanted.size === 0) continue;
    for (const { path } of outputsOf(bundle)) if (wanted.has(path)) produced.add(path);
  }
  return notes;
}
