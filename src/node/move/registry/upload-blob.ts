/**
 * Puts blobs, and goes on where a connection broke.
 *
 * https://github.com/opencontainers/distribution-spec/blob/v1.1.0/spec.md#pushing-blobs. A blob of up to 64 MiB takes one PUT; a
 * longer one PATCHes of 64 MiB each, which docker-registry takes sooner than one long PUT.
 *
 * Registries differ in what they keep of a request that was cut. docker-registry 2.8 keeps its bytes, and then refuses every request of
 * that upload, because the state in its address names an earlier offset: there the blob begins anew.
 *
 * @module
 */

import {
  digestToHex,
  ociDigest,
  ok,
  parseCount,
  parseUploadedBytes,
  type Result,
  type RunningSha256,
} from "../../../core/internal.ts";
import type { StreamedBody } from "../../system/http/exchange.ts";
import { isSameDigest, nodeCrypto } from "../../system/runtime/node-crypto.ts";
import { type OperationFault, operationFault } from "../../system/runtime/operation-fault.ts";
import { nextAddress } from "./addresses.ts";
import type { Scope } from "./authorizer.ts";
import { type Failure, finalFailure, malformedAnswer } from "./failure.ts";
import { hasBlob } from "./find-blob.ts";
import type { CallAnswer, RegistryCall, RegistryClient } from "./registry-client.ts";
import type { BlobSource, PutBlob, PutOptions } from "./repository.ts";
import type { Retries } from "./retries.ts";

/** How often an upload begins anew whose bytes the registry does not have as it said. */
const MAX_RESTARTS = 2;

/** One token for all requests of an upload. */
const WRITING: Scope = "pull,push";

/** Puts a blob, unless it is there. Throws an Interruption. */
export async function uploadBlob(
  client: RegistryClient,
  source: BlobSource,
  options: PutOptions,
): Promise<Result<PutBlob, OperationFault>> {
  const found = await hasBlob(client, source, options.signal);
  if (!found.ok) return found;
  if (found.value) return ok({ how: "present", sentBytes: 0 });
  return await new Upload(client, source, options).run();
}

/**
 * Statuses of an upload that begins anew: the registry forgot it, does not know parts, or has other bytes of it than it said. Some
 * pass over gaps.
 */
const BROKEN: readonly number[] = [400, 404, 405, 416, 501];

/** What comes of one step. */
type Step = "goes-on" | "uploaded";

/** The upload of one blob. */
class Upload {
  readonly #client: RegistryClient;
  readonly #source: BlobSource;
  readonly #options: PutOptions;
  readonly #hash: RunningSha256 = nodeCrypto.beginSha256();
  /** Bytes of the source that were hashed: those that are sent again are not hashed again. */
  #hashed = 0;
  #digest: Uint8Array | undefined;
  /** Where the upload goes on; `undefined` before it began. */
  #location: URL | undefined;
  /** Bytes that the registry has. */
  #offset = 0;
  /** The most bytes that the registry has had of it, in any upload. */
  #furthest = 0;
  #chunkBytes: number;
  #sentBytes = 0;
  #restarts = 0;

  constructor(client: RegistryClient, source: BlobSource, options: PutOptions) {
    this.#client = client;
    this.#source = source;
    this.#options = options;
    this.#chunkBytes = client.setting.chunkBytes;
  }

  async run(): Promise<Result<PutBlob, OperationFault>> {
    const retries = this.#client.retries(this.#options.signal);
    for (;;) {
      const step = await this.#step();
      const done = step.ok ? step : await this.#recover(step, retries);
      if (!done.ok) return done;
      if (done.value !== "goes-on") return ok({ how: done.value, sentBytes: this.#sentBytes });
      // Only what is further than any try before: an upload that begins anew again and again makes no progress.
      retries.progress(Math.max(0, this.#offset - this.#furthest));
      this.#furthest = Math.max(this.#furthest, this.#offset);
    }
  }

  #step(): Promise<Result<Step, Failure>> {
    const { size } = this.#source;
    if (this.#location === undefined) return this.#begin();
    const fitsOneRequest = this.#offset === 0 && size <= this.#chunkBytes;
    return fitsOneRequest || this.#offset === size
      ? this.#finish(this.#location)
      : this.#patch(this.#location);
  }

  /** Begins an upload. */
  async #begin(): Promise<Result<Step, Failure>> {
    const url = this.#client.address("blobs/uploads/");
    const answered = await this.#attempt({ method: "POST", url, headers: {}, accepts: [202] });
    if (!answered.ok) return answered;
    await answered.value.answer.discard();
    const least = parseCount(answered.value.answer.header("oci-chunk-min-length")) ?? 0;
    this.#chunkBytes = Math.max(this.#chunkBytes, least);
    this.#offset = 0;
    return this.#moveTo(answered.value);
  }

  /** Sends the next chunk. */
  async #patch(url: URL): Promise<Result<Step, Failure>> {
    const length = Math.min(this.#chunkBytes, this.#source.size - this.#offset);
    const end = this.#offset + length;
    const headers = {
      "content-type": "application/octet-stream",
      "content-range": `${this.#offset}-${end - 1}`,
    };
    const body = this.#body(this.#offset, length);
    const answered = await this.#attempt({ method: "PATCH", url, headers, body, accepts: [201, 202, 204] });
    if (!answered.ok) return answered;
    const { answer } = answered.value;
    await answer.discard();
    const range = answer.header("range");
    const uploaded = range === undefined ? end : parseUploadedBytes(range);
    if (uploaded === undefined || uploaded > end || uploaded <= this.#offset)
      return malformedAnswer(this.#client.reference, "upload-range");
    this.#offset = uploaded;
    return this.#moveTo(answered.value);
  }

  /** Ends the upload: the registry compares the digest. */
  async #finish(location: URL): Promise<Result<Step, Failure>> {
    const { digest, size } = this.#source;
    const url = new URL(location);
    // Not by searchParams: they would write the registry's own parameters anew.
    url.search = `${url.search === "" ? "?" : `${url.search}&`}digest=${ociDigest(digest)}`;
    const isWhole = this.#offset < size;
    const headers = { "content-type": "application/octet-stream" };
    const body = isWhole ? this.#body(0, size) : undefined;
    if (!isWhole && this.#gaveOtherBytes()) return finalFailure(this.#changed());
    const answered = await this.#attempt({ method: "PUT", url, headers, body, accepts: [201, 204] });
    if (!answered.ok) return answered;
    await answered.value.answer.discard();
    return ok("uploaded");
  }

  /** Decides how to go on after a failure. Gives the fault where that is impossible. */
  async #recover(failure: Failure, retries: Retries): Promise<Result<Step, OperationFault>> {
    if (this.#gaveOtherBytes()) return this.#changed();
    if (failure.isTransient) {
      const fault = await retries.again(failure);
      return fault ?? (await this.#lookWhereItStopped());
    }
    const isBroken = BROKEN.includes(failure.status ?? 0);
    if (!isBroken || this.#location === undefined || this.#restarts === MAX_RESTARTS) return failure.fault;
    this.#restarts += 1;
    this.#location = undefined;
    // Some registries take no uploads in parts.
    this.#chunkBytes = Math.max(this.#chunkBytes, this.#source.size);
    return ok("goes-on");
  }

  /** Asks how far the upload came. One that the registry does not know begins anew. */
  async #lookWhereItStopped(): Promise<Result<Step, OperationFault>> {
    const url = this.#location;
    if (url === undefined) return ok("goes-on");
    // The last request may have been done, and only its answer lost.
    const found = await hasBlob(this.#client, this.#source, this.#options.signal);
    if (!found.ok) return found;
    if (found.value) return ok("uploaded");
    this.#location = undefined;
    const asked = await this.#attempt({ method: "GET", url, headers: {}, accepts: [200, 202, 204] });
    if (!asked.ok) return ok("goes-on");
    const { answer } = asked.value;
    await answer.discard();
    const uploaded = parseUploadedBytes(answer.header("range") ?? "");
    if (uploaded === undefined || uploaded > this.#source.size) return ok("goes-on");
    this.#offset = uploaded;
    this.#location = url;
    if (answer.header("location") !== undefined) this.#moveTo(asked.value);
    return ok("goes-on");
  }

  #attempt(call: Omit<RegistryCall, "scope">): Promise<Result<CallAnswer, Failure>> {
    return this.#client.attempt({ ...call, scope: WRITING }, this.#options.signal);
  }

  #moveTo({ answer, url }: CallAnswer): Result<Step, Failure> {
    const next = nextAddress(url, answer.header("location"), this.#client.setting.plainHttp);
    if (next === undefined) return malformedAnswer(this.#client.reference, "location");
    this.#location = next;
    return ok("goes-on");
  }

  #body(offset: number, length: number): StreamedBody {
    return { length, chunks: () => this.#chunks(offset, length) };
  }

  async *#chunks(offset: number, length: number): AsyncGenerator<Uint8Array | OperationFault> {
    let left = length;
    let position = offset;
    for await (const chunk of this.#source.open(offset)) {
      if (!(chunk instanceof Uint8Array)) {
        yield chunk;
        return;
      }
      const piece = chunk.subarray(0, left);
      this.#hashPiece(piece, position);
      position += piece.length;
      left -= piece.length;
      this.#sentBytes += piece.length;
      this.#options.sent?.(piece.length);
      yield piece;
      if (left === 0) return;
    }
  }

  #hashPiece(piece: Uint8Array, position: number): void {
    const known = this.#hashed - position;
    if (known < 0 || known >= piece.length || this.#digest !== undefined) return;
    this.#hash.add(piece.subarray(known));
    this.#hashed = position + piece.length;
  }

  /** Whether the whole source was read, and is not what its digest says. */
  #gaveOtherBytes(): boolean {
    if (this.#hashed < this.#source.size) return false;
    this.#digest ??= this.#hash.end();
    return !isSameDigest(this.#source.digest, digestToHex(this.#digest));
  }

  #changed(): OperationFault {
    return operationFault("CHANGED_WHILE_READ", { path: ociDigest(this.#source.digest) });
  }
}
