/** What is known of a bundle, as a list of names and values. @module */

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
} from "../../src/core/internal.ts";
import type { TrustAnswer } from "../trust/trust-choice.ts";
import type { BundleReport } from "../verify/verify-bundle.ts";
import { countOf, sizeOf } from "../words/count-text.ts";
import { sealedWords } from "../words/verdict-words.ts";
import { type Content, element } from "./element.ts";

/** Countersigners that are shown. */
const MOST_COUNTERSIGNERS = 20;

/** Lists what is known: of an accepted bundle everything, of another one what its signature says. */
export function factsView(report: BundleReport, trust: TrustAnswer | undefined): HTMLElement {
  const { judged, verdict } = report;
  const list = element("dl", { class: "facts" });
  const add = (name: string, ...value: readonly Content[]): void => {
    if (value.some((part) => part !== undefined))
      list.append(element("dt", {}, name), element("dd", {}, ...value));
  };
  if (judged === undefined) return list;
  const { claims, opened, signer, status } = judged;
  add("Run", quoteIfNeeded(opened.runId));
  add("Bundle root", digestView(judged.bundleRoot));
  if (verdict.ok) {
    const { bytes, outputs, timestamps } = verdict.value;
    add("Files", `${countOf(outputs.length, "file")}, ${sizeOf(bytes)}`);
    add("Tree", treeWords(report));
    add("Sealed", sealedWords(verdict.value));
    add("Time", timestamps && "there are timestamps; this page does not judge them, runseal verify does");
  } else add("Files", countOf(claims.length, "file"));
  add("Signer", ...signerView(signer, trust));
  if (trust !== undefined) {
    add("Trust", printable(trust.reason));
    for (const one of (trust.countersigners ?? []).slice(0, MOST_COUNTERSIGNERS))
      add("Countersigner", countersignerWords(one));
  }
  const said = saidFailure(status);
  add("The run says", said && `it failed: ${quoteIfNeeded(said.message)}`);
  return list;
}

function digestView(digest: string): HTMLElement {
  return element("code", { class: "digest" }, digest);
}

/** The signer, by name if the policy gives one, and every name that a policy may use for the key. */
function signerView(signer: SignerIdentity, trust: TrustAnswer | undefined): readonly Content[] {
  const name = trust !== undefined && "name" in trust ? trust.name : undefined;
  return [
    name === undefined ? undefined : element("strong", {}, quoteIfNeeded(name), " "),
    element("code", { class: "digest" }, `runseal-ed25519 ${signer.publicKeyHex}`),
    ...keyDigestsOf(signer).map((digest) => element("code", { class: "digest quiet" }, digest)),
  ];
}

function countersignerWords(one: Countersigner): string {
  if (!("key_id" in one)) return `does not count: ${printable(one.reason)}`;
  const called = one.name === undefined ? "" : ` ${quoteIfNeeded(one.name)}`;
  return `${one.key_id}${called} at ${one.signed_at}: ${one.ok ? "" : "does not count: "}${printable(one.reason)}`;
}

function treeWords({ hasUnboundTree, tree }: BundleReport): string | undefined {
  if (hasUnboundTree) return "there is one, but the signature does not name it: not looked at";
  if (tree?.tree.ok !== true) return undefined;
  const words = countWords(tree.tree.value);
  return tree.state === "declared"
    ? `${words}, as the signer says: a browser does not see them in a folder`
    : words;
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
