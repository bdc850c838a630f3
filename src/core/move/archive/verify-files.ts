/**
 * Verifying a run whose bytes are in memory, with signatures that a platform verifies asynchronously (PROTOCOL 8).
 *
 * @module
 */

import { beginConclusion, judge, type VerifiedBundle } from "../../judge/bundle/judge.ts";
import { type JudgedBundle, VERIFY } from "../../judge/bundle/orders.ts";
import type { OutputFinding } from "../../judge/bundle/phases/findings.ts";
import type { VerifyContext } from "../../judge/bundle/phases/judging.ts";
import { readTree, treeBinding } from "../../judge/bundle/phases/tree.ts";
import type { OpenedBundle } from "../../records/artifacts/opened-bundle.ts";
import { digestToHex } from "../../system/bytes/hex.ts";
import { DEFAULT_LIMITS } from "../../system/bytes/limits.ts";
import type { Result } from "../../system/bytes/result.ts";
import type { WebCrypto } from "../../system/bytes/web-crypto.ts";
import type { Rejection, Undecided } from "../../system/codes/verdict.ts";
import { bundleOfFiles, readingOf } from "./bundle-files.ts";

/** A run whose bytes are in memory. */
export interface FilesRequest {
  /** The name of the run directory. */
  readonly runId: string;
  /** What is in the run directory, by its name there. */
  readonly files: ReadonlyMap<string, Uint8Array>;
  /** Gives the bytes of an output by its path; undefined where there is no such file. */
  readonly output: (path: string) => Promise<Uint8Array | undefined> | Uint8Array | undefined;
  readonly crypto: WebCrypto;
}

/** The core's context in a browser. */
export function webContext({ port }: WebCrypto): VerifyContext {
  return { crypto: port, pathRules: { refuseColon: false }, limits: DEFAULT_LIMITS };
}

/** Judges the artifacts of a bundle, phases 1 to 8. The platform answers whether the signature holds. */
export async function judgeOpened(
  opened: OpenedBundle,
  crypto: WebCrypto,
): Promise<Result<JudgedBundle, Rejection>> {
  const begun = judge(opened, webContext(crypto), VERIFY);
  if (!begun.ok) return begun;
  const { message, publicKey, signature } = begun.value.question;
  return begun.value.settle(await crypto.verify(publicKey, message, signature));
}

/**
 * Verifies a run: its artifacts, every output, and that its tree is as signed. Bytes show no links, modes and empty folders, so a tree is
 * compared with none. Says nothing of the signer: `decideTrust` does.
 */
export async function verifyFiles({
  crypto,
  files,
  output,
  runId,
}: FilesRequest): Promise<Result<VerifiedBundle, Rejection | Undecided>> {
  const context = webContext(crypto);
  const readings = Array.from(
    files,
    ([name, bytes]) => [name, readingOf(name, bytes, DEFAULT_LIMITS)] as const,
  );
  const bundle = bundleOfFiles(runId, new Map(readings));
  const judged = await judgeOpened(bundle.opened, crypto);
  if (!judged.ok) return judged;
  const findings: (OutputFinding | undefined)[] = [];
  for (const claim of judged.value.claims) {
    const bytes = claim.lawful ? await output(claim.path) : undefined;
    if (bytes !== undefined) {
      const digest = digestToHex(crypto.port.sha256(bytes));
      findings.push({ kind: "file", digest, bytes: bytes.length });
    } else findings.push(claim.lawful ? { kind: "missing" } : undefined);
  }
  const binding = treeBinding(judged.value);
  const tree = binding && readTree(binding, bundle.tree, context);
  return await crypto.settle(() => {
    const begun = beginConclusion(judged.value, findings, context);
    return begun.ok ? begun.value.end(tree && { tree, failure: undefined }) : begun;
  });
}
