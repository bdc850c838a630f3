/** Where a reference becomes a repository: the one place that knows which kinds there are. @module */

import { ok, type Reference, type Result } from "../../../core/internal.ts";
import type { OperationFault } from "../../system/runtime/operation-fault.ts";
import { type LayoutOptions, openLayout } from "./layout/layout-repository.ts";
import { type RegistryOptions, registryRepository } from "./registry-repository.ts";
import type { Repository } from "./repository.ts";

/** How to open a repository. */
export type RepositoryOptions = RegistryOptions & LayoutOptions;

/** Opens a repository, which is the caller's to dispose of. A registry is not asked anything yet. Fails for a layout, as `openLayout` does. */
export function openRepository(
  reference: Reference,
  options: RepositoryOptions,
): Result<Repository, OperationFault> {
  return reference.kind === "layout"
    ? openLayout(reference, options)
    : ok(registryRepository(reference, options));
}
