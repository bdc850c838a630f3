/**
 * Keeps the bytes of files that were read for a snapshot: small ones in packs, in the same read, large ones in files of their own. A
 * file that changed before it was kept is noted as changed, and is read again by the caller.
 *
 * @module
 */

import {
  DIGEST_BYTES,
  digestToHex,
  FindingTable,
  itemAt,
  type Listing,
  MAX_PACKED_BYTES,
  makeListing,
  ok,
  type Result,
} from "../../../core/internal.ts";
import { keepOutputs } from "../../records/store/keep-outputs.ts";
import type { HashedOutput } from "../../records/store/keeping.ts";
import type { ObjectMemory } from "../../records/store/object-memory.ts";
import { OutputPacking, type PackedOutputs } from "../../records/store/pack-outputs.ts";
import type { AnchoredRoot } from "../../system/files/anchored-root.ts";
import { DigestTable } from "../../system/packs/digest-table.ts";
import type { OperationFault } from "../../system/runtime/operation-fault.ts";
import { FILE_STATES, type LookedFiles, type ReadFilesOptions, readFiles } from "./hash-walked-files.ts";
import type { WalkedTree } from "./walk-folder.ts";

/** Where files are, and where their bytes are kept. */
export interface KeepPlace {
  /** The folder that the files are below. */
  readonly root: AnchoredRoot;
  /** The project whose store keeps the bytes. It is held. */
  readonly home: AnchoredRoot;
  readonly memory: ObjectMemory | undefined;
}

/** What was added to the store. */
export interface KeptObjects {
  readonly objects: number;
  readonly bytes: number;
}

/** How to read and keep files. */
export interface KeepOptions extends Omit<ReadFilesOptions, "packing"> {
  /** Whether small files are packed: only one packing may be in progress. */
  readonly packs: boolean;
  /** Asked once the files are read, before any of their bytes is kept under a name. */
  readonly onRead: () => OperationFault | undefined;
}

/**
 * Reads the files at some places and keeps their bytes, durable when this returns. Fails as `onRead`, `OutputPacking` and `keepOutputs` do. Throws an Interruption.
 */
export async function readAndKeep(
  { home, memory, root }: KeepPlace,
  walked: WalkedTree,
  looked: LookedFiles,
  places: Uint32Array,
  { onRead, packs, ...options }: KeepOptions,
): Promise<Result<KeptObjects, OperationFault>> {
  if (places.length === 0) return ok({ objects: 0, bytes: 0 });
  const changed = new Set<string>();
  const onChanged = (path: string): void => void changed.add(path);
  const { progress, signal } = options;
  const keeping = { memory, onChanged, progress, signal, source: root };
  const begun = packs ? await OutputPacking.begin(home, places.length, keeping) : undefined;
  if (begun?.ok === false) return begun;
  using packing = begun?.value;
  const found = await readFiles(root, walked, looked, places, { ...options, packing: packing?.board });
  const declined = onRead();
  if (declined !== undefined) return declined;
  const read = places.filter((place) => looked.states[place] === FILE_STATES.read);
  const kept =
    packing === undefined
      ? await keepOutputs(home, outputsAt(walked, looked, read), keeping)
      : await packing.keep(packedOnes(walked, looked, places, found));
  progress?.end();
  if (!kept.ok) return kept;
  noteChanged(walked, looked, places, changed);
  return ok({ objects: kept.value.added, bytes: kept.value.bytes });
}

/** Notes files that changed before they were kept, and those with the same bytes: one object was to be kept for all of them. */
function noteChanged(
  { files }: WalkedTree,
  looked: LookedFiles,
  places: Uint32Array,
  changed: ReadonlySet<string>,
): void {
  if (changed.size === 0) return;
  const { digests, states } = looked;
  const lost = new DigestTable();
  for (const place of places) if (changed.has(itemAt(files, place))) lost.add(digests, place * DIGEST_BYTES);
  for (const place of places)
    if (lost.find(digests, place * DIGEST_BYTES) !== -1) states[place] = FILE_STATES.changed;
}

/** The files at some places, as the store keeps them. */
function outputsAt({ files }: WalkedTree, looked: LookedFiles, places: Uint32Array): Listing<HashedOutput> {
  const { digests, sizes } = looked;
  return makeListing(places.length, (index) => {
    const place = places[index] ?? 0;
    const digest = digestToHex(digests.subarray(place * DIGEST_BYTES, (place + 1) * DIGEST_BYTES));
    return { path: itemAt(files, place), digest, bytes: sizes[place] ?? 0 };
  });
}

/** The same of those that were packed. A large file that was not read has no size: then it is not asked for. */
function packedOnes(
  walked: WalkedTree,
  looked: LookedFiles,
  places: Uint32Array,
  found: FindingTable,
): PackedOutputs {
  const sizes = found.columns.sizes.map((size, at) =>
    size > MAX_PACKED_BYTES && looked.states[places[at] ?? 0] !== FILE_STATES.read ? 0 : size,
  );
  const findings = new FindingTable({ ...found.columns, sizes });
  return { ...outputsAt(walked, looked, places), findings };
}
