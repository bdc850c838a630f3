/**
 * Proofs of files for tests, made from the words of the protocol alone: nothing of `src`.
 *
 * @module
 */

import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import {
  canonical,
  FIRST_SEED,
  sha256,
  sortedEntries,
  type TestBundle,
  testSigner,
  writeBundle,
} from "./bundle.ts";
import { type Said, saidOf, signStatement } from "./outputs-root.ts";

/** One step, as proofs have it. */
export interface Step {
  readonly sibling: string;
  readonly sibling_is_left: boolean;
}

/** One file, as proofs have it. */
export interface FileEntry {
  readonly path: string;
  readonly sha256: string;
  readonly steps: readonly Step[];
}

/** A proof, as it is in its file. */
export interface ProofFile {
  readonly version: 1;
  readonly statement: Said & { readonly signature: string };
  readonly public_key: string;
  readonly files: readonly FileEntry[];
}

/** The way of one output to the root. */
export function stepsOf(outputs: Readonly<Record<string, string>>, path: string): readonly Step[] {
  const entries = sortedEntries(outputs);
  let level = entries.map(([name, content]) => sha256(`${name}:${sha256(content)}`));
  let index = entries.findIndex(([name]) => name === path);
  const steps: Step[] = [];
  while (level.length > 1) {
    const isRight = index % 2 === 1;
    const sibling = level[isRight ? index - 1 : index + 1] ?? level[index] ?? "";
    steps.push({ sibling, sibling_is_left: isRight });
    level = level.flatMap((left, at) => (at % 2 === 1 ? [] : [sha256(left + (level[at + 1] ?? left))]));
    index = Math.floor(index / 2);
  }
  return steps;
}

/** A right proof of some outputs, by the bundle's own signer unless another is named. */
export function proofOf(bundle: TestBundle, paths: readonly string[], seed: string = FIRST_SEED): ProofFile {
  const files = paths.map((path) => {
    return { path, sha256: sha256(bundle.outputs[path] ?? ""), steps: stepsOf(bundle.outputs, path) };
  });
  return {
    version: 1,
    statement: signStatement(saidOf(bundle, seed), seed),
    public_key: testSigner(seed).publicKeyHex,
    files,
  };
}

/** Writes a bundle as `writeBundle` does, with a statement of its outputs, true or not. */
export function writeProvableBundle(
  folder: string,
  bundle: TestBundle,
  statement: unknown = signStatement(saidOf(bundle)),
): { readonly bundle: string; readonly root: string } {
  const address = writeBundle(folder, bundle);
  mkdirSync(address.bundle, { recursive: true });
  writeFileSync(join(address.bundle, "OUTPUTS_ROOT.json"), canonical(statement));
  return address;
}
