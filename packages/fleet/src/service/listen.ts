/** Where the service listens: on a unix socket that only its user opens, or on loopback. @module */

import { lstatSync, unlinkSync } from "node:fs";
import { connect, isIP } from "node:net";
import { join } from "node:path";
import type { FastifyInstance } from "fastify";
import type { Environment } from "../database/connection.ts";
import { type FleetFault, fleetFault } from "../outcome/fault.ts";

/** An address to listen at. */
export type Address = { readonly path: string } | { readonly host: string; readonly port: number };

/** Parses `unix:PATH` or `HOST:PORT`, with an IP address as host; undefined if it is neither. */
export function parseAddress(text: string): Address | undefined {
  if (text.startsWith("unix:")) return text.length > 5 ? { path: text.slice(5) } : undefined;
  const [, bracketed, plain, port] = /^(?:\[([\d.:a-f]+)\]|([\d.]+)):(\d{1,5})$/.exec(text) ?? [];
  const host = bracketed ?? plain ?? "";
  return isIP(host) > 0 && Number(port) < 65_536 ? { host, port: Number(port) } : undefined;
}

/** Whether only this machine reaches an address. */
export function isLocal(address: Address): boolean {
  return "path" in address || address.host === "::1" || /^127\./.test(address.host);
}

/** The socket where none is named: in the user's folder for such files; undefined where the system has none. */
export function defaultAddress({ XDG_RUNTIME_DIR }: Environment): Address | undefined {
  const folder = process.getuid?.() === 0 ? "/run" : XDG_RUNTIME_DIR;
  return folder === undefined ? undefined : { path: join(folder, "runseal-fleet.sock") };
}

/** Listens; gives the address, or a fault. A socket that no process listens at is replaced. */
export async function listen(app: FastifyInstance, address: Address): Promise<string | FleetFault> {
  const failed = fleetFault("LISTEN_FAILED", "the address is in use, or can't be listened at");
  if (!("path" in address)) return await app.listen(address).catch(() => failed);
  const { path } = address;
  const place = lstatSync(path, { throwIfNoEntry: false });
  if (place !== undefined) {
    if (!place.isSocket() || (await answers(path))) return failed;
    unlinkSync(path);
  }
  // The mode is there from the first moment.
  const before = process.umask(0o177);
  try {
    await app.listen({ path });
    return `unix:${path}`;
  } catch {
    return failed;
  } finally {
    process.umask(before);
  }
}

/** Whether a process may listen at a socket. One whose queue is full, or that is another user's, refuses too, by another code. */
async function answers(path: string): Promise<boolean> {
  const socket = connect(path);
  try {
    return await new Promise((resolve) => {
      socket.once("connect", () => resolve(true));
      socket.once("error", (error: NodeJS.ErrnoException) => resolve(error.code !== "ECONNREFUSED"));
    });
  } finally {
    socket.destroy();
  }
}
