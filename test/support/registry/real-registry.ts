/**
 * Debian's docker-registry on the loopback interface: open, with a password file, or behind a token server. Its files are in a folder
 * of its own, and it ends with the test, or with the test process at the latest.
 *
 * @module
 */

import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { createHash, generateKeyPairSync, type KeyObject, randomBytes, sign } from "node:crypto";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";

/** How a registry lets users in. */
export type RegistryKind = "open" | "password" | "token";

/** The user that a closed registry knows. The password is one that has to be escaped in JSON, and is searched for in what is printed. */
export const USER = { name: "carrier", password: 'canary-registry-"password"-77ab' } as const;

/** USER's line of a password file: bcrypt of the password, at the lowest cost. Made once with perl's crypt. */
const PASSWORD_LINE = `${USER.name}:$2y$04$runsealrunsealrunsealuV7SwfSvx8h.zRaMc4MV9FKB8bom1f9W\n`;

/** A registry that is up. */
export interface RealRegistry extends AsyncDisposable {
  /** `127.0.0.1:PORT` */
  readonly host: string;
  /** What it keeps on the disk. */
  readonly storage: string;
  /** `config.json` of a user that is logged in, as docker writes it, in a folder for DOCKER_CONFIG. */
  readonly dockerConfig: string;
}

/** Whether docker-registry is here. */
export function hasRegistry(): boolean {
  return spawnSync("docker-registry", ["--version"]).status === 0;
}

/** Registries that the tests of one file share, each started when the first test asks for it. Dispose of them. */
export class Registries implements AsyncDisposable {
  readonly #started = new Map<RegistryKind, Promise<RealRegistry>>();

  /** The one of a kind. */
  of(kind: RegistryKind): Promise<RealRegistry> {
    const running = this.#started.get(kind) ?? startRegistry(kind);
    this.#started.set(kind, running);
    return running;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const running of this.#started.values()) await (await running)[Symbol.asyncDispose]();
  }
}

/** Starts a registry on a free port. Throws if it is not up after half a minute. */
export async function startRegistry(kind: RegistryKind = "open"): Promise<RealRegistry> {
  const folder = mkdtempSync(join(tmpdir(), "runseal-registry-"));
  const storage = join(folder, "storage");
  const tokens = kind === "token" ? await startTokenServer(folder) : undefined;
  writeFileSync(join(folder, "config.yml"), configuration(kind, folder, tokens?.realm));
  writeFileSync(join(folder, "htpasswd"), PASSWORD_LINE);
  const child = spawn("docker-registry", ["serve", join(folder, "config.yml")], {
    stdio: ["ignore", "ignore", "pipe"],
    // A signing key of its own, and no proxy of the machine's.
    env: { PATH: process.env["PATH"], HOME: folder, OTEL_TRACES_EXPORTER: "none" },
  });
  const kill = (): void => void child.kill("SIGKILL");
  process.once("exit", kill);
  try {
    const host = `127.0.0.1:${await portOf(child)}`;
    const dockerConfig = join(folder, "docker");
    mkdirSync(dockerConfig);
    const auth = Buffer.from(`${USER.name}:${USER.password}`).toString("base64");
    writeFileSync(join(dockerConfig, "config.json"), JSON.stringify({ auths: { [host]: { auth } } }));
    return { host, storage, dockerConfig, [Symbol.asyncDispose]: end };
  } catch (thrown) {
    await end();
    throw thrown;
  }

  async function end(): Promise<void> {
    process.off("exit", kill);
    if (child.exitCode === null && child.signalCode === null) {
      const exited = new Promise((resolve) => child.once("exit", resolve));
      kill();
      await exited;
    }
    tokens?.close();
    rmSync(folder, { recursive: true, force: true });
  }
}

function configuration(kind: RegistryKind, folder: string, realm = ""): string {
  const auth = {
    open: [],
    password: ["auth:", "  htpasswd:", "    realm: runseal", `    path: ${join(folder, "htpasswd")}`],
    token: [
      "auth:",
      "  token:",
      `    realm: ${realm}`,
      "    service: runseal-registry",
      "    issuer: runseal-tests",
      `    rootcertbundle: ${join(folder, "token.pem")}`,
    ],
  };
  return [
    "version: 0.1",
    "log: {level: info, accesslog: {disabled: true}}",
    "storage:",
    `  filesystem: {rootdirectory: ${join(folder, "storage")}}`,
    "  delete: {enabled: true}",
    `http: {addr: "127.0.0.1:0", secret: ${randomBytes(8).toString("hex")}}`,
    ...auth[kind],
    "",
  ].join("\n");
}

/** The port that it says it listens on. */
async function portOf(child: ChildProcess): Promise<string> {
  const said: string[] = [];
  const { stderr } = child;
  if (stderr === null) throw new TypeError("docker-registry has no stderr");
  const lines = createInterface(stderr);
  return await new Promise((resolve, reject) => {
    const fail = (): void => reject(new Error(`docker-registry did not start:\n${said.join("\n")}`));
    const timer = setTimeout(fail, 30_000);
    child.once("error", fail);
    child.once("exit", fail);
    lines.on("line", (line) => {
      said.push(line);
      const [, port] = /listening on 127\.0\.0\.1:([0-9]+)/.exec(line) ?? [];
      if (port === undefined) return;
      clearTimeout(timer);
      child.off("exit", fail);
      resolve(port);
    });
  });
}

interface TokenServer {
  readonly realm: string;
  readonly close: () => void;
}

/** A token server that lets USER do what is asked, and others nothing. */
async function startTokenServer(folder: string): Promise<TokenServer> {
  const { privateKey, publicKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
  writeCertificate(folder, privateKey);
  const known = `Basic ${Buffer.from(`${USER.name}:${USER.password}`).toString("base64")}`;
  const server = createServer((request, response) => {
    const query = new URL(request.url ?? "", "http://localhost").searchParams;
    const isKnown = request.headers.authorization === known;
    if (request.headers.authorization !== undefined && !isKnown) {
      response.writeHead(401).end();
      return;
    }
    const access = query.getAll("scope").map((scope) => {
      const [type, name, actions = ""] = scope.split(":");
      return { type, name, actions: isKnown ? actions.split(",") : [] };
    });
    const token = makeToken(access, { privateKey, publicKey });
    response.setHeader("content-type", "application/json");
    response.end(JSON.stringify({ token, expires_in: 300 }));
  });
  server.unref();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  return {
    realm: `http://127.0.0.1:${port}/token`,
    close: () => {
      server.close();
      server.closeAllConnections();
    },
  };
}

/** docker-registry takes its keys out of certificates. */
function writeCertificate(folder: string, key: KeyObject): void {
  const keyFile = join(folder, "token.key");
  writeFileSync(keyFile, key.export({ format: "pem", type: "pkcs8" }));
  const { status, stderr } = spawnSync(
    "openssl",
    [
      "req",
      "-x509",
      "-new",
      "-key",
      keyFile,
      "-subj",
      "/CN=runseal-tests",
      "-days",
      "2",
      "-out",
      join(folder, "token.pem"),
    ],
    { encoding: "utf8" },
  );
  if (status !== 0) throw new Error(stderr);
}

function makeToken(
  access: unknown,
  { privateKey, publicKey }: { readonly privateKey: KeyObject; readonly publicKey: KeyObject },
): string {
  const now = Math.floor(Date.now() / 1000);
  const parts = [
    { typ: "JWT", alg: "ES256", kid: keyId(publicKey) },
    {
      iss: "runseal-tests",
      aud: "runseal-registry",
      sub: USER.name,
      nbf: now - 60,
      iat: now,
      exp: now + 300,
      jti: randomBytes(8).toString("hex"),
      access,
    },
  ].map((part) => Buffer.from(JSON.stringify(part)).toString("base64url"));
  const signed = parts.join(".");
  const signature = sign("sha256", Buffer.from(signed), { key: privateKey, dsaEncoding: "ieee-p1363" });
  return `${signed}.${signature.toString("base64url")}`;
}

/** libtrust's name of a key: 240 bits of the SHA-256 of its SubjectPublicKeyInfo, in base32, in groups of four. */
function keyId(publicKey: KeyObject): string {
  const der = publicKey.export({ format: "der", type: "spki" });
  const bits = [...createHash("sha256").update(der).digest().subarray(0, 30)]
    .map((byte) => byte.toString(2).padStart(8, "0"))
    .join("");
  const letters = (bits.match(/.{5}/g) ?? []).map(
    (five) => "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"[Number.parseInt(five, 2)],
  );
  return (letters.join("").match(/.{4}/g) ?? []).join(":");
}
