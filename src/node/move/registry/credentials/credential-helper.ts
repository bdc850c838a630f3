/**
 * Credential helpers of docker: programs `docker-credential-NAME` that get a registry on stdin and print its credentials.
 *
 * https://github.com/docker/docker-credential-helpers
 *
 * @module
 */

import { spawn } from "node:child_process";
import { ok, parseObject, type Result } from "../../../../core/internal.ts";
import { withoutPassphrases } from "../../../keys/passphrase/program-surroundings.ts";
import { publishCause } from "../../../system/runtime/cause-channel.ts";
import { Interruption } from "../../../system/runtime/interruption.ts";
import { reasonOf } from "../../../system/runtime/machine-reason.ts";
import { type OperationFault, operationFault } from "../../../system/runtime/operation-fault.ts";
import type { Environment } from "../../../system/runtime/user-home.ts";
import { type Credentials, joinPassword, MAX_SECRET_BYTES, textOf } from "./credentials.ts";

/** A helper may ask a person to unlock a keychain. */
const PATIENCE_MS = 120_000;

/** What a helper prints instead of JSON where it has none, with exit code 1. */
const NOT_FOUND = "credentials not found";

/** The name that a helper gives beside a token of a login. */
const TOKEN_USER = "<token>";

/** Which helper to ask, and for what. */
export interface HelperQuestion {
  /** Without `docker-credential-`. */
  readonly name: string;
  readonly server: string;
  readonly environment: Environment;
}

/** Asks a helper. `undefined` where it has no credentials. Fails with CREDENTIALS_UNUSABLE. Throws an Interruption. */
export async function askHelper(
  { environment, name, server }: HelperQuestion,
  signal: AbortSignal | undefined,
): Promise<Result<Credentials | undefined, OperationFault>> {
  const program = `docker-credential-${name}`;
  const failed = operationFault("CREDENTIALS_UNUSABLE", { names: [program] });
  // A path would run another program than a helper.
  if (!/^[A-Za-z0-9][A-Za-z0-9_.-]{0,127}$/.test(name)) return failed;
  try {
    const run = await runHelper(program, server, environment, signal);
    if (run === undefined) return failed;
    if (run.status !== 0) return run.printed.includes(NOT_FOUND) ? ok(undefined) : failed;
    const credentials = readAnswer(run.printed);
    return credentials === "malformed" ? failed : ok(credentials);
  } catch (thrown) {
    return operationFault("CREDENTIALS_UNUSABLE", { names: [program], reason: reasonOf(thrown) });
  }
}

interface HelperEnd {
  readonly printed: Buffer;
  readonly status: number | null;
}

/** Runs a helper until it exits; `undefined` where patience ended, or it prints too much. Throws what the system says, and an Interruption. */
async function runHelper(
  program: string,
  server: string,
  environment: Environment,
  signal: AbortSignal | undefined,
): Promise<HelperEnd | undefined> {
  // Its stderr is not shown: it could repeat what must not be seen.
  const child = spawn(program, ["get"], {
    stdio: ["pipe", "pipe", "ignore"],
    env: { ...withoutPassphrases(environment) },
  });
  // A helper that does not read what it is asked fails by itself.
  child.stdin.on("error", publishCause);
  child.stdin.end(server);
  const ended = AbortSignal.any([
    AbortSignal.timeout(PATIENCE_MS),
    ...(signal === undefined ? [] : [signal]),
  ]);
  try {
    return await new Promise<HelperEnd | undefined>((resolve, reject) => {
      const pieces: Buffer[] = [];
      let left = MAX_SECRET_BYTES;
      child.stdout.on("data", (piece: Buffer) => {
        pieces.push(piece);
        left -= piece.length;
        // More than credentials have: what else the helper prints is not waited for.
        if (left <= 0) resolve(undefined);
      });
      child.once("error", reject);
      child.once("close", (status) => resolve({ printed: Buffer.concat(pieces), status }));
      const end = (): void =>
        signal?.aborted === true ? reject(new Interruption("interrupted")) : resolve(undefined);
      if (ended.aborted) end();
      else ended.addEventListener("abort", end, { once: true });
    });
  } finally {
    child.kill("SIGKILL");
    child.stdout.destroy();
  }
}

/** `{"ServerURL": …, "Username": …, "Secret": …}` */
function readAnswer(answer: Buffer): Credentials | undefined | "malformed" {
  const members = parseObject(answer);
  const username = textOf(members, "Username");
  const secret = textOf(members, "Secret");
  if (username === undefined || secret === undefined) return "malformed";
  if (username === TOKEN_USER) return { kind: "identity-token", secret: Buffer.from(secret) };
  // docker-credential-pass and others answer so where nothing is kept.
  if (username === "" && secret === "") return undefined;
  return joinPassword(username, secret) ?? "malformed";
}
