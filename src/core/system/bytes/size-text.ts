/** Sizes for a person, to three digits. @module */

import { countOf, numberOf } from "./count-text.ts";

/** Powers of a thousand, as disks and networks are sold. */
const UNITS = ["kB", "MB", "GB", "TB", "PB"] as const;

/** `7 bytes`, `1.23 kB`, `640 MB`. */
export function sizeOf(bytes: number): string {
  const scale = scaleOf(bytes);
  return scale === undefined ? countOf(Math.round(bytes), "byte") : `${inScale(bytes, scale)} ${scale.unit}`;
}

/** `0.05 of 4.29 GB`: both in the unit of the whole. */
export function sizeOfTotal(bytes: number, total: number): string {
  const scale = scaleOf(total);
  if (scale === undefined) return `${numberOf(bytes)} of ${countOf(total, "byte")}`;
  return `${inScale(bytes, scale)} of ${inScale(total, scale)} ${scale.unit}`;
}

interface Scale {
  readonly unit: string;
  readonly size: number;
  readonly decimals: number;
}

function scaleOf(bytes: number): Scale | undefined {
  if (bytes < 999.5) return undefined;
  let size = 1000;
  for (const unit of UNITS) {
    const isLast = unit === UNITS.at(-1);
    // A value that rounds to a thousand of a unit is shown as one of the next unit.
    if (bytes < size * 999.5 || isLast) {
      const value = bytes / size;
      return { unit, size, decimals: value < 9.995 ? 2 : value < 99.95 ? 1 : 0 };
    }
    size *= 1000;
  }
  return undefined;
}

function inScale(bytes: number, { decimals, size }: Scale): string {
  return (bytes / size).toFixed(decimals);
}
