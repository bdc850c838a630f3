/**
 * Credential helpers of docker: programs `docker-credential-NAME` that get a registry on stdin and print its credentials.
 *
 * https://github.com/docker/docker-credential-helpers
 *
 * @module
 */

import { spawn } from "node:child_process";
import { ok, type Result } from "../../../core/internal.ts";
import { openKernelPipe } from "../../keys/passphrase/kernel-pipe.ts";
import { pause, readSecret } from "../../keys/passphrase/read-secret.ts";
import { SecretBytes } from "../../keys/secret-bytes.ts";
import type { Environment } from "../../keys/user-home.ts";
import { publishCause } from "../../runtime/cause-channel.ts";
import { ticks } from "../../runtime/interruption.ts";
import { machineReason, reasonOf } from "../../runtime/machine-reason.ts";
import { type OperationFault, operationFault } from "../../runtime/operation-fault.ts";
import { type Credentials, joinPassword, MAX_SECRET_BYTES, makeCredentials } from "./credentials.ts";
import { readPlainString, readSecretString, scanDocument } from "./secret-json.ts";

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

/** Asks a helper. `undefined` where it has no credentials. Fails with CREDENTIAL_HELPER_FAILED. Throws an Interruption. */
export async function askHelper(
  { environment, name, server }: HelperQuestion,
  signal: AbortSignal | undefined,
): Promise<Result<Credentials | undefined, OperationFault>> {
  const program = `docker-credential-${name}`;
  const failed = operationFault("CREDENTIAL_HELPER_FAILED", { names: [program] });
  // A path would run another program than a helper.
  if (!/^[A-Za-z0-9][A-Za-z0-9_.-]{0,127}$/.test(name)) return failed;
  using printed = new SecretBytes(MAX_SECRET_BYTES);
  try {
    const run = await runHelper(program, server, { environment, printed, signal });
    if (run === undefined) return failed;
    return printed.use((bytes) => {
      const answer = bytes.subarray(0, run.length);
      if (run.status !== 0) return answer.includes(NOT_FOUND) ? ok(undefined) : failed;
      const credentials = readAnswer(answer);
      return credentials === "malformed" ? failed : ok(credentials);
    });
  } catch (thrown) {
    return operationFault("CREDENTIAL_HELPER_FAILED", { names: [program], reason: reasonOf(thrown) });
  }
}

interface HelperRun {
  readonly environment: Environment;
  readonly printed: SecretBytes;
  readonly signal: AbortSignal | undefined;
}

interface HelperEnd {
  readonly length: number;
  readonly status: number | null;
}

/** Runs a helper until it exits; `undefined` where patience ended, or it prints too much. Throws what the system says, and an Interruption. */
async function runHelper(
  program: string,
  server: string,
  { environment, printed, signal }: HelperRun,
): Promise<HelperEnd | undefined> {
  using pipe = openKernelPipe();
  if (pipe === undefined) return undefined;
  // Its stderr is not shown: it could repeat what must not be seen.
  const child = spawn(program, ["get"], {
    stdio: ["pipe", pipe.writer, "ignore"],
    env: withoutPassphrases(environment),
  });
  let status: number | null | undefined;
  let error: Error | undefined;
  child.once("error", (thrown) => {
    error = thrown;
    status = null;
  });
  child.once("exit", (code) => {
    status = code;
  });
  pipe.close(pipe.writer);
  // A helper that does not read what it is asked fails by itself.
  child.stdin?.on("error", publishCause);
  child.stdin?.end(server);
  const deadline = ticks() + PATIENCE_MS;
  try {
    const patience = { milliseconds: PATIENCE_MS, signal, isOver: () => status !== undefined };
    const length = await printed.use((bytes) => readSecret(pipe.reader, bytes, patience));
    // More than credentials have: what else the helper prints is not waited for.
    if (length === undefined || length === printed.length) return undefined;
    while (status === undefined && ticks() < deadline) await pause(signal);
    if (error !== undefined && machineReason(error) !== undefined) throw error;
    return status === undefined ? undefined : { length, status };
  } finally {
    if (status === undefined) child.kill("SIGKILL");
  }
}

/** `{"ServerURL": …, "Username": …, "Secret": …}` */
function readAnswer(answer: Buffer): Credentials | undefined | "malformed" {
  const members = scanDocument(answer);
  const username = readPlainString(answer, members?.get("Username"));
  const secret = readSecretString(answer, members?.get("Secret"));
  if (username === undefined || secret === undefined) {
    secret?.dispose();
    return "malformed";
  }
  if (username === TOKEN_USER) return makeCredentials("identity-token", secret);
  using password = secret;
  // docker-credential-pass and others answer so where nothing is kept.
  if (username === "" && password.length === 0) return undefined;
  return joinPassword(username, password) ?? "malformed";
}

/** A helper needs no passphrase of runseal. */
function withoutPassphrases(environment: Environment): NodeJS.ProcessEnv {
  const { RUNSEAL_PASSPHRASE: _own, RUNSEAL_NEW_PASSPHRASE: _next, ...rest } = environment;
  return rest;
}
