/** `runseal-fleet token`: the tokens of the service. @module */

import type pg from "pg";
import { fleetFault } from "../outcome/fault.ts";
import { makeToken } from "../service/token.ts";
import { type Command, type CommandEnd, type OptionValues, textOf, UsageError } from "./command.ts";
import { withDatabase } from "./with-database.ts";

const ADD = "INSERT INTO runseal_fleet.token (id, role, name, digest) VALUES ($1, $2, $3, $4)";
const LIST =
  "SELECT id, role, name, runseal_fleet.moment(added_at) AS added_at FROM runseal_fleet.token ORDER BY added_at, id";

type Act = (pool: pg.Pool, values: OptionValues, operands: readonly string[]) => Promise<CommandEnd>;

const ACTS: Readonly<Record<string, Act>> = { add, list, remove };

/** Adds, lists and removes tokens, as the owner of the schema. */
export const tokenCommand: Command = {
  usage: "token add --role read|submit [--name NAME] | token list | token remove ID",
  options: { role: { type: "string" }, name: { type: "string" } },
  run: async (values, [verb = "", ...operands], io) => {
    const act = Object.hasOwn(ACTS, verb) ? ACTS[verb] : undefined;
    if (act === undefined) throw new UsageError("give add, list or remove");
    return await withDatabase(io, 1, async (pool) => await act(pool, values, operands));
  },
};

/** Prints a new token. The database has its digest alone, so that it is never printed again. */
async function add(pool: pg.Pool, values: OptionValues, operands: readonly string[]): Promise<CommandEnd> {
  const role = textOf(values, "role");
  if (operands.length > 0 || (role !== "read" && role !== "submit"))
    throw new UsageError("give --role read or --role submit");
  const name = textOf(values, "name") ?? "";
  const { digest, id, token } = makeToken();
  await pool.query(ADD, [id, role, name, digest]);
  return { ok: true, exitCode: 0, json: { id, role, name, token } };
}

async function list(pool: pg.Pool, _values: OptionValues, operands: readonly string[]): Promise<CommandEnd> {
  if (operands.length > 0) throw new UsageError("list takes no operand");
  const { rows } = await pool.query<{ id: string; role: string; name: string; added_at: string }>(LIST);
  return { ok: true, exitCode: 0, json: { tokens: rows.map((row) => ({ ...row })) } };
}

/** Removes a token: the next request with it is refused. */
async function remove(
  pool: pg.Pool,
  _values: OptionValues,
  operands: readonly string[],
): Promise<CommandEnd> {
  const [id, ...others] = operands;
  if (id === undefined || others.length > 0) throw new UsageError("give the id of one token");
  const { rowCount } = await pool.query("DELETE FROM runseal_fleet.token WHERE id = $1", [id]);
  if (rowCount === 0) return fleetFault("TOKEN_NOT_FOUND", "the database has no token of that id");
  return { ok: true, exitCode: 0, json: { removed: id } };
}
