/**
 * Credentials as docker, oras and skopeo keep them: in `config.json`, or in a helper that it names.
 *
 * https://docs.docker.com/reference/cli/docker/login/#credential-stores
 *
 * @module
 */

import { closeSync, constants, fstatSync, openSync, readSync } from "node:fs";
import { join } from "node:path";
import { ok, type Result } from "../../../core/internal.ts";
import { SecretBytes } from "../../keys/secret-bytes.ts";
import { type Environment, homeFolder } from "../../keys/user-home.ts";
import { errnoOf, machineReason } from "../../runtime/machine-reason.ts";
import { type OperationFault, operationFault } from "../../runtime/operation-fault.ts";
import { askHelper } from "./credential-helper.ts";
import { type CredentialSource, type Credentials, joinPassword, makeCredentials } from "./credentials.ts";
import { decodeBase64Secret } from "./secret-base64.ts";
import {
  readPlainString,
  readSecretString,
  type SecretMembers,
  scanDocument,
  scanMembers,
} from "./secret-json.ts";

/** Bytes of config.json. */
const MAX_CONFIG_BYTES: number = 1024 * 1024;

/** docker's name for its own registry. */
const DOCKER_HUB = "https://index.docker.io/v1/";

/** The file that the user's docker reads, and how it may be shown. */
export interface DockerConfigPlace {
  readonly path: string;
  readonly shown: string;
}

/** Where docker's configuration is: in DOCKER_CONFIG, or in the user's home folder. */
export function dockerConfigPlace(environment: Environment): DockerConfigPlace {
  const folder = environment["DOCKER_CONFIG"] ?? "";
  if (folder !== "") return { path: join(folder, "config.json"), shown: "$DOCKER_CONFIG/config.json" };
  return {
    path: join(homeFolder(environment), ".docker", "config.json"),
    shown: "$HOME/.docker/config.json",
  };
}

/** The credentials of docker's configuration. */
export class DockerCredentials implements CredentialSource {
  readonly #environment: Environment;

  constructor(environment: Environment) {
    this.#environment = environment;
  }

  async find(
    host: string,
    signal: AbortSignal | undefined,
  ): Promise<Result<Credentials | undefined, OperationFault>> {
    const place = dockerConfigPlace(this.#environment);
    const config = readConfig(place);
    if (!config.ok) return config;
    if (config.value === undefined) return ok(undefined);
    using content = config.value;
    const named = content.use((bytes) => readNames(bytes, host));
    if (named === undefined) return operationFault("CREDENTIALS_MALFORMED", { path: place.shown });
    if (named.helper !== undefined) {
      const asked = await askHelper(
        { name: named.helper, server: serverName(host), environment: this.#environment },
        signal,
      );
      if (!asked.ok || asked.value !== undefined || named.isForHost) return asked;
    }
    const entry = content.use((bytes) => readEntry(bytes, host));
    return entry === "malformed" ? operationFault("CREDENTIALS_MALFORMED", { path: place.shown }) : ok(entry);
  }
}

/** The name by which helpers and docker's file know a registry. */
function serverName(host: string): string {
  return host === "docker.io" ? DOCKER_HUB : host;
}

/** The file in secret memory; `undefined` where there is none. */
function readConfig({ path, shown }: DockerConfigPlace): Result<SecretBytes | undefined, OperationFault> {
  let fd: number;
  try {
    fd = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK | constants.O_NOCTTY);
  } catch (thrown) {
    const errno = errnoOf(thrown);
    if (errno === "ENOENT" || errno === "ENOTDIR") return ok(undefined);
    const reason = machineReason(thrown);
    if (reason === undefined) throw thrown;
    return operationFault("CREDENTIALS_MALFORMED", { path: shown, reason });
  }
  try {
    const stats = fstatSync(fd);
    if (!stats.isFile() || stats.size > MAX_CONFIG_BYTES)
      return operationFault("CREDENTIALS_MALFORMED", { path: shown });
    if (stats.size === 0) return ok(undefined);
    const content = new SecretBytes(stats.size);
    const length = content.use((bytes) => fill(fd, bytes));
    if (length === stats.size) return ok(content);
    content.dispose();
    return operationFault("CREDENTIALS_MALFORMED", { path: shown });
  } finally {
    closeSync(fd);
  }
}

function fill(fd: number, bytes: Buffer): number {
  let length = 0;
  while (length < bytes.length) {
    const count = readSync(fd, bytes, length, bytes.length - length, length);
    if (count === 0) break;
    length += count;
  }
  return length;
}

interface HelperName {
  readonly helper: string | undefined;
  /** Whether it is named for this host alone: then nothing else is asked. */
  readonly isForHost: boolean;
}

/** Which helper is to be asked. `undefined` for a file that is not of docker's form. */
function readNames(bytes: Buffer, host: string): HelperName | undefined {
  const members = scanDocument(bytes);
  if (members === undefined) return undefined;
  const helpers = members.get("credHelpers");
  const byHost = helpers === undefined ? new Map() : scanMembers(bytes, helpers);
  if (byHost === undefined) return undefined;
  const own = entryOf(byHost, host);
  const general = members.get("credsStore");
  const helper = readPlainString(bytes, own ?? general);
  if ((own ?? general) !== undefined && helper === undefined) return undefined;
  return { helper: helper === "" ? undefined : helper, isForHost: own !== undefined };
}

/** The credentials that the file itself has. */
function readEntry(bytes: Buffer, host: string): Credentials | undefined | "malformed" {
  const listed = scanDocument(bytes)?.get("auths");
  if (listed === undefined) return undefined;
  const auths = scanMembers(bytes, listed);
  if (auths === undefined) return "malformed";
  const place = entryOf(auths, host);
  if (place === undefined) return undefined;
  const entry = scanMembers(bytes, place);
  if (entry === undefined) return "malformed";
  // A login that gave a token kept the user's name beside it, without a password.
  const identity = readSecretString(bytes, entry.get("identitytoken"));
  if (identity !== undefined && identity.length > 0) return makeCredentials("identity-token", identity);
  identity?.dispose();
  return readPassword(bytes, entry);
}

function readPassword(bytes: Buffer, entry: SecretMembers): Credentials | undefined | "malformed" {
  using encoded = readSecretString(bytes, entry.get("auth"));
  if (encoded !== undefined && encoded.length > 0) {
    const pair = decodeBase64Secret(encoded);
    return pair === undefined ? "malformed" : makeCredentials("password", pair);
  }
  const username = readPlainString(bytes, entry.get("username"));
  using password = readSecretString(bytes, entry.get("password"));
  if (username === undefined || password === undefined) return undefined;
  return joinPassword(username, password) ?? "malformed";
}

/** The entry of a host: older versions of docker wrote it as an address. */
function entryOf<Value>(entries: ReadonlyMap<string, Value>, host: string): Value | undefined {
  const server = serverName(host);
  const names = [
    server,
    `https://${server}`,
    `https://${server}/`,
    `https://${server}/v1/`,
    `https://${server}/v2/`,
  ];
  const name = names.find((one) => entries.has(one));
  return name === undefined ? undefined : entries.get(name);
}
