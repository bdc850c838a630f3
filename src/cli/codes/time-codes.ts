/** The codes of timestamps: why a token does not hold, and why an authority gave none. @module */

import { countOf } from "../../core/system/bytes/count-text.ts";
import type { OperationRecords } from "./code-record.ts";
import { PROXY_HINT, proxyAnswer } from "./registry-codes.ts";

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
      "TIMESTAMPS.json can't be read, or is not of its form: no token in it counts. No verdict depends on it.",
    remedy: "Ask where it came from. Without it the bundle can be stamped again.",
  },
  TIMESTAMP_INVALID: {
    exit: 9,
    message: ({ shown, ...facts }) =>
      `the timestamp of ${shown} does not hold${"why" in facts ? `: ${facts.why}` : ""}`,
    meaning:
      "A timestamp breaks a rule of RFC 3161, or the trust file does not vouch for it: it does not count.",
    remedy: AGAIN,
    reasons: {
      form: { meaning: "It is not a TimeStampToken in DER, or has more in it than runseal reads." },
      imprint: { meaning: "It is not over the SHA-256 of this bundle's signature." },
      nonce: { meaning: "It answers another request: an old answer was sent again." },
      "signer-count": { meaning: "It has no signer, or several." },
      "certificate-missing": { meaning: "The certificate of its signer is not in it." },
      "certificate-mismatch": {
        meaning: "Its signer names no certificate, or another one than it signed with.",
      },
      attributes: { meaning: "Its signer signed other content, or content of another type, than it has." },
      algorithm: { meaning: "Only RSA from 2048 bits and ECDSA count, with SHA-256 or stronger." },
      signature: { meaning: "The authority's signature does not hold." },
      usage: { meaning: "Its signer's certificate is not for timestamps alone, by a critical key usage." },
      chain: { meaning: "Its certificates do not lead to the one that the trust file names." },
      expired: { meaning: "A certificate was not valid at its time, or the authority not trusted then." },
      "authority-unknown": {
        message: "no certificate in the timestamp is of an authority that the trust policy names",
        remedy: "If you trust the authority, name its certificate with runseal trust add NAME --tsa CERT.",
      },
      "before-seal": {
        message: ({ shown }) => `the time that ${shown} says is before the one that the bundle says`,
        meaning: "One of the two clocks is wrong. The token was not kept.",
        remedy: "Check this machine's clock. If it was wrong, seal again.",
      },
    },
  },
  TSA_UNREACHABLE: {
    exit: 9,
    meaning: "The timestamp authority can't be reached, or its answer was not whole.",
    remedy: AGAIN,
    reasons: {
      lost: ({ shown }) => `could not reach the timestamp authority ${shown}`,
      proxy: {
        message: ({ shown, status }) =>
          `could not reach the timestamp authority ${shown} through the proxy${proxyAnswer(status)}`,
        meaning: "The proxy of the environment can't be reached, or refused.",
        remedy: PROXY_HINT,
      },
      tls: {
        message: ({ shown }) => `the certificate of the server ${shown} is not accepted`,
        remedy:
          "For an authority of your own, name its CA in NODE_EXTRA_CA_CERTS; then runseal sign --time RUN --tsa URL.",
      },
      timeout: {
        message: ({ seconds, shown }) =>
          `the timestamp authority ${shown} gave no whole answer within ${countOf(seconds, "second")}`,
        meaning: "It gave no whole answer in time.",
        remedy: `${AGAIN} RUNSEAL_TSA_TIMEOUT, in seconds, allows it more.`,
      },
      interrupted: ({ shown }) => `interrupted while the timestamp authority ${shown} was asked`,
    },
  },
  TSA_ANSWER_MALFORMED: {
    exit: 9,
    meaning: "What answered is not a timestamp authority, or not as RFC 3161 has it.",
    remedy: "Check the address; then runseal sign --time RUN --tsa URL.",
    reasons: {
      redirect: {
        message: ({ shown }) => `${shown} sends runseal elsewhere, which it does not follow`,
        remedy: "Ask for the authority's present address, and give that: runseal sign --time RUN --tsa URL.",
      },
      status: {
        message: ({ shown, status }) => `${shown} answered with HTTP status ${status}`,
        meaning: "It answered with another HTTP status than 200.",
        remedy: AGAIN,
      },
      "content-type": ({ shown }) => `${shown} answered with something else than application/timestamp-reply`,
      "too-large": { message: ({ shown }) => `the answer of ${shown} is too large`, remedy: AGAIN },
      form: {
        message: ({ shown }) => `${shown} answered with something that is not a TimeStampResp of RFC 3161`,
        remedy: AGAIN,
      },
    },
  },
  TSA_REFUSED: {
    exit: 9,
    message: ({ shown, status }) => `the timestamp authority ${shown} refused, with status ${status}`,
    meaning: "The authority refused. Status 2 is a rejection; 3 is waiting, 4 and 5 are revocations.",
    remedy: AGAIN,
  },
};
