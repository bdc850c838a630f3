/**
 * What a person means where a command takes a bundle: a run of this machine, or an archive or repository that carries runs.
 *
 * @module
 */

import { lstatSync, statSync } from "node:fs";
import { resolve } from "node:path";
import { looksLikeReference, ok, pinsDigest, type Result, type TrustPolicy } from "../../core/internal.ts";
import { beginsAsArchive } from "../../node/archive/begins-as-archive.ts";
import { openNamedFile } from "../../node/files/open-named-file.ts";
import { type OperationFault, operationFault } from "../../node/runtime/operation-fault.ts";
import type { BundleSource } from "../../node/source/bundle-source.ts";
import type { Io } from "../output/io.ts";
import { type BundlePlace, placeOfBundle } from "./bundle-place.ts";
import type { RegistryOptions } from "./registry-flags.ts";
import { UsageError } from "./usage-error.ts";

/** Where a run is. */
export type SourcePlace =
  | { readonly kind: "folder"; readonly place: BundlePlace }
  | { readonly kind: "carried"; readonly open: OpenCarried };

/** Opens what carries runs. The caller closes it. Fails where it can't be reached. */
export type OpenCarried = (demand: OpenDemand) => Promise<Result<BundleSource, OperationFault>>;

/** What a carrier may need to know. */
export interface OpenDemand {
  /** By which countersignatures of a registry are taken along. */
  readonly policy?: TrustPolicy | undefined;
  /** How to speak to a registry. */
  readonly registry?: RegistryOptions | undefined;
}

/** One kind of carrier. What opens it is loaded on demand. */
interface CarrierKind {
  /** Whether a text names one. `path` is the text as an absolute path, `isRun` whether the text is the id of a run of the project. */
  readonly matches: (text: string, path: string, isRun: () => boolean) => boolean;
  readonly open: (text: string, io: Io, demand: OpenDemand) => Promise<Result<BundleSource, OperationFault>>;
}

/** Stands for standard input. */
export const STDIN = "-";

/** An archive on standard input. */
const STREAM: CarrierKind = {
  matches: (text) => text === STDIN,
  open: async (_text, io) => {
    const { ArchiveSource } = await import("../../node/archive/archive-source.ts");
    return ok(new ArchiveSource({ stream: io.readIn(), shown: STDIN }));
  },
};

/** An archive in a regular file. A file that does not begin as one names no run, and a run of the same name is meant instead. */
const FILE: CarrierKind = {
  matches: (_text, path, isRun) => isRegularFile(path) && !isRun() && beginsAsArchive(path),
  open: async (text, { cwd }) => {
    const { ArchiveSource } = await import("../../node/archive/archive-source.ts");
    const opened = openNamedFile(resolve(cwd, text));
    return opened.ok
      ? ok(new ArchiveSource({ fd: opened.value.fd, shown: text }))
      : operationFault(opened.code, { ...opened.details, path: text });
  },
};

/** A run in a registry or an OCI layout. A path that is there wins, except over a digest. */
const REGISTRY: CarrierKind = {
  matches: (text, path) => looksLikeReference(text) && !isThere(path),
  open: async (text, io, { policy, registry = {} }) => {
    const [{ RegistrySource }, { addressOf, openNamedRepository }] = await Promise.all([
      import("../../node/carry/registry-source.ts"),
      import("./registry-options.ts"),
    ]);
    const opened = openNamedRepository(text, registry, { makes: false }, io);
    if (!opened.ok) return opened;
    const named = opened.value;
    try {
      const { reference, repository } = named;
      const close = (): void => named[Symbol.dispose]();
      return ok(new RegistrySource({ repository, address: addressOf(reference), policy, close }));
    } catch (thrown) {
      named[Symbol.dispose]();
      throw thrown;
    }
  },
};

/** A run by its digest, whatever has that path. */
const PINNED: CarrierKind = { ...REGISTRY, matches: pinsDigest };

/** The first that matches is meant, and a run of this machine where none does. */
const KINDS: readonly CarrierKind[] = [STREAM, PINNED, FILE, REGISTRY];

/** Finds what a text means. Fails as `placeOfBundle` does. */
export function placeOfSource(
  text: string,
  root: string | undefined,
  io: Io,
): Result<SourcePlace, OperationFault> {
  const carrier = carrierOf(text, root, io);
  if (carrier !== undefined) return ok({ kind: "carried", open: carrier });
  const place = placeOfBundle(text, root, io);
  return place.ok ? ok({ kind: "folder", place: place.value }) : place;
}

/** How to open the carrier that a text names; undefined where it names none. */
export function carrierOf(text: string, root: string | undefined, io: Io): OpenCarried | undefined {
  const path = resolve(io.cwd, text);
  const isRun = (): boolean => placeOfBundle(text, root, io).ok;
  const kind = KINDS.find(({ matches }) => matches(text, path, isRun));
  return kind && ((demand) => kind.open(text, io, demand));
}

/** The carrier that a chain is named by; undefined for runs of this machine. Throws a usage error where there are several. */
export function carrierOfAll(
  texts: readonly string[],
  root: string | undefined,
  io: Io,
): OpenCarried | undefined {
  const carriers = texts.flatMap((text) => carrierOf(text, root, io) ?? []);
  if (carriers.length > 0 && texts.length > 1)
    throw new UsageError("a chain is either run directories and ids, or one archive with all of its runs");
  return carriers[0];
}

/** The options about the runs of a carrier, as parsed. */
export interface CarriedOptions extends RegistryOptions {
  readonly run?: string | undefined;
}

/** The runs that they choose; undefined for all. */
export function chosenRuns({ run }: CarriedOptions): readonly string[] | undefined {
  return run === undefined ? undefined : [run];
}

/** Refuses options of a carrier for a run of this machine. Throws a usage error. */
export function refuseCarriedOptions(options: CarriedOptions): void {
  const { plainHttp, run } = options;
  if (run !== undefined)
    throw new UsageError("--run chooses a run of an archive; name a run by its id or folder");
  if (plainHttp === true) throw new UsageError("--plain-http is for registries");
}

/** Whether something has a path, as far as this user can see. */
function isThere(path: string): boolean {
  try {
    return lstatSync(path, { throwIfNoEntry: false }) !== undefined;
  } catch {
    return false;
  }
}

/** What can't be looked at is not one: the search for a run directory says why. */
function isRegularFile(path: string): boolean {
  try {
    return statSync(path, { throwIfNoEntry: false })?.isFile() === true;
  } catch {
    return false;
  }
}
