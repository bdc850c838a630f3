/** `runseal verify BUNDLE`: is this the run, whole and by somebody I trust? @module */

import { relative, resolve, sep } from "node:path";
import type { Phase } from "../../core/index.ts";
import { OWN_FOLDER, reportOnBundle, type VerifyFailure } from "../../node/index.ts";
import { exitCodeOf } from "../exit-code.ts";
import { explain } from "../explanations.ts";
import type { Io } from "../io.ts";
import type { Report } from "../report.ts";
import {
  bundleLines,
  failureMessage,
  outputFailureLines,
  phaseLines,
  trustHints,
} from "../text/verify-text.ts";
import { answerTrust, chooseTrust, type TrustOptions, UNDECIDED_TRUST } from "../trust-options.ts";

/** The options as parsed. */
export interface VerifyOptions extends TrustOptions {
  readonly root?: string | undefined;
  readonly all?: true | undefined;
}

/** Verifies one bundle. */
export async function runVerify(bundle: string, options: VerifyOptions, io: Io): Promise<Report> {
  const choice = chooseTrust(options, io);
  if ("report" in choice) return choice.report;
  const root = options.root ?? defaultRoot(bundle, io.cwd);
  const { verdict, judged, failures } = await reportOnBundle({ bundle, root, signal: io.signal });
  const listed = options.all === true ? [...failures()] : [];
  const known = {
    bundle_root: judged?.bundleRoot ?? null,
    bound: verdict.ok ? verdict.value.binding !== undefined : null,
    files: judged?.claims.length ?? null,
    bytes: verdict.ok ? verdict.value.bytes : null,
    signer: judged === undefined ? null : signerFacts(judged.signer),
    ...(options.all === true ? { failures: listed.map(({ code, details }) => ({ code, ...details })) } : {}),
  };
  if (!verdict.ok) {
    const exit_code = exitCodeOf(verdict.code);
    const message = failureMessage(verdict);
    return {
      facts: {
        ok: false,
        code: verdict.code,
        phase: phaseOf(verdict) ?? null,
        message,
        details: verdict.details,
        verdict: verdictFacts(verdict),
        ...known,
        trust: UNDECIDED_TRUST,
        exit_code,
      },
      text: phaseLines(phaseOf(verdict) ?? "presence", io.colour) + outputFailureLines(listed),
      error: { message: `${verdict.code}: ${message}`, hints: [explain(verdict.code).remedy] },
    };
  }
  const trust = answerTrust(choice, verdict.value, io.now());
  const signer = signerFacts(verdict.value.signer, trust.name);
  const ok = trust.ok;
  const code = trust.ok || trust.code === null ? "OK" : trust.code;
  const message = ok ? "accepted" : `the bundle is sound, but ${trust.reason}`;
  return {
    facts: {
      ok,
      code,
      phase: ok ? null : "trust",
      message,
      details: {},
      verdict: { ok: true, code: "OK", phase: null },
      ...known,
      signer,
      trust,
      exit_code: exitCodeOf(code),
    },
    text: `${phaseLines(undefined, io.colour)}${bundleLines(verdict.value, trust)}${ok ? "accepted\n" : ""}`,
    ...(ok
      ? {}
      : { error: { message: `${code}: ${message}`, hints: trustHints(trust, verdict.value.signer) } }),
  };
}

/** The folder above `.runseal` when the bundle lies in one, else here. */
export function defaultRoot(bundle: string, cwd: string): string {
  const components = resolve(cwd, bundle).split(sep);
  const own = components.lastIndexOf(OWN_FOLDER);
  // Relative, so that no message shows where on this machine it is.
  return own > 0 ? relative(cwd, components.slice(0, own).join(sep) || sep) || "." : ".";
}

/** A signer for a program. `name` is what a trust line calls it. */
export function signerFacts(
  signer: { readonly validatorId: string; readonly keyId: string; readonly publicKeyHex: string },
  name?: string,
): object {
  const { validatorId, keyId, publicKeyHex } = signer;
  const facts = { validator_id: validatorId, key_id: keyId, public_key: publicKeyHex };
  return name === undefined ? facts : { ...facts, name };
}

/** The protocol's own answer to a failure; null where there was no verdict. */
export function verdictFacts(failure: VerifyFailure): object | null {
  const isVerdict =
    "phase" in failure && failure.code !== "READ_FAILED" && failure.code !== "CHANGED_WHILE_READ";
  return isVerdict ? { ok: false, code: failure.code, phase: failure.phase } : null;
}

/** The phase in which it ended, if it was one. */
export function phaseOf(failure: VerifyFailure): Phase | undefined {
  return "phase" in failure ? failure.phase : undefined;
}
