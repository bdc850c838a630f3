/** The jobs of hashing, by which the worker pool finds their modules. @module */

import type { HexDigest } from "../../core/internal.ts";
import { type Job, registerJob } from "../work/job.ts";
import type { HashBoard } from "./hash-board.ts";

/** Hashes the files of a board. */
export const HASH_JOB: Job<HashBoard, void> = registerJob(new URL("./hash-job.js", import.meta.url));

/** Computes the Merkle root of leaves of 32 raw bytes each. */
export const ROOT_JOB: Job<Uint8Array<SharedArrayBuffer>, HexDigest> = registerJob(
  new URL("./root-job.js", import.meta.url),
);
