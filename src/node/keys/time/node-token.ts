/**
 * Judging one token, by node:crypto.
 *
 * @module
 */

import {
  judgeToken as judgeTokenBy,
  type Result,
  type SoundToken,
  type TokenDemand,
  type TokenFault,
} from "../../../core/internal.ts";
import { nodeTime } from "./node-time.ts";

/** Judges one token in DER. Never throws on what it reads. */
export function judgeToken(der: Uint8Array, demand: TokenDemand): Result<SoundToken, TokenFault> {
  return judgeTokenBy(der, demand, nodeTime);
}
