/**
 * Tokens: `rsf_`, an id of 16 hex, and a secret of 256 bits. The database has the SHA-256 of the whole token. The id finds the row, so that
 * no search depends on the secret; the digests are compared in constant time.
 *
 * @module
 */

import { createHash, randomBytes, timingSafeEqual } from "node:crypto";
import type { Queries } from "../database/connection.ts";

/** What a token allows. `submit` allows to read too. */
export type Role = "read" | "submit";

/** A valid token. */
export interface Caller {
  readonly id: string;
  readonly role: Role;
}

const FORM = /^rsf_([0-9a-f]{16})_[\w-]{43}$/;

/** Stands for the digest of an unknown token: the SHA-256 of no token has these bytes. */
const NO_DIGEST: Buffer = Buffer.alloc(32);

/** Makes a token. Nothing but this call ever has it in whole. */
export function makeToken(): { readonly id: string; readonly token: string; readonly digest: Buffer } {
  const id = randomBytes(8).toString("hex");
  const token = `rsf_${id}_${randomBytes(32).toString("base64url")}`;
  return { id, token, digest: digestOf(token) };
}

/** Looks a token up; undefined if it is not valid. */
export async function callerOf(pool: Queries, token: string): Promise<Caller | undefined> {
  const [, id] = FORM.exec(token) ?? [];
  if (id === undefined) return undefined;
  const row = await rowOf(pool, id);
  const isEqual = timingSafeEqual(digestOf(token), row?.digest ?? NO_DIGEST);
  return row !== undefined && isEqual ? { id, role: row.role } : undefined;
}

/** Whether the token of a caller was not removed since. */
export async function isStillValid(pool: Queries, caller: Caller | undefined): Promise<boolean> {
  return caller !== undefined && (await rowOf(pool, caller.id)) !== undefined;
}

interface TokenRow {
  readonly role: Role;
  readonly digest: Buffer;
}

async function rowOf(pool: Queries, id: string): Promise<TokenRow | undefined> {
  return (await pool.query<TokenRow>("SELECT * FROM runseal_fleet.token_of($1)", [id])).rows[0];
}

function digestOf(token: string): Buffer {
  return createHash("sha256").update(token).digest();
}
