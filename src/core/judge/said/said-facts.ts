/** What is known of a run, as names and values: the same for text, report and page. @module */

import type { Binding } from "../../records/artifacts/binding.ts";
import type { SignerIdentity } from "../../records/artifacts/identity.ts";
import { keyDigestsOf } from "../../records/artifacts/key-digest.ts";
import type { SaidFailure } from "../../records/artifacts/run-failure.ts";
import type { TreeCounts } from "../../records/tree/count-tree.ts";
import { countOf, numberOf } from "../../system/bytes/count-text.ts";
import type { HexDigest } from "../../system/bytes/hex.ts";
import type { JsonObject } from "../../system/json/json-value.ts";
import { printable, quoteIfNeeded } from "../../system/paths/quote.ts";
import { runName } from "../../system/paths/run-name.ts";
import type { VerifiedBundle } from "../bundle/judge.ts";
import type { Countersigner } from "../trust/trust-policy.ts";
import type { TimeFinding } from "../trust/trusted-time.ts";
import { timeWords } from "../trust/trusted-time.ts";

/** A part of a value, safe to show as text. `digest`: a code of many characters; `quiet`: another name of the code before it. */
export interface SaidPart {
  readonly style: "plain" | "strong" | "digest" | "quiet";
  readonly text: string;
}

/** A name and its value. */
export interface SaidFact {
  readonly name: string;
  readonly parts: readonly SaidPart[];
}

/** What a policy says of a signer. */
export interface SaidTrust {
  readonly reason: string;
  readonly name?: string | undefined;
  readonly countersigners?: readonly Countersigner[] | undefined;
  readonly time?: TimeFinding | undefined;
}

/** What is said of an accepted bundle. */
export interface VerifiedFacts extends Pick<VerifiedBundle, "binding" | "bytes"> {
  readonly taskSpec: Pick<JsonObject, "has">;
}

/** What was found of a run. */
export interface KnownRun {
  /** As signed; of a run that is not accepted, the name of its folder or in what carries it. */
  readonly runId: string;
  readonly bundleRoot: HexDigest;
  readonly signer: SignerIdentity;
  /** How many files were sealed. */
  readonly files: number;
  /** Undefined for a run that is not accepted: then only what its signature says is known. */
  readonly verified: VerifiedFacts | undefined;
  /** Where the files were, if that is not their folder: `in the project's store`. */
  readonly place?: string | undefined;
  /** Undefined without a tree. */
  readonly tree: string | undefined;
  /** The recorded command, as it could be typed. */
  readonly command?: string | undefined;
  /** Undefined where it was not decided. */
  readonly trust: SaidTrust | undefined;
  readonly said?: SaidFailure | undefined;
}

/** Countersigners that are listed; `--json` has them all. */
const MOST_COUNTERSIGNERS = 20;

/** Lists what is known: of an accepted run everything, of another one what its signature says. */
export function knownFacts(run: KnownRun): readonly SaidFact[] {
  const { bundleRoot, command, files, place, runId, said, signer, tree, trust, verified } = run;
  const count = countOf(files, "file");
  const size = verified === undefined ? "" : `, ${countOf(verified.bytes, "byte")}`;
  return [
    fact("Run", runName(runId)),
    { name: "Hash", parts: [{ style: "digest", text: bundleRoot }] },
    fact("Files", `${count}${size}${place === undefined ? "" : `, ${place}`}`),
    ...(tree === undefined ? [] : [fact("Tree", tree)]),
    ...(verified === undefined ? [] : sealedFacts(verified.binding, verified.taskSpec, command)),
    ...(trust?.time === undefined ? [] : [fact("Time", foundTime(trust.time))]),
    signerFact(signer, trust?.name),
    fact("Trust", printable(trust?.reason ?? "not decided: the bundle was not accepted")),
    ...countersignerFacts(trust?.countersigners),
    ...(said === undefined ? [] : [fact("Failure", saidWords(said))]),
  ];
}

function fact(name: string, text: string): SaidFact {
  return { name, parts: [{ style: "plain", text }] };
}

/** When a bundle was sealed and signed, and its command. The signer of a bundle that was sealed elsewhere did not see that command. */
export function sealedFacts(
  binding: Pick<Binding, "sealedAt" | "signedAt"> | undefined,
  taskSpec: VerifiedFacts["taskSpec"],
  command?: string,
): readonly SaidFact[] {
  const named = command === undefined ? [] : [fact("Command", command)];
  if (binding === undefined) return [fact("Sealed", "unbound: no run id, time or proof is signed"), ...named];
  const { sealedAt, signedAt } = binding;
  if (signedAt === undefined) return [fact("Sealed", `${sealedAt}, the signer says`), ...named];
  // Of whatever form it is: a command that can't be shown was not witnessed either.
  const unseen = `${command === undefined ? "" : `${command}; `}not witnessed by the signer, and neither is its exit code`;
  return [
    fact("Sealed", `${sealedAt}, elsewhere, the sealer says`),
    fact("Signed", `${signedAt}, the signer says`),
    ...(taskSpec.has("command") ? [fact("Command", unseen)] : []),
  ];
}

function foundTime(time: TimeFinding): string {
  return printable(time.ok ? `${timeWords(time)} (trusted)` : `not known: ${time.reason}`);
}

/** A signer: key id, the name that a policy gives it, the key, and the names by which a policy may call the key. */
export function signerFact(signer: SignerIdentity, name: string | undefined): SaidFact {
  const called = name === undefined ? [] : [{ style: "strong", text: `${quoteIfNeeded(name)} ` } as const];
  const digests = keyDigestsOf(signer).map((text) => ({ style: "quiet", text }) as const);
  const key = { style: "digest", text: `(ed25519 ${signer.publicKeyHex})` } as const;
  return {
    name: "Signer",
    parts: [{ style: "plain", text: `${signer.keyId} ` }, ...called, key, ...digests],
  };
}

/** The countersigners of a bundle, also those that do not count. */
export function countersignerFacts(countersigners: readonly Countersigner[] = []): readonly SaidFact[] {
  const more = countersigners.length - MOST_COUNTERSIGNERS;
  return [
    ...countersigners.slice(0, MOST_COUNTERSIGNERS).map((one) => {
      if (!("key_id" in one)) return fact("Countersigner", `does not count: ${printable(one.reason)}`);
      const called = one.name === undefined ? "" : ` ${quoteIfNeeded(one.name)}`;
      const counts = one.ok ? "" : "does not count: ";
      return fact(
        "Countersigner",
        `${one.key_id}${called} at ${one.signed_at}: ${counts}${printable(one.reason)}`,
      );
    }),
    ...(more > 0 ? [fact("Countersigner", `… and ${numberOf(more)} more`)] : []),
  ];
}

/** What there is of programs, links and empty folders: `3 programs, 2 links (1 leads outside)`. */
export function treeWords({ emptyFolders, links, linksOutside, programs }: TreeCounts): string {
  const outside = linksOutside === 1 ? " (1 leads outside)" : ` (${numberOf(linksOutside)} lead outside)`;
  const words = [
    ...(programs === 0 ? [] : [countOf(programs, "program")]),
    ...(links === 0 ? [] : [countOf(links, "link") + (linksOutside === 0 ? "" : outside)]),
    ...(emptyFolders === 0 ? [] : [countOf(emptyFolders, "empty folder")]),
  ];
  return words.length === 0 ? "no programs, links or empty folders" : words.join(", ");
}

/** Why a run says that it failed. */
export function saidWords({ message }: SaidFailure): string {
  return `the run says: ${quoteIfNeeded(message)}`;
}
