/**
 * What is worth knowing of an accepted chain, and is not judged (PROTOCOL 9).
 *
 * @module
 */

import { copyText } from "../../system/bytes/utf8.ts";
import type { NoteCode } from "../../system/codes/codes.ts";
import { isJsonObject, type JsonObject } from "../../system/json/json-value.ts";
import type { BundleFacts } from "./bundle-facts.ts";

/** Something worth knowing of an accepted chain. */
export interface ChainNote {
  readonly code: NoteCode;
  readonly run_id: string;
  /** The input that no earlier run produced, or the validator version: a stranger's text. */
  readonly subject: string;
}

/** Versions of validators that PROTOCOL 2 knows. */
const KNOWN_SEMVERS = ["1.0.0", "1.0.1", "1.1.0"];

/** Whether PROTOCOL 2 knows a version of a validator. */
export function isKnownSemver(semver: string): boolean {
  return KNOWN_SEMVERS.includes(semver);
}

/** The inputs that a bundle names, as texts that keep no document alive. */
export function inputsOf(taskSpec: JsonObject): readonly string[] {
  const declared = taskSpec.get("inputs");
  if (!Array.isArray(declared)) return [];
  return declared.filter((input) => typeof input === "string").map(copyText);
}

/** Finds the notes of bundles in their order. Keeps nothing of a bundle but the paths that a later one may name. */
export class NoteFinder {
  readonly notes: ChainNote[] = [];
  readonly #produced = new Set<string>();
  readonly #wanted: ReadonlySet<string> | undefined;

  /** @param wanted all inputs that bundles of the chain name, if that is known before: no other path is kept. */
  constructor(wanted: ReadonlySet<string> | undefined) {
    this.#wanted = wanted;
  }

  /** Takes the next bundle. */
  add({ outputHashes, runId, taskSpec }: Pick<BundleFacts, "outputHashes" | "runId" | "taskSpec">): void {
    for (const subject of inputsOf(taskSpec)) {
      if (!this.#produced.has(subject))
        this.notes.push({ code: "INVALID_CHAIN_REFERENCE", run_id: runId, subject });
    }
    const semver = outputHashes.get("validator_semver");
    if (typeof semver === "string" && !isKnownSemver(semver))
      this.notes.push({ code: "VALIDATOR_UNSUPPORTED", run_id: runId, subject: copyText(semver) });
    const hashes = outputHashes.get("hashes");
    if (this.#wanted?.size === 0 || !isJsonObject(hashes)) return;
    for (const path of hashes.keys()) if (this.#wanted?.has(path) ?? true) this.#produced.add(path);
  }
}
