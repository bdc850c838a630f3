/**
 * Looking for the outputs of several bundles of a chain at once: below the root they are the work of one board.
 *
 * @module
 */

import { type JudgedBundle, ok, type Result } from "../../core/index.ts";
import type { OperationFault } from "../operation-fault.ts";
import {
  chooseFindings,
  type FoundOutputs,
  findOutputs,
  hashClaims,
  type OutputsRequest,
} from "./verify-bundle-files.ts";

/** Gives what was found of one bundle's outputs. To be asked in the order of the bundles, up to the first that fails. */
export type StretchOutputs = (index: number) => Promise<Result<FoundOutputs, OperationFault>>;

/** Looks for the outputs of bundles where they are asked from. What can't be had fails where its bundle is asked for. */
export async function findStretchOutputs(
  bundles: readonly JudgedBundle[],
  request: OutputsRequest,
): Promise<StretchOutputs> {
  const { from = "root" } = request;
  const claimsOf = (index: number): JudgedBundle["claims"] => bundles[index]?.claims ?? [];
  if (from === "store") return (index) => findOutputs(claimsOf(index), request);
  const all = bundles.flatMap(({ claims }) => claims);
  // What the store is asked for depends on all that is below the root.
  const below = await hashClaims(all, { ...request, untilFailure: from === "root" });
  let start = 0;
  const starts = bundles.map(({ claims }) => {
    start += claims.length;
    return start - claims.length;
  });
  return (index) => {
    const claims = claimsOf(index);
    const first = starts[index] ?? 0;
    // A root that can't be opened is missed only by who has something below it.
    const own = below.ok
      ? ok(below.value.slice(first, first + claims.length))
      : claims.some(({ lawful }) => lawful)
        ? below
        : ok(claims.map(() => undefined));
    return chooseFindings(claims, own, request);
  };
}
