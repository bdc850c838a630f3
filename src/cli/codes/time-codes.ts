/** The codes of timestamps: why a token does not hold, and why an authority gave none. @module */

import { MAX_TIMESTAMP_BYTES, quote } from "../../core/internal.ts";
import { countOf } from "../text/count-text.ts";
import { PROXY_HINT, proxyAnswer } from "./proxy-words.ts";
import type { OperationFacts, OperationRecords } from "./record.ts";

/** The codes of authorities, of tokens, and of the file that keeps them. */
type TimeCode =
  | "TIMESTAMP_INVALID"
  | "TIMESTAMPS_MALFORMED"
  | "TSA_ANSWER_MALFORMED"
  | "TSA_REFUSED"
  | "TSA_UNREACHABLE";

/** The bundle is there; only its timestamp is missing. */
const AGAIN = "The bundle stands. Add a timestamp later with runseal sign --time RUN --tsa URL.";

/** One record for each code. */
export const TIME_RECORDS: OperationRecords<TimeCode> = {
  TIMESTAMPS_MALFORMED: {
    exit: 1,
    message: ({ shown }) => `nothing can be added to the TIMESTAMPS.json of ${shown}`,
    meaning:
      "TIMESTAMPS.json is not a regular file, not of its form, not canonical, beyond its limits, or can't be read: no token in it counts, and none can be added. No verdict depends on it.",
    remedy: "Ask where it came from. Without it the bundle can be stamped again.",
  },
  TIMESTAMP_INVALID: {
    exit: 9,
    message: ({ url = "", why = "" }) => `the timestamp of ${quote(url)} does not hold: ${why}`,
    meaning:
      "A timestamp does not count: it breaks a rule of RFC 3161, or the trust file does not vouch for it.",
    remedy: AGAIN,
    reasons: {
      form: { meaning: "It is not a TimeStampToken in DER, or has more in it than runseal reads." },
      imprint: {
        meaning:
          "It is over something else than this bundle's signature, or over another digest than SHA-256.",
      },
      nonce: {
        meaning:
          "It answers another request: the authority, or an attacker between, sent an old answer again.",
      },
      "signer-count": { meaning: "It has no signer, or several." },
      "certificate-missing": {
        meaning: "The certificate of its signer is not in it, although the request asked for it.",
      },
      "certificate-mismatch": {
        meaning: "Its signer names no certificate, or another one than that which its signature is by.",
      },
      attributes: { meaning: "Its signer signed other content, or content of another type, than it has." },
      algorithm: {
        meaning:
          "A signature of it or of its certificates is weak: only RSA of at least 2048 bits and ECDSA count, with SHA-256 or stronger.",
      },
      signature: { meaning: "The authority's signature does not hold." },
      usage: {
        meaning:
          "Its signer's certificate is not for timestamps alone: the extended key usage must be critical and say only timeStamping.",
      },
      chain: {
        meaning: "Its certificates do not lead from its signer to the one that the trust file names.",
      },
      expired: {
        meaning:
          "A certificate of it was not valid at its time, or the trust file does not trust the authority at that time.",
      },
      "authority-unknown": {
        message: "no certificate in the timestamp is of an authority that the trust policy names",
        remedy: "If you trust the authority, name its certificate with runseal trust add-tsa NAME CERT.",
      },
      "before-seal": {
        message: ({ url = "" }) => `the time that ${quote(url)} says is before the one that the bundle says`,
        meaning:
          "One of the two clocks is wrong. The token was not kept, because readers who trust the authority would refuse the bundle for it.",
        remedy: "Check this machine's clock. If it was wrong, seal again.",
      },
    },
  },
  TSA_UNREACHABLE: {
    exit: 9,
    meaning:
      "The timestamp authority can't be reached, or it ended the connection before its answer was whole.",
    remedy: AGAIN,
    reasons: {
      lost: { message: (facts) => `could not reach the timestamp authority ${authority(facts)}` },
      proxy: {
        message: (facts) =>
          `could not reach the timestamp authority ${authority(facts)} through the proxy${proxyAnswer(facts.status)}`,
        remedy: PROXY_HINT,
      },
      tls: {
        message: (facts) => `the certificate of the server ${authority(facts)} is not accepted`,
        remedy:
          "For an authority of your own, name its CA in NODE_EXTRA_CA_CERTS; then runseal sign --time RUN --tsa URL.",
      },
      timeout: {
        message: ({ seconds = 0, ...facts }) =>
          `the timestamp authority ${authority(facts)} gave no whole answer within ${countOf(seconds, "second")}`,
        remedy: `${AGAIN} --tsa-timeout waits longer.`,
      },
      interrupted: {
        message: (facts) => `interrupted while the timestamp authority ${authority(facts)} was asked`,
      },
    },
  },
  TSA_ANSWER_MALFORMED: {
    exit: 9,
    meaning: "What answered is not a timestamp authority, or not as RFC 3161 has it.",
    remedy: "Check the address; then runseal sign --time RUN --tsa URL.",
    reasons: {
      redirect: {
        message: (facts) => `${authority(facts)} sends runseal elsewhere, which it does not follow`,
        remedy: "Ask for the authority's present address, and give that: runseal sign --time RUN --tsa URL.",
      },
      status: {
        message: ({ status, ...facts }) => `${authority(facts)} answered with HTTP status ${status}`,
        remedy: AGAIN,
      },
      "content-type": {
        message: (facts) =>
          `${authority(facts)} answered with something else than application/timestamp-reply`,
      },
      "too-large": {
        message: (facts) => `the answer of ${authority(facts)} is too large`,
        meaning: `It has more than a token of ${countOf(MAX_TIMESTAMP_BYTES, "byte")} can take. The rest was not read.`,
        remedy: AGAIN,
      },
      form: {
        message: (facts) =>
          `${authority(facts)} answered with something that is not a TimeStampResp of RFC 3161`,
        remedy: AGAIN,
      },
    },
  },
  TSA_REFUSED: {
    exit: 9,
    message: ({ status, ...facts }) =>
      `the timestamp authority ${authority(facts)} refused, with status ${status}`,
    meaning:
      "The timestamp authority refused to stamp. Status 2 is a rejection; 3 is waiting, 4 and 5 are revocations.",
    remedy: AGAIN,
  },
};

function authority({ url = "" }: Pick<OperationFacts, "url">): string {
  return quote(url);
}
