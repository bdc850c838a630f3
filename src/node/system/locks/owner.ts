/**
 * How a process shows to others that it lives: a unix socket (`owner-socket.ts`), or a file that it holds open (`held-file.ts`).
 *
 * @module
 */

import type { BigIntStats } from "node:fs";
import { locksOpenFiles } from "../runtime/this-system.ts";
import { HeldFile, isFileHeld } from "./held-file.ts";
import { isSocketOwnerAlive, OwnerSocket } from "./owner-socket.ts";

/** What shows that a process lives. Closing it removes the name. */
export interface Owner {
  close(): void;
}

/** What it means that an address is taken. */
export const OWNER_EXISTS: readonly string[] = ["EADDRINUSE", "EEXIST"];

/** Shows at a new address that this process lives. Throws what the system says, an errno of OWNER_EXISTS where the name is taken. */
export async function announceOwner(address: string): Promise<Owner> {
  return locksOpenFiles ? HeldFile.make(address) : await OwnerSocket.listen(address);
}

/** Whether the owner at an address lives. In doubt, as without permission, the answer is yes. */
export async function isOwnerAlive(address: string): Promise<boolean> {
  return locksOpenFiles ? isFileHeld(address) : await isSocketOwnerAlive(address);
}

/** Whether a name can be an owner's, by lstat. Only such a one is connected to or opened. */
export function isOwnerEntry(stats: Pick<BigIntStats, "isFile" | "isSocket">): boolean {
  return locksOpenFiles ? stats.isFile() : stats.isSocket();
}

/** Whether what a dead owner left shows that it was killed, and had not let go. */
export function wasKilled({ size }: Pick<BigIntStats, "size">): boolean {
  return !locksOpenFiles || size > 0n;
}
