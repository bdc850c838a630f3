/**
 * What a bundle's tokens say of its time, by node:crypto.
 *
 * @module
 */

import {
  type BundleTimestamps,
  findTime as findTimeBy,
  type TimeFinding,
  type TrustPolicy,
} from "../../../core/internal.ts";
import { nodeTime } from "./node-time.ts";

/** What a bundle's tokens say; `undefined` without a TIMESTAMPS.json. No token is read for a policy without authorities. */
export function findTime(
  policy: TrustPolicy | undefined,
  timestamps: BundleTimestamps | undefined,
): TimeFinding | undefined {
  // Most bundles have none: the command then never loads what judges tokens.
  return timestamps && findTimeBy(policy, timestamps, nodeTime);
}
