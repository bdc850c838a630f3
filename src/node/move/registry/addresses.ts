/** Where requests to a registry may go. @module */

import { isThisMachine } from "../../system/http/choose-proxy.ts";

/** Characters of an address that a registry names. */
const MAX_ADDRESS = 8192;

/** The one registry whose API is at another host than the one in its references. */
const OTHER_HOSTS: ReadonlyMap<string, string> = new Map([["docker.io", "registry-1.docker.io"]]);

/** The address below which a registry's API is; it ends with `/`. `host` is one of a lawful reference. */
export function apiAddress(host: string, plainHttp: boolean | undefined): URL {
  const https = new URL(`https://${OTHER_HOSTS.get(host) ?? host}/v2/`);
  const isPlain = plainHttp ?? isThisMachine(https.hostname);
  // Not by replacing the protocol: a port that is the default one of https is gone there.
  return isPlain ? new URL(`http://${OTHER_HOSTS.get(host) ?? host}/v2/`) : https;
}

/**
 * The address to which a registry sends on from another one, by a redirect or `Location`. `undefined` for one that is not followed:
 * plain HTTP after https, or to another machine than this one unless the caller allowed it; one with a user in it.
 */
export function nextAddress(from: URL, text: string | undefined, plainHttp: boolean): URL | undefined {
  const next = readAddress(text, from);
  if (next?.protocol !== "http:") return next;
  return from.protocol === "http:" && (plainHttp || isThisMachine(next.hostname)) ? next : undefined;
}

/** The address of a token server: https, or on this machine. */
export function realmAddress(text: string | undefined): URL | undefined {
  const realm = readAddress(text);
  return realm?.protocol !== "http:" || isThisMachine(realm.hostname) ? realm : undefined;
}

/** An address with http: or https:, and without a user in it. */
function readAddress(text: string | undefined, from?: URL): URL | undefined {
  if (text === undefined || text.length > MAX_ADDRESS || !URL.canParse(text, from?.href)) return undefined;
  const address = new URL(text, from);
  if (address.username !== "" || address.password !== "") return undefined;
  address.hash = "";
  return address.protocol === "https:" || address.protocol === "http:" ? address : undefined;
}
