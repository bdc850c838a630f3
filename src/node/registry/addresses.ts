/** Where requests to a registry may go. @module */

/** Characters of an address that a registry names. */
const MAX_ADDRESS = 8192;

/** The one registry whose API is at another host than the one in its references. */
const OTHER_HOSTS: ReadonlyMap<string, string> = new Map([["docker.io", "registry-1.docker.io"]]);

/** The address below which a registry's API is; it ends with `/`. `host` is one of a lawful reference. */
export function apiAddress(host: string, plainHttp: boolean | undefined): URL {
  const https = new URL(`https://${OTHER_HOSTS.get(host) ?? host}/v2/`);
  const isPlain = plainHttp ?? isLoopback(https.hostname);
  // Not by replacing the protocol: a port that is the default one of https is gone there.
  return isPlain ? new URL(`http://${OTHER_HOSTS.get(host) ?? host}/v2/`) : https;
}

/** Whether a host, as `URL` gives it, is this machine by its name alone. No name is looked up. */
export function isLoopback(hostname: string): boolean {
  return hostname === "localhost" || hostname === "[::1]" || /^127(?:\.[0-9]{1,3}){3}$/.test(hostname);
}

/**
 * The address to which a registry sends on from another one, by a redirect or `Location`. `undefined` for one that is not followed:
 * plain HTTP after https, or to another machine than this one unless the caller allowed it; one with a user in it.
 */
export function nextAddress(from: URL, text: string | undefined, plainHttp: boolean): URL | undefined {
  if (text === undefined || text.length > MAX_ADDRESS || !URL.canParse(text, from.href)) return undefined;
  const next = new URL(text, from.href);
  if (next.username !== "" || next.password !== "") return undefined;
  next.hash = "";
  if (next.protocol === "https:") return next;
  if (next.protocol !== "http:" || from.protocol !== "http:") return undefined;
  return plainHttp || isLoopback(next.hostname) ? next : undefined;
}

/** The address of a token server: https, or on this machine. */
export function realmAddress(text: string | undefined): URL | undefined {
  if (text === undefined || text.length > MAX_ADDRESS || !URL.canParse(text)) return undefined;
  const realm = new URL(text);
  if (realm.username !== "" || realm.password !== "") return undefined;
  realm.hash = "";
  if (realm.protocol === "https:") return realm;
  return realm.protocol === "http:" && isLoopback(realm.hostname) ? realm : undefined;
}
