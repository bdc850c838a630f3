/** The program of a hash worker: hashes the files that the session sends, several at a time. @module */

import { hashBlobs } from "./hashing/hash-blobs.ts";
import type { HashAnswer, HashRequest } from "./hashing/hash-message.ts";

function answer(message: HashAnswer): void {
  postMessage(message);
}

async function hash({ blobs, id }: HashRequest): Promise<void> {
  const files = await hashBlobs(blobs, (bytes) => answer({ kind: "bytes", bytes }));
  answer({ kind: "hashed", id, files });
}

addEventListener("message", ({ data }: MessageEvent<HashRequest>) => {
  // A bug reaches the session as an error of this worker.
  hash(data).catch(reportError);
});
