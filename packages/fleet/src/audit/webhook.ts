/**
 * Sends an alert to a webhook, signed as Standard Webhooks says (https://www.standardwebhooks.com): receivers have libraries for it.
 *
 * @module
 */

import { createHmac } from "node:crypto";
import { readFileSync } from "node:fs";
import { isIPv4 } from "node:net";
import type { Result } from "runseal";
import { ok } from "runseal/core";
import type { Environment } from "../database/connection.ts";
import { type FleetFault, fleetFault } from "../outcome/fault.ts";

const TIMEOUT_MS = 10_000;

const MOST_URL_LENGTH = 2000;

/** The secret as the specification writes it: 24 to 64 bytes in base64. */
const SECRET = /^whsec_([A-Za-z0-9+/]{32,88}={0,2})$/;

/**
 * The address as `fetch` reads it; undefined unless alerts may go there: https, or http to this machine. A password would be kept in the
 * database.
 */
export function webhookUrl(text: string): string | undefined {
  if (text.length > MOST_URL_LENGTH || !URL.canParse(text)) return undefined;
  const { hostname, href, password, protocol, username } = new URL(text);
  const isLoopback =
    hostname === "localhost" || hostname === "[::1]" || (isIPv4(hostname) && hostname.startsWith("127."));
  const isSafe = protocol === "https:" || (protocol === "http:" && isLoopback);
  return isSafe && username === "" && password === "" ? href : undefined;
}

/** The secret of RUNSEAL_FLEET_ALERT_SECRET, or of the file that RUNSEAL_FLEET_ALERT_SECRET_FILE names; undefined if neither is there. */
export function readSecret(environment: Environment): Result<Uint8Array | undefined, FleetFault> {
  const file = environment["RUNSEAL_FLEET_ALERT_SECRET_FILE"];
  let text = environment["RUNSEAL_FLEET_ALERT_SECRET"];
  if (text === undefined && file === undefined) return ok(undefined);
  try {
    text ??= readFileSync(file ?? "", "utf8").trimEnd();
  } catch {
    return fleetFault("ALERT_SECRET_WRONG", "the file of the secret for alerts can't be read");
  }
  const secret = Buffer.from(SECRET.exec(text)?.[1] ?? "", "base64");
  if (secret.length >= 24 && secret.length <= 64) return ok(secret);
  const words = "the secret for alerts is not whsec_ and 24 to 64 bytes in base64";
  return fleetFault("ALERT_SECRET_WRONG", words);
}

/** Sends an alert once. Gives why it is not delivered; undefined: the answer was of success. The body of the answer is not read. */
export async function sendAlert(
  url: string,
  { body, id, secret }: { readonly body: string; readonly id: string; readonly secret: Uint8Array },
): Promise<string | undefined> {
  if (webhookUrl(url) === undefined) return "URL_REFUSED";
  const timestamp = String(Math.floor(Date.now() / 1000));
  const signature = createHmac("sha256", secret).update(`${id}.${timestamp}.${body}`).digest("base64");
  try {
    const answer = await fetch(url, {
      method: "POST",
      body,
      headers: {
        "content-type": "application/json",
        "user-agent": "runseal-fleet",
        "webhook-id": id,
        "webhook-timestamp": timestamp,
        "webhook-signature": `v1,${signature}`,
      },
      redirect: "manual",
      signal: AbortSignal.timeout(TIMEOUT_MS),
    });
    await answer.body?.cancel();
    return answer.ok ? undefined : `HTTP_${answer.status}`;
  } catch (thrown) {
    return thrown instanceof Error && thrown.name === "TimeoutError" ? "TIMED_OUT" : "UNREACHABLE";
  }
}
