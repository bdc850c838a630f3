/**
 * A private store of runs: docker-registry where it is installed, else an OCI layout, which is a folder. Both give
 * `{ name, repository(name), blobs(), put(name, bytes), manifestOf(name, tag), setTag(name, tag, manifest), stop() }`.
 */
import { spawn, spawnSync } from "node:child_process";
import { createHash, randomBytes } from "node:crypto";
import { existsSync, mkdtempSync, openSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

const MANIFEST_TYPE = "application/vnd.oci.image.manifest.v1+json";

/** Whether docker-registry is here. */
export function hasRegistry() {
  return spawnSync("docker-registry", ["--version"]).status === 0;
}

/** Starts docker-registry on a free port of the loopback interface. */
export async function startRegistry() {
  const folder = mkdtempSync(join(tmpdir(), "fleet-registry-"));
  const storage = join(folder, "storage");
  const configuration = [
    "version: 0.1",
    "log: {level: info, accesslog: {disabled: true}}",
    `storage: {filesystem: {rootdirectory: ${storage}}, delete: {enabled: true}}`,
    `http: {addr: "127.0.0.1:0", secret: ${randomBytes(8).toString("hex")}}`,
  ];
  writeFileSync(join(folder, "config.yml"), `${configuration.join("\n")}\n`);
  const env = { PATH: process.env.PATH, HOME: folder, OTEL_TRACES_EXPORTER: "none" };
  // Into a file: nothing reads a pipe while this process waits for another one.
  const log = join(folder, "log");
  const streams = { stdio: ["ignore", "ignore", openSync(log, "w")], detached: true };
  const child = spawn("docker-registry", ["serve", join(folder, "config.yml")], { ...streams, env });
  const kill = () => child.kill("SIGKILL");
  process.once("exit", kill);
  const stop = async () => {
    if (child.exitCode === null && child.signalCode === null) {
      const exited = new Promise((resolve) => child.once("exit", resolve));
      kill();
      await exited;
    }
    process.off("exit", kill);
    rmSync(folder, { recursive: true, force: true });
  };
  try {
    const host = `127.0.0.1:${await portOf(child, log)}`;
    return {
      name: "docker-registry",
      pid: child.pid,
      stop,
      ...overHttp(host),
      storage,
      blobs: () => blobsIn(storage),
    };
  } catch (thrown) {
    await stop();
    throw thrown;
  }
}

/** Makes a folder for OCI layouts. */
export function makeLayouts() {
  const folder = mkdtempSync(join(tmpdir(), "fleet-layouts-"));
  const at = (name, ...parts) => join(folder, name.replaceAll("/", "-"), ...parts);
  const readIndex = (name) => JSON.parse(readFileSync(at(name, "index.json"), "utf8"));
  const put = (name, bytes) => {
    const digest = sha256(bytes);
    writeFileSync(at(name, "blobs/sha256", digest), bytes);
    return Promise.resolve(digest);
  };
  const isTagged = (tag) => (entry) => entry.annotations?.["org.opencontainers.image.ref.name"] === tag;
  return {
    name: "an OCI layout",
    pid: undefined,
    repository: (name) => `oci-layout:${at(name)}`,
    blobs: () => blobsIn(folder),
    put,
    manifestOf: (name, tag) => {
      const { digest } = readIndex(name).manifests.find(isTagged(tag));
      return JSON.parse(readFileSync(at(name, "blobs/sha256", digest.slice("sha256:".length)), "utf8"));
    },
    setTag: async (name, tag, manifest) => {
      const bytes = Buffer.from(JSON.stringify(manifest));
      const index = readIndex(name);
      Object.assign(index.manifests.find(isTagged(tag)), {
        digest: `sha256:${await put(name, bytes)}`,
        size: bytes.length,
      });
      writeFileSync(at(name, "index.json"), JSON.stringify(index));
    },
    stop: () => Promise.resolve(rmSync(folder, { recursive: true, force: true })),
  };
}

function overHttp(host) {
  const ask = async (path, request) => {
    const answer = await fetch(new URL(path, `http://${host}`), request);
    if (!answer.ok) throw new Error(`docker-registry answered ${answer.status}`);
    return answer;
  };
  return {
    repository: (name) => `${host}/${name}`,
    put: async (name, bytes) => {
      const digest = sha256(bytes);
      const { headers } = await ask(`/v2/${name}/blobs/uploads/`, { method: "POST" });
      const to = new URL(headers.get("location"), `http://${host}`);
      to.searchParams.set("digest", `sha256:${digest}`);
      await ask(to, { method: "PUT", body: bytes });
      return digest;
    },
    manifestOf: async (name, tag) => {
      const answer = await ask(`/v2/${name}/manifests/${tag}`, { headers: { accept: MANIFEST_TYPE } });
      return await answer.json();
    },
    setTag: async (name, tag, manifest) => {
      const body = JSON.stringify(manifest);
      const headers = { "content-type": MANIFEST_TYPE };
      await ask(`/v2/${name}/manifests/${tag}`, { method: "PUT", headers, body });
    },
  };
}

/** The files of all blobs. */
function blobsIn(folder) {
  const isBlob = /blobs\/sha256\/(?:[0-9a-f]{64}|[0-9a-f]{2}\/[0-9a-f]{64}\/data)$/;
  return readdirSync(folder, { recursive: true, encoding: "utf8" })
    .filter((name) => isBlob.test(name) && existsSync(join(folder, name)))
    .map((name) => join(folder, name));
}

/** The port that it says it listens on. */
async function portOf(child, log) {
  for (let tries = 0; ; tries++) {
    const said = readFileSync(log, "utf8");
    const [, port] = /listening on 127\.0\.0\.1:([0-9]+)/.exec(said) ?? [];
    if (port !== undefined) return port;
    if (tries === 300 || child.exitCode !== null) throw new Error(`docker-registry did not start:\n${said}`);
    await sleep(100);
  }
}

function sha256(bytes) {
  return createHash("sha256").update(bytes).digest("hex");
}
