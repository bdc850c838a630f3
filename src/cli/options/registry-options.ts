/** How to speak to a registry, and what a reference names: shared by all commands that read or write runs there. @module */

import { parseReference, quote, type Reference, type Result, referenceText } from "../../core/internal.ts";
import { DockerCredentials } from "../../node/move/registry/credentials/docker-config.ts";
import type { LayoutOptions } from "../../node/move/registry/layout/layout-repository.ts";
import { openRepository } from "../../node/move/registry/open-repository.ts";
import type { ManifestAddress, Repository } from "../../node/move/registry/repository.ts";
import { type OperationFault, operationFault } from "../../node/system/runtime/operation-fault.ts";
import type { Io } from "../output/io.ts";
import { UsageError } from "./usage-error.ts";

/** How to speak to a registry, as parsed. */
export interface RegistryOptions {
  readonly plainHttp?: true | undefined;
}

/** Reads a reference. Fails with ARGUMENT_MALFORMED. */
export function readReference(text: string): Result<Reference, OperationFault> {
  const reference = parseReference(text);
  if (reference.ok) return reference;
  return operationFault("ARGUMENT_MALFORMED", { reason: reference.part, reference: text });
}

/** Opens the repository of a reference. Nothing is sent yet. Fails for a layout, as `openRepository` does. */
export function openReference(
  reference: Reference,
  { plainHttp }: RegistryOptions,
  { makes }: LayoutOptions,
  { environment }: Io,
): Result<Repository, OperationFault> {
  const credentials = new DockerCredentials(environment);
  return openRepository(reference, { credentials, plainHttp, makes, environment });
}

/** Which manifest a reference names: by its digest, where it has one, else by its tag. Throws a usage error if it has neither. */
export function addressOf(reference: Reference): ManifestAddress {
  const { digest, tag } = reference;
  if (digest !== undefined) return { digest };
  if (tag !== undefined) return { tag };
  throw new UsageError(
    `${quote(referenceText(reference))} names no run: add :TAG or @sha256:DIGEST\nrunseal log lists the runs of a repository`,
  );
}

/** The tags of a push. Throws usage errors. */
export function tagsOf({ digest, tag }: Reference, tags: readonly string[], runs: number): readonly string[] {
  if (digest !== undefined)
    throw new UsageError("a push makes the digest; name a repository, and a tag if you like");
  const all = [...(tag === undefined ? [] : [tag]), ...tags];
  if (runs > 1 && all.length > 0)
    throw new UsageError(
      "one tag can't name several runs\nwithout a tag, each gets one of its own: r- and its bundle root",
    );
  return [...new Set(all)];
}
