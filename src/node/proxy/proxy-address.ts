/** Where a proxy is, and by which name it is known. @module */

import { isIP } from "node:net";

/** What a request to a proxy needs to know of the proxy's address. */
export interface ProxyAddress {
  readonly hostname: string;
  /** Empty for the port of the protocol. */
  readonly port: string;
  /** The name that the certificate of a proxy with TLS must have; empty for an IP address, which Node compares by itself. */
  readonly servername: string;
}

/**
 * The address of a proxy, for `request`. Without a server name, Node compares the certificate with the header `host`, which names the
 * server behind the proxy. A machine on the way with a certificate for that server would get the proxy's password, and no proxy would be
 * accepted by its own certificate.
 */
export function proxyAddress({ hostname, port }: URL): ProxyAddress {
  const bare = hostname.replace(/^\[(.*)\]$/, "$1");
  return { hostname: bare, port, servername: isIP(bare) === 0 ? bare : "" };
}
