/**
 * Finding the authority of a token, by node:crypto.
 *
 * @module
 */

import {
  findAuthority as findAuthorityBy,
  type ListedAuthority,
  type Result,
  type SoundToken,
  type TokenFault,
} from "../../../core/internal.ts";
import { nodeTime } from "./node-time.ts";

export type { ListedAuthority };

/** Finds the authority of a token. Fails as the core's function does. */
export function findAuthority(
  token: SoundToken,
  authorities: readonly ListedAuthority[],
): Result<ListedAuthority, TokenFault> {
  return findAuthorityBy(token, authorities, nodeTime);
}
