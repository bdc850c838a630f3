/**
 * OpenSSH's own agent with keys of OpenSSH's own making, and agents that misbehave.
 *
 * @module
 */

import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import { createConnection, createServer, type Server, type Socket } from "node:net";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { makeFolder, removeTree } from "../files/tree.ts";

/** A key pair made by ssh-keygen. */
export interface SshKeyPair {
  readonly file: string;
  /** Its own `.pub` line: type, base64, comment. */
  readonly line: string;
  /** The base64 of that line. */
  readonly base64: string;
  /** As `ssh-add -l` prints it. */
  readonly fingerprint: string;
  /** 32 raw bytes. */
  readonly publicKey: Buffer;
}

/** Makes a key pair without a passphrase. */
export function makeSshKey(folder: string, comment: string, type = "ed25519"): SshKeyPair {
  const file = join(folder, `id-${comment || "none"}`);
  execFileSync("ssh-keygen", ["-q", "-t", type, "-N", "", "-C", comment, "-f", file]);
  const line = readFileSync(`${file}.pub`, "utf8").trim();
  const [, base64 = ""] = line.split(" ");
  const printed = execFileSync("ssh-keygen", ["-lf", file], { encoding: "utf8" });
  const [fingerprint = ""] = /SHA256:\S+/.exec(printed) ?? [];
  return { file, line, base64, fingerprint, publicKey: Buffer.from(base64, "base64").subarray(-32) };
}

/** An `ssh-agent` process of OpenSSH. */
export class RealAgent implements AsyncDisposable {
  readonly folder: string = makeFolder();
  readonly socket: string = join(this.folder, "agent");
  /** What a client of it needs. */
  readonly env: Readonly<Record<string, string>> = {
    PATH: process.env["PATH"] ?? "",
    SSH_AUTH_SOCK: this.socket,
  };
  readonly #process: ChildProcess;

  private constructor() {
    this.#process = spawn("ssh-agent", ["-D", "-a", this.socket], {
      stdio: "ignore",
      // The confirmation is refused.
      env: { ...this.env, SSH_ASKPASS: "/bin/false", SSH_ASKPASS_REQUIRE: "force" },
    });
  }

  /** Starts one, and waits until it listens. */
  static async start(): Promise<RealAgent> {
    const agent = new RealAgent();
    // Its socket is there a moment before anybody is let in.
    while (!(await isAnswering(agent.socket))) {
      if (agent.#process.exitCode !== null) throw new Error("ssh-agent does not start");
      await sleep(2);
    }
    return agent;
  }

  /** Makes a key pair and adds it. */
  addNew(comment: string, options: readonly string[] = [], type?: string): SshKeyPair {
    const pair = makeSshKey(this.folder, comment, type);
    this.sshAdd(...options, pair.file);
    return pair;
  }

  /** Runs ssh-add. */
  sshAdd(...args: readonly string[]): void {
    execFileSync("ssh-add", ["-q", ...args], { env: this.env, stdio: "ignore" });
  }

  /** Locks it or unlocks it, as `ssh-add -x` and `-X` do; those ask for the passphrase on a terminal. */
  async lock(locked = true): Promise<void> {
    const [answer] = await askRaw(this.socket, [locked ? 22 : 23, 0, 0, 0, 4, ...Buffer.from("pass")]);
    if (answer !== 6) throw new Error("the agent was not locked");
  }

  /** Ends it. With SIGKILL its socket stays behind. */
  async stop(signal: NodeJS.Signals = "SIGTERM"): Promise<void> {
    const ended = this.#process.exitCode !== null || this.#process.signalCode !== null;
    if (ended) return;
    this.#process.kill(signal);
    await new Promise((resolve) => this.#process.once("exit", resolve));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop();
    removeTree(this.folder);
  }
}

/** A server on an agent's socket that answers each message as the test says. */
export class FakeAgent implements AsyncDisposable {
  readonly folder: string = makeFolder();
  readonly socket: string = join(this.folder, "agent");
  readonly #server: Server;
  readonly #clients = new Set<Socket>();

  private constructor(answer: (message: Buffer, client: Socket) => void) {
    this.#server = createServer((client) => {
      this.#clients.add(client);
      client.on("close", () => this.#clients.delete(client));
      client.on("error", () => undefined);
      let received = Buffer.alloc(0);
      client.on("data", (chunk: Buffer) => {
        received = Buffer.concat([received, chunk]);
        if (received.length < 4 || received.length < 4 + received.readUInt32BE()) return;
        answer(received.subarray(4), client);
        received = Buffer.alloc(0);
      });
    });
  }

  /** Starts one. `answer` gets a message from its type on. */
  static async start(answer: (message: Buffer, client: Socket) => void): Promise<FakeAgent> {
    const agent = new FakeAgent(answer);
    await new Promise<void>((resolve) => agent.#server.listen(agent.socket, resolve));
    return agent;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const client of this.#clients) client.destroy();
    await new Promise((resolve) => this.#server.close(resolve));
    removeTree(this.folder);
  }
}

/** A message as it goes over the socket: its length before it. */
export function framed(...parts: readonly (Uint8Array | number)[]): Buffer {
  return wireString(Buffer.concat(parts.map((part) => (typeof part === "number" ? Buffer.of(part) : part))));
}

/** A string as SSH encodes it. */
export function wireString(content: Uint8Array | string): Buffer {
  const bytes = Buffer.from(content);
  const length = Buffer.alloc(4);
  length.writeUInt32BE(bytes.length);
  return Buffer.concat([length, bytes]);
}

/** The encoding of an Ed25519 public key. */
export function keyBlob(publicKey: Uint8Array): Buffer {
  return Buffer.concat([wireString("ssh-ed25519"), wireString(publicKey)]);
}

/** The framed answer that lists these keys. */
export function listing(...keys: readonly (readonly [blob: Uint8Array, comment: string])[]): Buffer {
  const count = Buffer.of(0, 0, keys.length >> 8, keys.length & 255);
  return framed(12, count, ...keys.flatMap(([blob, comment]) => [wireString(blob), wireString(comment)]));
}

/** The framed answer that gives a signature. */
export function signed(signature: Uint8Array, type = "ssh-ed25519"): Buffer {
  return framed(14, wireString(Buffer.concat([wireString(type), wireString(signature)])));
}

async function askRaw(socket: string, message: readonly number[]): Promise<Buffer> {
  const client = createConnection(socket);
  client.write(framed(Buffer.from(message)));
  const answer = await new Promise<Buffer>((resolve, reject) => {
    client.once("data", resolve).once("error", reject);
  });
  client.destroy();
  return answer.subarray(4);
}

/** Whether an agent answers there: to the question for its identities, whatever they are. */
async function isAnswering(socket: string): Promise<boolean> {
  try {
    await askRaw(socket, [11]);
    return true;
  } catch {
    return false;
  }
}
