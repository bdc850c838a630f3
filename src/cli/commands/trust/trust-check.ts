/** `runseal trust check KEY`: what the policy says about bundles by this key. @module */

import { formatUtcSecond, parsePublicKey, signedAt } from "../../../core/internal.ts";
import { openTrustFile, placeOfTrustFile } from "../../../node/keys/trust/edit-trust-file.ts";
import { nodeCrypto } from "../../../node/system/runtime/node-crypto.ts";
import { remedyOf } from "../../codes/all-codes.ts";
import { knownKeys, readKeyArgument } from "../../options/public-key-operand.ts";
import { answerTrust, chooseTrust } from "../../options/trust-options.ts";
import { failureReport } from "../../output/failure-report.ts";
import type { Io } from "../../output/io.ts";
import { doneReport, type Report } from "../../output/report.ts";
import { signerFacts } from "../../verdict/verdict-facts.ts";
import { signerWords } from "../../verdict/verify-text.ts";
import type { TrustFileOptions } from "./trust.ts";
import type { TrustCheckResult } from "./trust-results.ts";

/** Decides about a bound bundle that is sealed now and has no countersignatures. */
export function runTrustCheck(keyWords: readonly string[], options: TrustFileOptions, io: Io): Report {
  const opened = openTrustFile(placeOfTrustFile(options.trust, io.environment));
  const text = keyWords.join(" ");
  const lines = opened.ok ? opened.value.lines : [];
  const ofName = lines.filter(({ names }) => names.includes(text)).map(({ publicKeyHex }) => publicKeyHex);
  const [only, ...others] = new Set(ofName);
  const named =
    only !== undefined && others.length === 0
      ? { publicKeyHex: only }
      : readKeyArgument(text, knownKeys(io, lines));
  if ("report" in named) return named.report;
  const signer = parsePublicKey(named.publicKeyHex, nodeCrypto);
  if (signer === undefined) throw new TypeError("a named key was parsed before");
  const choice = chooseTrust({ ...options, signer: [] }, io);
  if ("report" in choice) return choice.report;
  const now = io.now();
  const trust = answerTrust(choice, signedAt(signer, formatUtcSecond(now)), now);
  const would = trust.ok ? "would be trusted" : "would not be trusted";
  const message = `a bundle that this key seals now ${would}: ${trust.reason}`;
  const known = { signer: signerFacts(signer, trust.name), trust };
  const described = `signer   ${signerWords(signer, trust.name)}\n`;
  return trust.ok
    ? doneReport<TrustCheckResult>(message, known, `${described}trust    ${trust.reason}\ntrusted\n`)
    : failureReport<TrustCheckResult>(
        { code: trust.code, message, known, hints: [remedyOf(trust.code)] },
        described,
      );
}
