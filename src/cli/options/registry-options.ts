/** How to speak to a registry, and what a reference names: shared by all commands that read or write runs there. @module */

import {
  ok,
  parseReference,
  quote,
  type Reference,
  type Result,
  referenceText,
} from "../../core/internal.ts";
import { DockerCredentials } from "../../node/registry/credentials/docker-config.ts";
import { openRepository } from "../../node/registry/open-repository.ts";
import type { ManifestAddress, Repository } from "../../node/registry/repository.ts";
import { type OperationFault, operationFault } from "../../node/runtime/operation-fault.ts";
import type { Io } from "../output/io.ts";
import type { RegistryOptions } from "./registry-flags.ts";
import { UsageError } from "./usage-error.ts";

/** A repository, and what the reference names in it. */
export interface NamedRepository extends Disposable {
  readonly repository: Repository;
  readonly reference: Reference;
}

/** Whether a command makes a layout that is not there. */
export interface RepositoryUse {
  readonly makes: boolean;
}

/** Reads a reference. Fails with ARGUMENT_MALFORMED. */
export function readReference(text: string): Result<Reference, OperationFault> {
  const reference = parseReference(text);
  if (reference.ok) return reference;
  return operationFault("ARGUMENT_MALFORMED", { reason: reference.part, reference: text });
}

/** Reads a reference and opens its repository, as `openReference` does. Fails with ARGUMENT_MALFORMED, too. */
export function openNamedRepository(
  text: string,
  options: RegistryOptions,
  use: RepositoryUse,
  io: Io,
): Result<NamedRepository, OperationFault> {
  const reference = readReference(text);
  return reference.ok ? openReference(reference.value, options, use, io) : reference;
}

/** Opens the repository of a reference. Nothing is sent yet. Fails for a layout, as `openRepository` does. */
export function openReference(
  reference: Reference,
  options: RegistryOptions,
  { makes }: RepositoryUse,
  { environment }: Io,
): Result<NamedRepository, OperationFault> {
  const opened = openRepository(reference, {
    credentials: new DockerCredentials(environment),
    plainHttp: options.plainHttp,
    makes,
    environment,
  });
  if (!opened.ok) return opened;
  const repository = opened.value;
  return ok({ reference, repository, [Symbol.dispose]: () => repository[Symbol.dispose]() });
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
