/** `runseal-fleet serve`: answers HTTP requests about audits. @module */

import { once } from "node:events";
import { openPool } from "../database/connection.ts";
import { checkSchema } from "../database/migrate.ts";
import { BOUNDS } from "../service/bounds.ts";
import { defaultAddress, isLocal, listen, parseAddress } from "../service/listen.ts";
import { makeService } from "../service/server.ts";
import { hasDots } from "../service/submissions.ts";
import { type Command, numberOf, type OptionValues, textOf, UsageError } from "./command.ts";

const RATE = { least: 1, most: 1_000_000, otherwise: 600 };

/** Serves until SIGINT or SIGTERM. */
export const serveCommand: Command = {
  usage:
    "serve [--listen unix:PATH|127.0.0.1:PORT] [--any-address] [--repositories PREFIX[,PREFIX]...] [--rate N]",
  options: {
    listen: { type: "string" },
    "any-address": { type: "boolean" },
    repositories: { type: "string" },
    rate: { type: "string" },
  },
  run: async (values, operands, { environment, signal, write, writeError }) => {
    if (operands.length > 0) throw new UsageError("serve takes no operand");
    const rate = numberOf(values, "rate", RATE);
    const named = textOf(values, "listen");
    const address = named === undefined ? defaultAddress(environment) : parseAddress(named);
    if (address === undefined)
      throw new UsageError("give --listen unix:PATH, or an IP address and a port, such as 127.0.0.1:8080");
    if (!isLocal(address) && values["any-address"] !== true)
      throw new UsageError("other machines reach this address, without TLS; --any-address allows it");
    const repositories = repositoriesOf(values);
    const pool = openPool(environment, BOUNDS.databaseConnections, BOUNDS.statementTime);
    try {
      const schema = await checkSchema(pool);
      if (schema !== undefined) return schema;
      const log = (line: string): void => writeError(`${line}\n`);
      const service = await makeService({ pool, repositories, rate, log, isSecure: "path" in address });
      try {
        const listening = await listen(service, address);
        if (typeof listening !== "string") return listening;
        write(`${JSON.stringify({ listening })}\n`);
        if (!signal.aborted) await once(signal, "abort");
      } finally {
        await service.close();
      }
      return { ok: true, exitCode: 0, json: undefined };
    } finally {
      await pool.end();
    }
  },
};

/**
 * Prefixes of repositories of registries: a layout would let clients name any folder. One without a slash would also be the begin of other
 * hosts' names.
 */
function repositoriesOf(values: OptionValues): readonly string[] {
  const prefixes = textOf(values, "repositories")?.split(",") ?? [];
  if (prefixes.some((prefix) => !/^(?!oci-layout:)[^/]+\//i.test(prefix) || hasDots(prefix)))
    throw new UsageError("--repositories takes prefixes such as registry.example/team/, divided by commas");
  return prefixes;
}
