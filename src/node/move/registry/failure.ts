/** Why a request to a registry failed, and whether another try may help. @module */

import { type Fault, parseRegistryError, parseRetryAfter } from "../../../core/internal.ts";
import type { ExchangeFault, HttpAnswer, TooLargeFault } from "../../system/http/exchange.ts";
import {
  type OperationFault,
  operationFault,
  type RegistryBreach,
} from "../../system/runtime/operation-fault.ts";
import { malformed } from "./malformed.ts";

/** Bytes of the body of an error that are read. */
const MAX_ERROR_BYTES: number = 64 * 1024;

/** A failed try. */
export interface Failure extends Fault<"FAILED"> {
  readonly fault: OperationFault;
  /** Whether the next try may succeed. */
  readonly isTransient: boolean;
  /** Seconds that the registry wants to be left alone. */
  readonly retryAfter?: number | undefined;
  /** The status of the answer, where there was one. */
  readonly status?: number | undefined;
}

/** A failure that no other try mends. */
export function finalFailure(fault: OperationFault): Failure {
  return { ok: false, code: "FAILED", fault, isTransient: false };
}

/** An answer that breaks the specification. */
export function malformedAnswer(reference: string, reason: RegistryBreach): Failure {
  return finalFailure(malformed(reference, reason));
}

/** A failure of the connection. */
export function connectionFailure(fault: ExchangeFault | TooLargeFault, reference: string): Failure {
  switch (fault.code) {
    case "LOST": {
      const { why } = fault;
      return transientFailure(operationFault("REGISTRY_UNREACHABLE", { reason: why ?? "lost", reference }));
    }
    case "PROXY_FAILED": {
      const { isTransient, status } = fault;
      const unreachable = operationFault("REGISTRY_UNREACHABLE", { reason: "proxy", reference, status });
      return { ok: false, code: "FAILED", fault: unreachable, isTransient };
    }
    case "TIMED_OUT": {
      const seconds = Math.ceil(fault.milliseconds / 1000);
      return transientFailure(
        operationFault("REGISTRY_UNREACHABLE", { reason: "timeout", reference, seconds }),
      );
    }
    case "TLS_REFUSED":
      return finalFailure(operationFault("REGISTRY_UNREACHABLE", { reason: "tls", reference }));
    case "PLAIN_HTTP":
      return finalFailure(operationFault("REGISTRY_UNREACHABLE", { reason: "plain-http", reference }));
    case "NOT_HTTP":
      return malformedAnswer(reference, "http");
    case "TOO_LARGE":
      return malformedAnswer(reference, "too-large");
    case "BODY_FAILED":
      return finalFailure(fault.fault ?? operationFault("CHANGED_WHILE_READ", { path: reference }));
  }
}

/** The failure that an answer's status is. Reads the body for the registry's error. Throws an Interruption. */
export async function statusFailure(answer: HttpAnswer, reference: string): Promise<Failure> {
  const { status } = answer;
  const body = await answer.read(MAX_ERROR_BYTES);
  const named = body.ok ? parseRegistryError(body.value) : undefined;
  const retryAfter = parseRetryAfter(answer.header("retry-after") ?? "", Date.now());
  const failure = (fault: OperationFault, isTransient: boolean): Failure => {
    return { ok: false, code: "FAILED", fault, isTransient, retryAfter, status };
  };
  switch (status) {
    case 401:
      return failure(operationFault("REGISTRY_DENIED", { reason: "unauthorized", reference }), false);
    case 403:
      return failure(operationFault("REGISTRY_DENIED", { reason: "forbidden", reference }), false);
    case 404:
      return failure(operationFault("REGISTRY_NOT_FOUND", { reason: "content", reference }), false);
    case 429: {
      const facts = { reason: "rate-limit", reference, seconds: retryAfter } as const;
      return failure(operationFault("REGISTRY_STATUS", facts), true);
    }
    default: {
      const isTransient = status === 408 || (status >= 500 && status !== 501 && status !== 505);
      const facts = { reason: "status", reference, status, why: named } as const;
      return failure(operationFault("REGISTRY_STATUS", facts), isTransient);
    }
  }
}

function transientFailure(fault: OperationFault): Failure {
  return { ok: false, code: "FAILED", fault, isTransient: true };
}
