/** `runseal restore BUNDLE --to DIR`: put the verified files on this disk, all or none. @module */

import { resolve } from "node:path";
import { quote } from "../../core/index.ts";
import { type RestoreFailure, type RestoreSuccess, restoreBundle } from "../../node/index.ts";
import { defaultRoot } from "../default-root.ts";
import { restoreExitCode } from "../exit-code.ts";
import { explain } from "../explanations.ts";
import type { Io } from "../io.ts";
import type { Report } from "../report.ts";
import { countOf } from "../text/count-text.ts";
import { restoreMessage } from "../text/restore-text.ts";
import { signerWords } from "../text/verify-text.ts";
import { chooseTrust, type TrustOptions } from "../trust-options.ts";
import { signerFacts } from "../verdict-facts.ts";

/** The options as parsed. */
export interface RestoreOptions extends TrustOptions {
  readonly to: string;
  readonly root?: string | undefined;
  readonly mkdir?: true | undefined;
  readonly dryRun?: true | undefined;
}

/** Restores one bundle. */
export async function runRestore(bundle: string, options: RestoreOptions, io: Io): Promise<Report> {
  const choice = chooseTrust(options, io);
  if ("report" in choice) return choice.report;
  const outcome = await restoreBundle({
    bundle,
    root: options.root ?? defaultRoot(bundle, io.cwd),
    // The library wants an absolute path; a person may say `--to out`.
    target: options.to === "" ? "" : resolve(io.cwd, options.to),
    mkdir: options.mkdir === true,
    dryRun: options.dryRun === true,
    trust: {
      policy: choice.kind === "policy" ? choice.policy : undefined,
      anySigner: choice.kind === "any-signer",
      now: io.now(),
    },
    signal: io.signal,
  });
  if (outcome.ok) return restoredReport(outcome, options);
  // A trust file with a bad line trusts nobody; the reason is the bad line, not the missing policy.
  const untrusted = outcome.trust !== undefined && choice.kind === "malformed";
  return failedReport(untrusted ? withReason(outcome, choice.answer.reason) : outcome);
}

function withReason(failure: RestoreFailure, reason: string): RestoreFailure {
  const code = "TRUST_FILE_MALFORMED";
  return {
    ...failure,
    details: { ...failure.details, verifier_code: code },
    trust: { ok: false, code, reason },
  };
}

function restoredReport(outcome: RestoreSuccess, options: RestoreOptions): Report {
  const { bytes, cause_code, paths, phase, runs } = outcome;
  const [run] = runs;
  if (run === undefined) throw new TypeError("a restore is of one bundle at least");
  const { bundleRoot, signer, trust } = run;
  const dryRun = options.dryRun === true;
  const files = paths.length;
  const name = trust?.ok === true ? trust.name : undefined;
  const message = dryRun ? "nothing was written: this is what would be restored" : "restored";
  const list = dryRun ? paths.map((path) => `${quote(path)}\n`).join("") : "";
  return {
    facts: {
      ok: true,
      code: null,
      phase,
      cause_code,
      message,
      details: dryRun ? { paths, root: options.to } : {},
      bundle_root: bundleRoot,
      files,
      bytes,
      signer: signerFacts(signer, name),
      exit_code: 0,
    },
    text:
      `${list}${dryRun ? "plan    " : "restored"} ${countOf(files, "file")}, ${countOf(bytes, "byte")}\n` +
      `root     ${bundleRoot}\n` +
      `signer   ${signerWords(signer, name)}\n` +
      `into     ${quote(options.to)}${dryRun ? " (nothing was written)" : ""}\n`,
  };
}

function failedReport(failure: RestoreFailure): Report {
  const { cause_code, code, details, phase, trust } = failure;
  const message = restoreMessage(failure);
  const untrusted = trust !== undefined && !trust.ok;
  return {
    facts: {
      ok: false,
      code,
      phase,
      cause_code,
      message,
      details,
      ...(untrusted ? { trust } : {}),
      exit_code: restoreExitCode(failure),
    },
    text: "",
    error: { message: `${code}: ${message}`, hints: [explain(untrusted ? trust.code : code).remedy] },
  };
}
