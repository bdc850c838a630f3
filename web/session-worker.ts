/** The program of the session's worker: reads and judges what the user gave, so that the page never does. @module */

import { createSHA256 } from "hash-wasm";
import { WebCrypto } from "../src/core/internal.ts";
import { HashPool } from "./hashing/hash-pool.ts";
import { HASH_PROGRAM } from "./hashing/hash-program.ts";
import { workerStarter } from "./hashing/start-worker.ts";
import { Session } from "./session/session.ts";
import type { SessionNews, SessionRequest } from "./session/session-message.ts";

/** SHA-256 is by hash-wasm, because WebCrypto's can't be asked synchronously. Throws where the browser has no WebAssembly or no Ed25519. */
async function loadCrypto(): Promise<WebCrypto> {
  const hasher = await createSHA256();
  return await WebCrypto.of(crypto.subtle, (bytes) => hasher.init().update(bytes).digest("binary"));
}

function post(news: SessionNews): void {
  postMessage(news);
}

function fail(thrown: unknown): void {
  post({ kind: "failed", words: thrown instanceof Error ? thrown.message : "unknown" });
}

async function start(): Promise<void> {
  const crypto = await loadCrypto();
  const session = new Session(crypto, new HashPool(workerStarter(HASH_PROGRAM)), post);
  addEventListener("message", ({ data }: MessageEvent<SessionRequest>) => {
    session.handle(data).catch(fail);
  });
  post({ kind: "ready" });
}

start().catch(fail);
