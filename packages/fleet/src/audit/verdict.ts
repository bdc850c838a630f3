/** A verdict as `runseal verify --json` prints it, but for `hint`. Members have the same order. @module */

import type { DividedRun, OperationFault, RunVerdict, SignerIdentity } from "runseal";
import { countTree } from "runseal/core";
import type { JsonValue } from "../outcome/json.ts";

/** A verdict in JSON. */
export interface VerdictJson {
  readonly code: string;
  readonly json: JsonValue;
}

/** The members that a run of a registry never has: it is in no project, and has no folder. */
const OF_PROJECTS = { moved_on: null, stored: null, history: null } as const;

/** The words of `verify` where a bundle was not accepted. */
const UNDECIDED = { ok: false, code: null, reason: "not decided: the bundle was not accepted" } as const;

/** Makes the JSON of a verdict. Gives a failure back that is not a verdict: the run could not be judged. */
export function verdictJson(
  found: RunVerdict,
  { reference, referrers }: DividedRun["origin"],
): VerdictJson | OperationFault {
  const carrier = { reference, referrers: { ...referrers } };
  const { verdict } = found;
  if (verdict.ok) return accepted(found, verdict.value, carrier);
  if (!("phase" in verdict)) return verdict;
  const { code, details, message, phase } = verdict;
  const { judged, said, source } = found;
  const json = {
    ...{ ok: false, code, phase, message, details: { ...details } },
    verdict: { ok: false, code, phase },
    ...{ run_id: null, bundle_root: judged?.bundleRoot ?? null, sealed_at: null, signed_elsewhere: null },
    ...{ time: null, bound: null, files: judged?.claims.length ?? null, bytes: null },
    signer: judged === undefined ? null : signerJson(judged.signer),
    ...{ source: source ?? null, unsealed: null, tree: found.tree === undefined ? null : treeJson(found) },
    ...OF_PROJECTS,
    run_failure: said === undefined ? null : { code: said.code ?? null, message: said.message },
    trust: UNDECIDED,
    exit_code: 1,
    ...carrier,
  };
  return { code, json };
}

type Accepted = Extract<RunVerdict["verdict"], { readonly ok: true }>["value"];

function accepted(found: RunVerdict, bundle: Accepted, carrier: object): VerdictJson {
  const { trust } = found;
  if (trust === undefined) throw new TypeError("an accepted bundle has a decision about its signer");
  const { binding, bundleRoot, bytes, outputs, runId, signer } = bundle;
  const facts = {
    verdict: { ok: true, code: "OK", phase: null },
    ...{ run_id: runId, bundle_root: bundleRoot, sealed_at: binding?.sealedAt ?? null },
    signed_elsewhere: elsewhereJson(binding?.signedAt),
    ...{ time: trust.time ?? null, bound: binding !== undefined, files: outputs.length, bytes },
    ...{ source: found.source ?? null, unsealed: null, tree: treeJson(found), ...OF_PROJECTS },
    signer: signerJson(signer, "name" in trust ? trust.name : undefined),
    trust,
  };
  const end = trust.ok
    ? { ok: true, code: "OK", phase: null, message: "accepted" }
    : { ok: false, code: trust.code, phase: "trust", message: `the bundle is sound, but ${trust.reason}` };
  const json = { ...end, details: {}, ...facts, exit_code: trust.ok ? 0 : 3, ...carrier };
  return { code: end.code, json: toJson(json) };
}

function signerJson(
  { fingerprint, keyId, publicKeyHex, validatorId }: SignerIdentity,
  name?: string,
): JsonValue {
  const facts = { validator_id: validatorId, key_id: keyId, fingerprint, public_key: publicKeyHex };
  return name === undefined ? facts : { ...facts, name };
}

function elsewhereJson(signedAt: string | undefined): JsonValue {
  return signedAt === undefined ? null : { signed_at: signedAt, command: "not witnessed by the signer" };
}

function treeJson({ hasUnboundTree, tree }: RunVerdict): JsonValue {
  const none = { links: 0, linksOutside: 0, emptyFolders: 0, programs: 0 };
  const { emptyFolders, links, linksOutside, programs } =
    tree?.tree.ok === true ? countTree(tree.tree.value) : none;
  return {
    state: tree?.state ?? (hasUnboundTree ? "unbound" : "none"),
    ...{ links, links_outside: linksOutside, empty_folders: emptyFolders, programs },
    ...{ modes_ignored: false, exact: false, extra_ignored: tree?.extrasIgnored ?? 0 },
  };
}

/** Plain data, as it will be kept. */
function toJson(value: unknown): JsonValue {
  return JSON.parse(JSON.stringify(value));
}
