/** Connections to servers, each used again, and the user's proxy on the way to them. @module */

import { setMaxListeners } from "node:events";
import { Socket } from "node:net";
import type { buildConnector, Dispatcher } from "undici";
import type { Environment } from "../runtime/user-home.ts";
import { chooseProxy } from "./choose-proxy.ts";
import { connectionCode, isTlsRefusal } from "./connection-errors.ts";

/** Bytes of an answer's headers. */
const MAX_HEADER_BYTES: number = 32 * 1024;

/** Connections to one host at a time: uploads and downloads are spread over them. */
const MAX_CONNECTIONS = 8;

/** Times of a connection, in milliseconds. */
export interface ConnectionTimes {
  /** For a connection; for one through a proxy, first to the proxy and its answer, then for TLS. */
  readonly connectMs: number;
  /** In which an answer must begin once it was asked for, or, while a body is sent, in which the system must take more of it. */
  readonly idleMs: number;
}

/** Which requests go through the user's proxy: those with TLS, of which it sees host and port alone, or those in plain HTTP too. */
export type Proxied = "tls" | "all";

/** A proxy that can't be used, can't be reached or refuses. Its text names no address: that may hold a password. */
export class ProxyFailure extends Error {
  /** The status by which the proxy refused; `undefined` where it gave none. */
  readonly status: number | undefined;
  /** Whether the next try may succeed. */
  readonly isTransient: boolean;

  constructor(message: string, isTransient: boolean, status?: number) {
    super(message);
    this.status = status;
    this.isTransient = isTransient;
  }
}

/** What a request is sent by: a server, as it is reached, with the headers that are for a proxy on the way. */
export interface Route {
  readonly dispatcher: Dispatcher;
  readonly origin: string;
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
}

/** Connections, by the way that leads to them. Its owner closes them. */
export class Connections implements Disposable {
  readonly #dispatchers = new Map<string, Dispatcher>();
  readonly #environment: Environment;
  readonly #times: ConnectionTimes;
  readonly #proxied: Proxied;
  readonly #closed = new AbortController();

  constructor(environment: Environment, times: ConnectionTimes, proxied: Proxied) {
    this.#environment = environment;
    this.#times = times;
    this.#proxied = proxied;
    // Each connection listens.
    setMaxListeners(0, this.#closed.signal);
  }

  /** The way to an address with http: or https:. Throws a ProxyFailure. */
  async routeTo(url: URL): Promise<Route> {
    // It takes a while to load, and few commands need it.
    const { Agent, buildConnector, Pool } = await import("undici");
    const { connectMs, idleMs } = this.#times;
    // Without the signal, a connection that is being made keeps the program alive.
    const timed = { timeout: connectMs, signal: this.#closed.signal };
    const options = {
      connect: timed,
      connections: MAX_CONNECTIONS,
      maxHeaderSize: MAX_HEADER_BYTES,
      headersTimeout: idleMs,
      // The exchange has its own: a byte a minute is not an answer.
      bodyTimeout: 0,
    };
    const proxy = this.#proxyFor(url);
    const direct = { origin: url.origin, path: `${url.pathname}${url.search}`, headers: {} };
    if (proxy === undefined) return { ...direct, dispatcher: this.#keep("", () => new Agent(options)) };
    const plain = buildConnector(timed);
    // An empty name stands for the proxy's own. Else its certificate would be compared with the server behind it, and any machine on the way
    // that has a certificate of that server would get the proxy's password.
    const connectToProxy: buildConnector.connector = (to, done) => plain({ ...to, servername: "" }, done);
    const proxyOptions = { ...options, headersTimeout: connectMs, connect: connectToProxy };
    const toProxy = this.#keep("proxy", () => new Pool(proxy.origin, proxyOptions));
    // In absolute form (RFC 9112, section 3.2.2): the proxy sees the request, as any machine on the way does.
    if (url.protocol === "http:")
      return {
        dispatcher: toProxy,
        origin: proxy.origin,
        path: url.href,
        headers: { host: url.host, ...proxyCredentials(proxy) },
      };
    const connect = tunnelConnector(proxy, toProxy, buildConnector(timed));
    return { ...direct, dispatcher: this.#keep("tunnel", () => new Agent({ ...options, connect })) };
  }

  #keep<Made extends Dispatcher>(way: string, make: () => Made): Dispatcher {
    const dispatcher = this.#dispatchers.get(way) ?? make();
    this.#dispatchers.set(way, dispatcher);
    return dispatcher;
  }

  #proxyFor(url: URL): URL | undefined {
    if (url.protocol === "http:" && this.#proxied === "tls") return undefined;
    const proxy = chooseProxy(url, this.#environment);
    if (!proxy.ok) throw new ProxyFailure("the variable names no proxy with http: or https:", false);
    return proxy.value;
  }

  /** Closes all connections. */
  close(): void {
    for (const dispatcher of this.#dispatchers.values()) void dispatcher.destroy();
    this.#closed.abort();
  }

  [Symbol.dispose](): void {
    this.close();
  }
}

/** Loads what requests need, before a command runs that may replace the package. */
export async function loadClient(): Promise<void> {
  await import("undici");
}

/** Connects by TLS through a proxy's CONNECT (RFC 9110, section 9.3.6). */
function tunnelConnector(
  proxy: URL,
  toProxy: Dispatcher,
  secure: buildConnector.connector,
): buildConnector.connector {
  return (options, callback) => {
    const port = options.port === "" ? "443" : options.port;
    const host = options.hostname.includes(":") ? `[${options.hostname}]` : options.hostname;
    const path = `${host}:${port}`;
    const asked = toProxy.connect({
      origin: proxy.origin,
      path,
      headers: { host: path, ...proxyCredentials(proxy) },
    });
    void asked.then(
      ({ socket, statusCode }) => {
        const isOpen = statusCode >= 200 && statusCode < 300;
        if (isOpen && socket instanceof Socket) return secure({ ...options, httpSocket: socket }, callback);
        socket.on("error", () => undefined).destroy();
        const message = `the proxy refused with HTTP status ${statusCode}`;
        return callback(new ProxyFailure(message, statusCode >= 500, statusCode), null);
      },
      (thrown: unknown) => {
        const message = `the proxy can't be reached: ${connectionCode(thrown) ?? "other"}`;
        callback(new ProxyFailure(message, !isTlsRefusal(thrown)), null);
      },
    );
  };
}

/** The header with the name and password of a proxy's address; none where it has none. It is for the proxy alone, and for no other server. */
function proxyCredentials({ password, username }: URL): Readonly<Record<string, string>> {
  if (username === "" && password === "") return {};
  const words = `${decoded(username)}:${decoded(password)}`;
  return { "proxy-authorization": `Basic ${Buffer.from(words).toString("base64")}` };
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    // A lone percent sign is meant as it stands.
    return text;
  }
}
