/**
 * A proxy between a client and a registry on the loopback interface: it counts what passes, and does what a schedule says to requests.
 *
 * @module
 */

import {
  type ClientRequest,
  createServer,
  type IncomingMessage,
  type OutgoingHttpHeaders,
  type ServerResponse,
  request as sendRequest,
} from "node:http";
import type { AddressInfo } from "node:net";

/** What the proxy may do to a request. */
export const PROXY_FAULTS = [
  "cut the request",
  "cut the answer",
  "lose the answer",
  "delay the answer",
  "never answer",
  "corrupt the request",
  "corrupt the answer",
  "answer 401",
  "answer 404",
  "answer 429",
  "answer 500",
] as const;

/** One of them. */
export type ProxyFault = (typeof PROXY_FAULTS)[number];

/** A fault, and where in a body: 0 at its begin, below 1. */
export interface Planned {
  readonly fault: ProxyFault;
  readonly where: number;
}

/** Says what becomes of a request; `undefined` lets it pass. */
export type Schedule = (request: IncomingMessage) => Planned | undefined;

/** A proxy that is up. */
export interface FaultProxy extends AsyncDisposable {
  /** `127.0.0.1:PORT` */
  readonly host: string;
  /** Requests that were not left alone, so far. */
  readonly faults: number;
  /** Bytes of the bodies of requests that arrived from the client. */
  readonly sentUp: number;
  /** Bytes of the bodies of answers that were given to the client. */
  readonly sentDown: number;
  /** Another schedule, from the next request on. */
  schedule: Schedule | undefined;
}

/** Milliseconds of a delay: shorter than the patience of any client here. */
const DELAY_MS = 50;

const STATUS = /^answer ([0-9]{3})$/;

/** Starts a proxy to a host. It asks for each request what its schedule has for it. */
export async function startFaultProxy(host: string, schedule?: Schedule): Promise<FaultProxy> {
  const [hostname, port] = host.split(":");
  const counts = { faults: 0, up: 0, down: 0 };
  const state = { schedule };
  const server = createServer((near, answer) => {
    const planned = state.schedule?.(near);
    if (planned !== undefined) counts.faults += 1;
    const status = STATUS.exec(planned?.fault ?? "")?.[1];
    near
      .on("error", () => undefined)
      .on("data", (chunk: Buffer) => {
        counts.up += chunk.length;
      });
    if (status !== undefined) {
      near.resume().once("end", () => answer.writeHead(Number(status), { "retry-after": "0" }).end());
      return;
    }
    const { headers, method, url } = near;
    const far = sendRequest({ hostname, port, method, path: url, headers, agent: false });
    answer.once("close", () => far.destroy());
    far.on("error", () => answer.destroy());
    far.once("response", (from) => {
      passAnswer(from, answer, planned, (bytes) => {
        counts.down += bytes;
      });
    });
    passRequest(near, far, planned, answer);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    host: `127.0.0.1:${(server.address() as AddressInfo).port}`,
    get faults() {
      return counts.faults;
    },
    get sentUp() {
      return counts.up;
    },
    get sentDown() {
      return counts.down;
    },
    get schedule() {
      return state.schedule;
    },
    set schedule(next) {
      state.schedule = next;
    },
    [Symbol.asyncDispose]: async () => {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      server.closeAllConnections();
      await closed;
    },
  };
}

/** Hands on the body of a request, up to a cut, or with one bit of it changed. */
function passRequest(
  near: IncomingMessage,
  far: ClientRequest,
  planned: Planned | undefined,
  answer: ServerResponse,
): void {
  const at = placeIn(near.headers, planned);
  let passed = 0;
  near.on("data", (chunk: Buffer) => {
    if (planned?.fault === "cut the request" && passed + chunk.length > at) {
      // What came before the cut is the registry's.
      far.write(chunk.subarray(0, Math.max(0, at - passed)), () => far.destroy());
      answer.destroy();
      return;
    }
    const isHit = planned?.fault === "corrupt the request" && at >= passed && at < passed + chunk.length;
    const goesOn = far.write(isHit ? corrupted(chunk, at - passed) : chunk);
    passed += chunk.length;
    if (goesOn) return;
    near.pause();
    far.once("drain", () => near.resume());
  });
  near.once("end", () => {
    // A request without a body is cut before it is sent.
    if (planned?.fault === "cut the request") {
      far.destroy();
      answer.destroy();
    } else far.end();
  });
}

/** Hands on an answer, or as much of it as the fault lets pass. */
function passAnswer(
  from: IncomingMessage,
  answer: ServerResponse,
  planned: Planned | undefined,
  count: (bytes: number) => void,
): void {
  const { fault } = planned ?? {};
  if (fault === "never answer" || fault === "lose the answer") {
    // The registry has done what it was asked for.
    from.resume();
    if (fault === "lose the answer") from.once("end", () => answer.destroy());
    return;
  }
  const begin = (): void => {
    const at = placeIn(from.headers, planned);
    let passed = 0;
    answer.writeHead(from.statusCode ?? 500, from.headers);
    if (fault === "cut the answer" && Number(from.headers["content-length"] ?? 0) === 0) answer.destroy();
    from.on("data", (chunk: Buffer) => {
      if (fault === "cut the answer" && passed + chunk.length > at) {
        const head = chunk.subarray(0, Math.max(0, at - passed));
        count(head.length);
        answer.write(head, () => answer.destroy());
        from.destroy();
        return;
      }
      const isHit = fault === "corrupt the answer" && at >= passed && at < passed + chunk.length;
      const goesOn = answer.write(isHit ? corrupted(chunk, at - passed) : chunk);
      passed += chunk.length;
      count(chunk.length);
      if (goesOn) return;
      from.pause();
      answer.once("drain", () => from.resume());
    });
    from.once("end", () => answer.end());
    from.on("error", () => answer.destroy());
  };
  if (fault === "delay the answer") setTimeout(begin, DELAY_MS);
  else begin();
}

/** The byte of a body at which a fault happens. */
function placeIn(headers: OutgoingHttpHeaders, planned: Planned | undefined): number {
  return Math.floor(Number(headers["content-length"] ?? 0) * (planned?.where ?? 0));
}

function corrupted(chunk: Buffer, at: number): Buffer {
  const copy = Buffer.from(chunk);
  copy[at] = (copy[at] ?? 0) ^ 1;
  return copy;
}
