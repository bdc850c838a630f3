/**
 * An order as it is sent to the threads of a crew: what it says of each file lies in memory that all of them share, so
 * that a thread more copies nothing. Read where it is needed, one file at a time.
 *
 * @module
 */

import {
  DIGEST_BYTES,
  digestToHex,
  itemAt,
  type Listing,
  makeListing,
  type OutputPath,
} from "../../core/index.ts";
import type { RunOutput } from "./entries.ts";
import type { PlacedOutput } from "./look-at.ts";
import type { Order, WorkOrder } from "./work-order.ts";

/** Texts in a row, and where each ends. */
interface SharedTexts {
  readonly bytes: Uint8Array<SharedArrayBuffer>;
  readonly ends: Float64Array<SharedArrayBuffer>;
}

interface SharedPlaced {
  readonly paths: SharedTexts;
  readonly digests: Uint8Array<SharedArrayBuffer>;
}

interface SharedOutputs extends SharedPlaced {
  readonly sizes: Float64Array<SharedArrayBuffer>;
  /** Of each output, the place of its run in `runIds`. */
  readonly runs: Uint32Array<SharedArrayBuffer>;
  readonly runIds: readonly string[];
}

/** What is sent. */
export type SharedOrder = Order<SharedTexts, SharedOutputs, SharedPlaced>;

/** Puts an order into shared memory. */
export function shareOrder(order: WorkOrder): SharedOrder {
  const files = { fd: order.files.fd, paths: shareTexts(order.files.paths) };
  switch (order.task) {
    case "stage":
      return { ...order, files, outputs: shareOutputs(order.outputs) };
    case "sync":
      return { ...order, files };
    case "look":
      return { ...order, files, outputs: sharePlaced(order.outputs) };
  }
}

/** The order again, as a thread works it off. */
export function readSharedOrder(order: SharedOrder): WorkOrder {
  const files = { fd: order.files.fd, paths: readTexts(order.files.paths) };
  switch (order.task) {
    case "stage":
      return { ...order, files, outputs: readOutputs(order.outputs) };
    case "sync":
      return { ...order, files };
    case "look":
      return { ...order, files, outputs: readPlaced(order.outputs) };
  }
}

function shareTexts(texts: Listing<string>): SharedTexts {
  const ends = new Float64Array(new SharedArrayBuffer(texts.length * 8));
  let end = 0;
  for (let index = 0; index < texts.length; index++) {
    end += Buffer.byteLength(itemAt(texts, index));
    ends[index] = end;
  }
  const bytes = new Uint8Array(new SharedArrayBuffer(end));
  const target = Buffer.from(bytes.buffer);
  let start = 0;
  for (const text of texts) start += target.write(text, start);
  return { bytes, ends };
}

function readTexts({ bytes, ends }: SharedTexts): Listing<string> {
  const source = Buffer.from(bytes.buffer);
  return makeListing(ends.length, (index) => source.toString("utf8", ends[index - 1] ?? 0, ends[index]));
}

function sharePlaced(outputs: Listing<PlacedOutput>): SharedPlaced {
  const { length } = outputs;
  const digests = new Uint8Array(new SharedArrayBuffer(length * DIGEST_BYTES));
  const target = Buffer.from(digests.buffer);
  for (let index = 0; index < length; index++) {
    target.write(itemAt(outputs, index).digest, index * DIGEST_BYTES, DIGEST_BYTES, "hex");
  }
  const paths = makeListing(length, (index) => itemAt(outputs, index).path);
  return { paths: shareTexts(paths), digests };
}

function readPlaced({ digests, paths }: SharedPlaced): Listing<PlacedOutput> {
  const texts = readTexts(paths);
  return makeListing(texts.length, (index) => {
    const start = index * DIGEST_BYTES;
    return { path: itemAt(texts, index), digest: digestToHex(digests.subarray(start, start + DIGEST_BYTES)) };
  });
}

function shareOutputs(outputs: Listing<RunOutput>): SharedOutputs {
  const sizes = new Float64Array(new SharedArrayBuffer(outputs.length * 8));
  const runs = new Uint32Array(new SharedArrayBuffer(outputs.length * 4));
  const places = new Map<string, number>();
  for (let index = 0; index < outputs.length; index++) {
    const { bytes, runId } = itemAt(outputs, index);
    const place = places.get(runId) ?? places.size;
    places.set(runId, place);
    sizes[index] = bytes;
    runs[index] = place;
  }
  return { ...sharePlaced(outputs), sizes, runs, runIds: [...places.keys()] };
}

function readOutputs(shared: SharedOutputs): Listing<RunOutput> {
  const placed = readPlaced(shared);
  return makeListing(placed.length, (index) => {
    const { digest, path } = itemAt(placed, index);
    const runId = itemAt(shared.runIds, itemAt(shared.runs, index));
    // It was one when it was put there.
    return { path: path as OutputPath, digest, bytes: itemAt(shared.sizes, index), runId };
  });
}
