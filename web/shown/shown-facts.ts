/** What is known of a bundle, as names and values. @module */

import {
  type Countersigner,
  countLeaving,
  countPrograms,
  keyDigestsOf,
  printable,
  quoteIfNeeded,
  type SealedTree,
  type SignerIdentity,
  saidFailure,
  type TimeFinding,
  timeWords,
} from "../../src/core/internal.ts";
import type { TrustAnswer } from "../trust/trust-choice.ts";
import type { BundleReport } from "../verify/verify-bundle.ts";
import { countOf, sizeOf } from "../words/count-text.ts";
import { sealedWords } from "../words/verdict-words.ts";

/** A part of a value. `digest`: a code of many characters; `quiet`: another name of the code before it. */
export interface ShownPart {
  readonly style: "plain" | "strong" | "digest" | "quiet";
  /** Safe to show as text. */
  readonly text: string;
}

/** A name and its value. */
export interface ShownFact {
  readonly name: string;
  readonly parts: readonly ShownPart[];
}

/** Countersigners that are shown. */
const MOST_COUNTERSIGNERS = 20;

/** Lists what is known: of an accepted bundle everything, of another one what its signature says. */
export function shownFacts(report: BundleReport, trust: TrustAnswer | undefined): readonly ShownFact[] {
  const { judged, verdict } = report;
  const facts: ShownFact[] = [];
  const add = (name: string, value: string | readonly ShownPart[] | undefined): void => {
    if (value === undefined) return;
    facts.push({ name, parts: typeof value === "string" ? [{ style: "plain", text: value }] : value });
  };
  if (judged === undefined) return facts;
  const { claims, opened, signer, status } = judged;
  add("Run", quoteIfNeeded(opened.runId));
  add("Bundle root", [{ style: "digest", text: judged.bundleRoot }]);
  if (verdict.ok) {
    const { bytes, outputs } = verdict.value;
    const place = report.from === "store" ? ", in the project's store" : "";
    add("Files", `${countOf(outputs.length, "file")}, ${sizeOf(bytes)}${place}`);
    add("Tree", treeWords(report));
    add("Sealed", sealedWords(verdict.value));
    add("Time", trust?.time && foundTimeWords(trust.time));
  } else add("Files", countOf(claims.length, "file"));
  add("Signer", signerParts(signer, trust));
  if (trust !== undefined) {
    add("Trust", printable(trust.reason));
    for (const one of (trust.countersigners ?? []).slice(0, MOST_COUNTERSIGNERS))
      add("Countersigner", countersignerWords(one));
  }
  const said = saidFailure(status);
  add("The run says", said && `it failed: ${quoteIfNeeded(said.message)}`);
  return facts;
}

/** The signer, by name if the policy gives one, and every name that a policy may use for the key. */
export function signerParts(signer: SignerIdentity, trust: TrustAnswer | undefined): readonly ShownPart[] {
  const name = trust !== undefined && "name" in trust ? trust.name : undefined;
  return [
    ...(name === undefined ? [] : [{ style: "strong", text: `${quoteIfNeeded(name)} ` } as const]),
    { style: "digest", text: `runseal-ed25519 ${signer.publicKeyHex}` },
    ...keyDigestsOf(signer).map((text) => ({ style: "quiet", text }) as const),
  ];
}

/** As the command says it. */
function foundTimeWords(time: TimeFinding): string {
  return printable(time.ok ? `${timeWords(time)} (trusted)` : `not known: ${time.reason}`);
}

function countersignerWords(one: Countersigner): string {
  if (!("key_id" in one)) return `does not count: ${printable(one.reason)}`;
  const called = one.name === undefined ? "" : ` ${quoteIfNeeded(one.name)}`;
  return `${one.key_id}${called} at ${one.signed_at}: ${one.ok ? "" : "does not count: "}${printable(one.reason)}`;
}

function treeWords({ from, hasUnboundTree, tree }: BundleReport): string | undefined {
  if (hasUnboundTree) return "there is one, but the signature does not name it: not looked at";
  if (tree?.tree.ok !== true) return undefined;
  const words = countWords(tree.tree.value);
  if (tree.state === "checked") return words;
  const why = from === "folder" ? "a browser does not see them in a folder" : `the ${from} has bytes only`;
  return `${words}, as the signer says: ${why}`;
}

function countWords(tree: SealedTree): string {
  const links = tree.links.paths.length;
  const leaving = countLeaving(tree, tree.files);
  const programs = countPrograms(tree);
  const folders = tree.emptyFolders.length;
  const words = [
    ...(programs === 0 ? [] : [countOf(programs, "program")]),
    ...(links === 0 ? [] : [countOf(links, "link") + (leaving === 0 ? "" : ` (${leaving} lead outside)`)]),
    ...(folders === 0 ? [] : [countOf(folders, "empty folder")]),
  ];
  return words.length === 0 ? "no programs, links or empty folders" : words.join(", ");
}
