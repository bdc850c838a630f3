/** What the errors of a connection mean. @module */

/** OpenSSL's reasons to refuse a certificate, and Node's. */
const TLS_CODES =
  /^(?:ERR_TLS_|ERR_SSL_|CERT_|CRL_|UNABLE_TO_|DEPTH_ZERO_|SELF_SIGNED_|INVALID_CA|PATH_LENGTH_|HOSTNAME_|EPROTO$)/;

/** What OpenSSL says of an answer that is not TLS. */
const NOT_TLS = /wrong version number|packet length too long|http request|record layer failure/i;

/** The code of an error, `undefined` if it has none. */
export function connectionCode(thrown: unknown): string | undefined {
  return thrown instanceof Error && "code" in thrown ? String(thrown.code) : undefined;
}

/** Whether this side refused the other one's certificate, or they agreed on no encryption. */
export function isTlsRefusal(thrown: unknown): boolean {
  return TLS_CODES.test(connectionCode(thrown) ?? "");
}

/** Whether the other side answered TLS with something else. */
export function isNotTls(thrown: unknown): boolean {
  return isTlsRefusal(thrown) && thrown instanceof Error && NOT_TLS.test(thrown.message);
}

/** Whether the other side sent what is not HTTP, or another protocol unasked. A connection that ends in the middle of an answer is another matter. */
export function isNotHttp(thrown: unknown): boolean {
  if (!(thrown instanceof Error)) return false;
  const { message, name } = thrown;
  if (name === "HTTPParserError") return !message.includes("Invalid EOF state");
  return connectionCode(thrown) === "UND_ERR_HEADERS_OVERFLOW" || message === "bad upgrade";
}
