/**
 * Credentials as docker, oras and skopeo keep them: in `config.json`, or in a helper that it names.
 *
 * https://docs.docker.com/reference/cli/docker/login/#credential-stores
 *
 * @module
 */

import { join } from "node:path";
import {
  isJsonObject,
  type JsonObject,
  type JsonValue,
  ok,
  parseObject,
  type Result,
} from "../../../../core/internal.ts";
import { readNamedBytes } from "../../../system/files/open-named-file.ts";
import { errnoOf, reasonOf } from "../../../system/runtime/machine-reason.ts";
import { type OperationFault, operationFault } from "../../../system/runtime/operation-fault.ts";
import { type Environment, homeFolder, SHOWN_HOME } from "../../../system/runtime/user-home.ts";
import { askHelper } from "./credential-helper.ts";
import { type CredentialSource, type Credentials, joinPassword, textOf } from "./credentials.ts";

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
    shown: `${SHOWN_HOME}/.docker/config.json`,
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
    const malformed = operationFault("CREDENTIALS_UNUSABLE", { path: place.shown });
    const members = parseObject(config.value);
    if (members === undefined) return malformed;
    const named = readNames(members, host);
    if (named === undefined) return malformed;
    if (named.helper !== undefined) {
      const asked = await askHelper(
        { name: named.helper, server: serverName(host), environment: this.#environment },
        signal,
      );
      if (!asked.ok || asked.value !== undefined || named.isForHost) return asked;
    }
    const entry = readEntry(members, host);
    return entry === "malformed" ? malformed : ok(entry);
  }
}

/** The name by which helpers and docker's file know a registry. */
function serverName(host: string): string {
  return host === "docker.io" ? DOCKER_HUB : host;
}

/** The file's bytes; `undefined` where there is none. */
function readConfig({ path, shown }: DockerConfigPlace): Result<Buffer | undefined, OperationFault> {
  try {
    const read = readNamedBytes(path, MAX_CONFIG_BYTES);
    if (typeof read === "string") return operationFault("CREDENTIALS_UNUSABLE", { path: shown });
    return ok(read.length === 0 ? undefined : read);
  } catch (thrown) {
    const errno = errnoOf(thrown);
    if (errno === "ENOENT" || errno === "ENOTDIR") return ok(undefined);
    return operationFault("CREDENTIALS_UNUSABLE", { path: shown, reason: reasonOf(thrown) });
  }
}

interface HelperName {
  readonly helper: string | undefined;
  /** Whether it is named for this host alone: then nothing else is asked. */
  readonly isForHost: boolean;
}

/** Which helper is to be asked. `undefined` for a file that is not of docker's form. */
function readNames(members: JsonObject, host: string): HelperName | undefined {
  const helpers = members.get("credHelpers") ?? new Map<string, JsonValue>();
  if (!isJsonObject(helpers)) return undefined;
  const own = entryOf(helpers, host);
  const helper = own ?? members.get("credsStore") ?? "";
  if (typeof helper !== "string") return undefined;
  return { helper: helper === "" ? undefined : helper, isForHost: own !== undefined };
}

/** The credentials that the file itself has. */
function readEntry(members: JsonObject, host: string): Credentials | undefined | "malformed" {
  const auths = members.get("auths") ?? new Map<string, JsonValue>();
  if (!isJsonObject(auths)) return "malformed";
  const entry = entryOf(auths, host);
  if (entry === undefined) return undefined;
  if (!isJsonObject(entry)) return "malformed";
  // A login that gave a token kept the user's name beside it, without a password.
  const identity = textOf(entry, "identitytoken") ?? "";
  if (identity !== "") return { kind: "identity-token", secret: Buffer.from(identity) };
  const encoded = textOf(entry, "auth") ?? "";
  if (encoded !== "") {
    const secret = decodeBase64(encoded);
    return secret === undefined ? "malformed" : { kind: "password", secret };
  }
  const username = textOf(entry, "username");
  const password = textOf(entry, "password");
  if (username === undefined || password === undefined) return undefined;
  return joinPassword(username, password) ?? "malformed";
}

/** Padding may be missing. `undefined` for what is not base64, or is empty. */
function decodeBase64(text: string): Buffer | undefined {
  const digits = /^([A-Za-z0-9+/]+)={0,2}$/.exec(text)?.[1];
  return digits === undefined || digits.length % 4 === 1 ? undefined : Buffer.from(digits, "base64");
}

/** The entry of a host: older versions of docker wrote it as an address. */
function entryOf(entries: JsonObject, host: string): JsonValue | undefined {
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
