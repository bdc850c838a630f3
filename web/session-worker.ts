/** The program of the session's worker: reads and judges what the user gave, so that the page never does. @module */

import { PageCrypto } from "./crypto/page-crypto.ts";
import { HashPool } from "./hashing/hash-pool.ts";
import { HASH_PROGRAM } from "./hashing/hash-program.ts";
import { workerStarter } from "./hashing/start-worker.ts";
import { Session } from "./session/session.ts";
import type { SessionNews, SessionRequest } from "./session/session-message.ts";

function post(news: SessionNews): void {
  postMessage(news);
}

function fail(thrown: unknown): void {
  post({ kind: "failed", words: thrown instanceof Error ? thrown.message : "unknown" });
}

async function start(): Promise<void> {
  const crypto = await PageCrypto.load();
  const session = new Session(crypto, new HashPool(workerStarter(HASH_PROGRAM)), post);
  addEventListener("message", ({ data }: MessageEvent<SessionRequest>) => {
    session.handle(data).catch(fail);
  });
  post({ kind: "ready" });
}

start().catch(fail);
