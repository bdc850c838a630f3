/**
 * Which proxy a request goes through, by HTTPS_PROXY, HTTP_PROXY and NO_PROXY, as curl, git and the tools written in Go read them.
 *
 * @module
 */

import { BlockList, isIPv4 } from "node:net";
import { ok, type Result } from "../../../core/internal.ts";
import type { Environment } from "../runtime/user-home.ts";

/** A value that names no proxy that runseal can use. A direct connection instead would go around the user's proxy. */
export interface UnusableProxy {
  readonly ok: false;
  readonly code: "PROXY_UNUSABLE";
}

/** Characters of an entry of NO_PROXY, and of a proxy's address. */
const MAX_CHARACTERS = 2048;

/**
 * The address of the proxy for an address with http: or https:, `undefined` for a direct connection. This machine is never reached through
 * a proxy. Fails for a proxy of another kind than http: and https:, such as socks5:.
 */
export function chooseProxy(url: URL, environment: Environment): Result<URL | undefined, UnusableProxy> {
  const text = proxyText(url.protocol, environment).trim();
  if (text === "" || isThisMachine(url.hostname)) return ok(undefined);
  if (isExcepted(url, variable(environment, "no_proxy") ?? "")) return ok(undefined);
  const address = text.includes("://") ? text : `http://${text}`;
  const proxy = text.length <= MAX_CHARACTERS && URL.canParse(address) ? new URL(address) : undefined;
  if (proxy === undefined || (proxy.protocol !== "http:" && proxy.protocol !== "https:"))
    return { ok: false, code: "PROXY_UNUSABLE" };
  return ok(proxy);
}

function proxyText(protocol: string, environment: Environment): string {
  if (protocol === "https:") return variable(environment, "https_proxy") ?? "";
  const { REQUEST_METHOD, http_proxy } = environment;
  // In a CGI program, a client sets HTTP_PROXY by a header Proxy: (https://httpoxy.org).
  if (REQUEST_METHOD !== undefined) return http_proxy ?? "";
  return variable(environment, "http_proxy") ?? "";
}

/** The variable in lower case comes first, as curl has it. */
function variable(environment: Environment, name: string): string | undefined {
  return environment[name] ?? environment[name.toUpperCase()];
}

/** Whether a host, as `URL` gives it, is this machine by its name alone. No name is looked up. */
export function isThisMachine(hostname: string): boolean {
  return hostname === "localhost" || hostname === "[::1]" || /^127(?:\.[0-9]{1,3}){3}$/.test(hostname);
}

/** Whether an entry of NO_PROXY is about a host: `*`, a name with all below it, an address, a range of IPv4, each with or without a port. */
function isExcepted({ hostname, port, protocol }: URL, list: string): boolean {
  const wantedPort = port === "" ? (protocol === "https:" ? "443" : "80") : port;
  return list.split(/[\s,]+/).some((entry) => {
    if (entry === "" || entry.length > MAX_CHARACTERS) return false;
    if (entry === "*") return true;
    const [, host = "", entryPort] = /^(.*?)(?::([0-9]+))?$/.exec(entry.toLowerCase()) ?? [];
    // An address of IPv6 without brackets has no port.
    const isBareIpv6 = host.includes(":") && !host.startsWith("[");
    if (isBareIpv6) return hostname === `[${entry.toLowerCase()}]`;
    if (entryPort !== undefined && entryPort !== wantedPort) return false;
    return isHost(hostname, host);
  });
}

function isHost(hostname: string, entry: string): boolean {
  if (entry.includes("/")) return isInRange(hostname, entry);
  const name = entry.replace(/^\*?\./, "");
  return name !== "" && (hostname === name || (!isIPv4(hostname) && hostname.endsWith(`.${name}`)));
}

function isInRange(hostname: string, entry: string): boolean {
  const [, net = "", prefix = ""] = /^([0-9.]+)\/([0-9]{1,2})$/.exec(entry) ?? [];
  if (!isIPv4(net) || !isIPv4(hostname) || Number(prefix) > 32) return false;
  const range = new BlockList();
  range.addSubnet(net, Number(prefix));
  return range.check(hostname);
}
