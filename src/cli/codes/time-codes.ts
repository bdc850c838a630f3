/** The codes of timestamps: why a token does not hold, and why an authority gave none. @module */

import { MAX_TIMESTAMP_BYTES, MAX_TIMESTAMPS, quote, type TimestampCode } from "../../core/internal.ts";
import type { OperationCode } from "../../node/index.ts";
import { countOf } from "../text/count-text.ts";
import { PROXY_HINT, proxyAnswer } from "./proxy-words.ts";
import type { OperationFacts, OperationRecord } from "./record.ts";

/** The codes of authorities, of tokens, and of the file that keeps them. */
type TimeCode =
  | TimestampCode
  | Extract<OperationCode, `TSA_${string}` | "TIMESTAMP_BEFORE_SEAL" | "TIMESTAMPS_FULL">;

/** The bundle is there; only its timestamp is missing. */
const AGAIN = "The bundle stands. Add a timestamp later with runseal sign --time RUN --tsa URL.";

/** One record for each code. */
export const TIME_RECORDS: Readonly<Record<TimeCode, OperationRecord>> = {
  TIMESTAMPS_MALFORMED: {
    exit: 1,
    message: ({ shown }) => `nothing can be added to the TIMESTAMPS.json of ${shown}`,
    meaning:
      "TIMESTAMPS.json is not a regular file, not of its form, not canonical, beyond its limits, or can't be read: no token in it counts, and none can be added. No verdict depends on it.",
    remedy: "Ask where it came from. Without it the bundle can be stamped again.",
  },
  TIMESTAMPS_FULL: {
    message: ({ shown }) => `${shown} has ${MAX_TIMESTAMPS} timestamps of trusted authorities already`,
    meaning: `The bundle has ${MAX_TIMESTAMPS} tokens that hold, by authorities that the trust file names; nothing was changed.`,
    remedy: "Nothing: the earliest of them counts, and a new one would be later.",
  },
  TIMESTAMP_MALFORMED: tokenRecord({
    meaning: "It is not a TimeStampToken of RFC 3161 in DER, or has more in it than runseal reads.",
  }),
  TIMESTAMP_IMPRINT_MISMATCH: tokenRecord({
    meaning: "It is over something else than this bundle's signature, or over another digest than SHA-256.",
  }),
  TIMESTAMP_NONCE_MISMATCH: tokenRecord({
    meaning: "It answers another request: the authority, or an attacker between, sent an old answer again.",
  }),
  TIMESTAMP_SIGNER_COUNT: tokenRecord({ meaning: "It has no signer, or several." }),
  TIMESTAMP_CERTIFICATE_MISSING: tokenRecord({
    meaning: "The certificate of its signer is not in it, although the request asked for it.",
  }),
  TIMESTAMP_CERTIFICATE_MISMATCH: tokenRecord({
    meaning: "Its signer names no certificate, or another one than that which its signature is by.",
  }),
  TIMESTAMP_ATTRIBUTES_INVALID: tokenRecord({
    meaning: "Its signer signed other content, or content of another type, than it has.",
  }),
  TIMESTAMP_ALGORITHM_REFUSED: tokenRecord({
    meaning:
      "A signature of it or of its certificates is weak: only RSA of at least 2048 bits and ECDSA count, with SHA-256 or stronger.",
  }),
  TIMESTAMP_SIGNATURE_INVALID: tokenRecord({ meaning: "The authority's signature does not hold." }),
  TIMESTAMP_USAGE_WRONG: tokenRecord({
    meaning:
      "Its signer's certificate is not for timestamps alone: the extended key usage must be critical and say only timeStamping.",
  }),
  TIMESTAMP_CHAIN_INVALID: tokenRecord({
    meaning: "Its certificates do not lead from its signer to the one that the trust file names.",
  }),
  TIMESTAMP_AUTHORITY_EXPIRED: tokenRecord({
    meaning:
      "A certificate of it was not valid at its time, or the trust file does not trust the authority at that time.",
  }),
  TIMESTAMP_AUTHORITY_UNKNOWN: tokenRecord({
    meaning: "No certificate in it is of an authority that the trust policy names.",
    remedy: "If you trust the authority, name its certificate with runseal trust add-tsa NAME CERT.",
  }),
  TIMESTAMP_BEFORE_SEAL: askingRecord({
    message: ({ url }) => `the time that ${quote(url)} says is before the one that the bundle says`,
    meaning:
      "The authority's time is before the moment at which the bundle says it was sealed: one of the two clocks is wrong. The token was not kept, because readers who trust the authority would refuse the bundle for it.",
    remedy: "Check this machine's clock. If it was wrong, seal again.",
  }),
  TSA_UNREACHABLE: askingRecord({
    message: ({ because, status, url, why }) =>
      `could not reach the timestamp authority ${quote(url)}${why === "proxy" ? ` through the proxy${proxyAnswer(status)}` : because}`,
    hints: ({ why }) => [why === "proxy" ? PROXY_HINT : AGAIN],
    meaning:
      "The timestamp authority can't be reached, or it ended the connection before its answer was whole.",
  }),
  TSA_TLS_FAILED: askingRecord({
    message: ({ url }) => `the certificate of the server ${quote(url)} is not accepted`,
    meaning: "The server of the timestamp authority has no certificate that this machine accepts.",
    remedy:
      "For an authority of your own, name its CA in NODE_EXTRA_CA_CERTS; then runseal sign --time RUN --tsa URL.",
  }),
  TSA_TIMEOUT: askingRecord({
    message: ({ seconds = 0, url }) =>
      `the timestamp authority ${quote(url)} gave no whole answer within ${countOf(seconds, "second")}`,
    meaning: "The timestamp authority was too slow.",
    remedy: `${AGAIN} --tsa-timeout waits longer.`,
  }),
  TSA_REDIRECTED: askingRecord({
    message: ({ url }) => `${quote(url)} sends runseal elsewhere, which it does not follow`,
    meaning: "The server answered with a redirect. runseal asks only the address that it was given.",
    remedy: "Ask for the authority's present address, and give that: runseal sign --time RUN --tsa URL.",
  }),
  TSA_HTTP_STATUS: askingRecord({
    message: ({ status, url }) => `${quote(url)} answered with HTTP status ${status}`,
    meaning: "The server answered with an error.",
  }),
  TSA_CONTENT_TYPE: askingRecord({
    message: ({ url }) => `${quote(url)} answered with something else than application/timestamp-reply`,
    meaning: "The answer is not of the type application/timestamp-reply: the address is not an authority's.",
    remedy: "Check the address; then runseal sign --time RUN --tsa URL.",
  }),
  TSA_TOO_LARGE: askingRecord({
    message: ({ url }) => `the answer of ${quote(url)} is too large`,
    meaning: `The answer has more than a token of ${countOf(MAX_TIMESTAMP_BYTES, "byte")} can take. The rest of it was not read.`,
  }),
  TSA_MALFORMED: askingRecord({
    message: ({ url }) => `${quote(url)} answered with something that is not a TimeStampResp of RFC 3161`,
    meaning: "The answer is not a TimeStampResp of RFC 3161 in DER.",
  }),
  TSA_REFUSED: askingRecord({
    message: ({ status, url }) => `the timestamp authority ${quote(url)} refused, with status ${status}`,
    meaning:
      "The timestamp authority refused to stamp. Status 2 is a rejection; 3 is waiting, 4 and 5 are revocations.",
  }),
  TSA_INTERRUPTED: askingRecord({
    message: ({ url }) => `interrupted while the timestamp authority ${quote(url)} was asked`,
    meaning: "A signal came while the authority was asked.",
  }),
  TSA_CERTIFICATE_MALFORMED: {
    exit: 2,
    message: ({ shown }) => `${shown} is neither a certificate nor sha256: and 64 lowercase hex`,
    meaning:
      "The certificate of a timestamp authority is one in PEM or DER, or the SHA-256 of its DER form as sha256: and 64 lowercase hex.",
    remedy: "Get the certificate, or its fingerprint, over a way that you trust.",
  },
};

/** A token that does not hold. `why` is the judge's reason. */
function tokenRecord({
  meaning,
  remedy,
}: Pick<OperationRecord, "meaning"> & Partial<Pick<OperationRecord, "remedy">>): OperationRecord {
  return askingRecord({
    message: ({ url, why = "" }) => `the timestamp of ${quote(url)} does not hold: ${why}`,
    meaning: `A timestamp does not count. ${meaning}`,
    ...(remedy === undefined ? {} : { remedy }),
  });
}

/** What an authority did not give. Its bundle is whole without it. */
function askingRecord({
  message,
  ...record
}: Pick<OperationRecord, "meaning"> &
  Partial<Pick<OperationRecord, "hints" | "remedy">> & {
    readonly message: (facts: OperationFacts & { readonly url: string }) => string;
  }): OperationRecord {
  return {
    exit: 9,
    remedy: AGAIN,
    ...record,
    message: (facts) => message({ ...facts, url: facts.url ?? "" }),
  };
}
