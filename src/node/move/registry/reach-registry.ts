/** Finds out whether a registry answers, before anything is read for it. @module */

import { type Reference, repositoryText } from "../../../core/internal.ts";
import { Connections } from "../../system/http/connections.ts";
import { exchange } from "../../system/http/exchange.ts";
import type { OperationFault } from "../../system/runtime/operation-fault.ts";
import { apiAddress } from "./addresses.ts";
import { connectionFailure } from "./failure.ts";
import { DEFAULT_PATIENCE } from "./patience.ts";
import type { RegistryOptions } from "./registry-repository.ts";

/** Milliseconds for a connection, and again for the beginning of an answer. */
const REACH_MS = 2500;

/**
 * Asks the registry of a reference once, without credentials. Any answer will do. Fails with REGISTRY_UNREACHABLE
 * or REGISTRY_MALFORMED. Any other transient failure passes: later requests are
 * made again. Throws an Interruption.
 */
export async function reachRegistry(
  reference: Reference,
  { environment = {}, plainHttp }: Pick<RegistryOptions, "environment" | "plainHttp">,
  signal: AbortSignal | undefined,
): Promise<OperationFault | undefined> {
  if (reference.kind === "layout") return undefined;
  const patience = { ...DEFAULT_PATIENCE, connectMs: REACH_MS, idleMs: REACH_MS };
  using connections = new Connections(environment, patience, "tls");
  const url = apiAddress(reference.host, plainHttp);
  const answered = await exchange({ method: "GET", url, headers: {} }, { connections, patience, signal });
  if (answered.ok) {
    await answered.value.discard();
    return undefined;
  }
  const failure = connectionFailure(answered, repositoryText(reference));
  const isSilent = answered.code === "TIMED_OUT" || (answered.code === "LOST" && answered.why !== undefined);
  return failure.isTransient && !isSilent ? undefined : failure.fault;
}
