/** The program of a worker: hashes the files that the page sends, several at a time. @module */

import { hashBlob } from "./hashing/hash-blob.ts";
import type { HashAnswer, HashRequest } from "./hashing/hash-message.ts";
import { readingCode } from "./source/reading-code.ts";

function answer(message: HashAnswer): void {
  postMessage(message);
}

async function hash({ blob, id }: HashRequest): Promise<void> {
  try {
    const digest = await hashBlob(blob, (bytes) => answer({ kind: "bytes", bytes }));
    answer({ kind: "digest", id, digest });
  } catch (thrown) {
    answer({ kind: "failure", id, code: readingCode(thrown) });
  }
}

addEventListener("message", ({ data }: MessageEvent<HashRequest>) => {
  void hash(data);
});
