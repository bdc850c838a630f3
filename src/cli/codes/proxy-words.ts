/** What codes say of the user's proxy. No address of it: that may hold a password. @module */

/** What to do. */
export const PROXY_HINT =
  "Check HTTPS_PROXY, HTTP_PROXY and NO_PROXY: a proxy has an address with http: or https:, a name and password if it wants them.";

/** How the proxy answered, if it did. */
export function proxyAnswer(status: number | undefined): string {
  return status === undefined ? "" : `, which refused with HTTP status ${status}`;
}
