/**
 * What a person means where a command takes a bundle: a run of this machine, or an archive or repository that carries runs.
 *
 * @module
 */

import { resolve } from "node:path";
import { ok, type Result, type TrustPolicy } from "../../core/internal.ts";
import type { BundleSource } from "../../node/judge/source/bundle-source.ts";
import type { BundlePlace, PlaceOptions } from "../../node/library/places/bundle-place.ts";
import { placeForm, STDIN } from "../../node/library/places/place-form.ts";
import { isArchiveFile } from "../../node/move/archive/is-archive-file.ts";
import { openNamedFile } from "../../node/system/files/open-named-file.ts";
import { type OperationFault, withDetails } from "../../node/system/runtime/operation-fault.ts";
import type { Io } from "../output/io.ts";
import type { RegistryOptions } from "./registry-options.ts";
import { placeOfBundle } from "./run-operands.ts";
import { refuseGiven, UsageError } from "./usage-error.ts";

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

/** Opens one kind of carrier. What it needs is loaded on demand. */
type OpenKind = (text: string, io: Io, demand: OpenDemand) => Promise<Result<BundleSource, OperationFault>>;

/** An archive on standard input. */
const openStream: OpenKind = async (_text, io) => {
  const { ArchiveSource } = await import("../../node/move/archive/archive-source.ts");
  return ok(new ArchiveSource({ stream: io.readIn(), shown: STDIN }));
};

/** An archive in a regular file. */
const openFile: OpenKind = async (text, { cwd }) => {
  const { ArchiveSource } = await import("../../node/move/archive/archive-source.ts");
  const opened = openNamedFile(resolve(cwd, text));
  return opened.ok
    ? ok(new ArchiveSource({ fd: opened.value.fd, shown: text }))
    : withDetails(opened, { path: text });
};

/** A run in a registry or an OCI layout. */
const openRegistry: OpenKind = async (text, io, { policy, registry = {} }) => {
  const [{ RegistrySource }, { addressOf, openReference, readReference }] = await Promise.all([
    import("../../node/move/carry/registry-source.ts"),
    import("./registry-options.ts"),
  ]);
  const reference = readReference(text);
  if (!reference.ok) return reference;
  const opened = openReference(reference.value, registry, { makes: false }, io);
  if (!opened.ok) return opened;
  const repository = opened.value;
  const close = (): void => repository[Symbol.dispose]();
  try {
    return ok(new RegistrySource({ repository, address: addressOf(reference.value), policy, close }));
  } catch (thrown) {
    close();
    throw thrown;
  }
};

/** Finds what a text means, by its form. Fails as `placeOfBundle` does. */
export function placeOfSource(
  text: string,
  options: PlaceOptions,
  io: Io,
): Result<SourcePlace, OperationFault> {
  const carrier = carrierOf(text, io);
  if (carrier !== undefined) return ok({ kind: "carried", open: carrier });
  const place = placeOfBundle(text, options, io);
  return place.ok ? ok({ kind: "folder", place: place.value }) : place;
}

/** How to open the carrier that a text names; undefined where it names a run of this machine. */
export function carrierOf(text: string, io: Io): OpenCarried | undefined {
  const open = kindOf(text, io.cwd);
  return open && ((demand) => open(text, io, demand));
}

function kindOf(text: string, cwd: string): OpenKind | undefined {
  if (text === STDIN) return openStream;
  const form = placeForm(text);
  if (form === "reference") return openRegistry;
  return form === "path" && isArchiveFile(resolve(cwd, text)) ? openFile : undefined;
}

/** The carrier that a chain is named by; undefined for runs of this machine. Throws a usage error where there are several. */
export function carrierOfAll(texts: readonly string[], io: Io): OpenCarried | undefined {
  const carriers = texts.flatMap((text) => carrierOf(text, io) ?? []);
  if (carriers.length > 0 && texts.length > 1)
    throw new UsageError("a history is either run directories and ids, or one archive with all of its runs");
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
  refuseGiven(options, ["--run"], "chooses a run of an archive; name a run by its id or folder");
  refuseGiven(options, ["--plain-http"], "is for registries");
}

/** Refuses options of a project, all or `flags`, for what is carried: it has its own bytes. Throws a usage error. */
export function refuseProjectOptions(
  options: object,
  flags: readonly string[] = ["--project", "--stored", "--files"],
): void {
  refuseGiven(options, flags, "is about a project, and what is carried has its own bytes");
}
