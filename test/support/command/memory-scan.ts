/**
 * Looks for a secret in the memory of another process: everything of /proc/PID/mem that can be read, while the
 * process stands still (Linux). What it can't see: registers, the kernel's own pages, swap.
 *
 * @module
 */

import { createHash } from "node:crypto";
import { closeSync, openSync, readFileSync, readSync } from "node:fs";

/** What one secret may look like in memory: a name and the bytes. */
export type Traces = Readonly<Record<string, Uint8Array>>;

/** One copy. */
export interface Copy {
  readonly trace: string;
  /** The mapping's name, such as `[heap]`; empty for anonymous memory. */
  readonly mapping: string;
  /** Whether the mapping is locked in memory and left out of core dumps, as secret memory is. */
  readonly locked: boolean;
}

interface Mapping {
  readonly start: number;
  readonly end: number;
  readonly name: string;
  readonly locked: boolean;
}

const BLOCK_BYTES = 32 * 1024 * 1024;

/** Half of a key is as good to an attacker as the whole: torn copies are found too. */
const HALF_BYTES = 16;

/** A seed in all the forms that signing could leave: raw, as text, and what Ed25519 makes of it (RFC 8032, 5.1.5). */
export function tracesOfSeed(seed: Uint8Array): Traces {
  const hex = Buffer.from(seed).toString("hex");
  const expanded = createHash("sha512").update(seed).digest();
  const scalar = Buffer.from(expanded.subarray(0, 32));
  scalar[0] = (scalar[0] ?? 0) & 248;
  scalar[31] = ((scalar[31] ?? 0) & 63) | 64;
  return {
    ...halves("seed", seed),
    ...halves("hex", Buffer.from(hex, "latin1")),
    ...halves("hex UTF-16", Buffer.from(hex, "utf16le")),
    base64: Buffer.from(Buffer.from(seed).toString("base64").slice(0, 42), "latin1"),
    ...halves("expanded key", expanded),
    // The first byte of the scalar differs from the expanded key's only in three bits, the last one in two.
    "clamped scalar": scalar,
  };
}

/** A passphrase in all the forms that asking for it could leave. */
export function tracesOfText(text: string): Traces {
  return { passphrase: Buffer.from(text, "utf8"), "passphrase UTF-16": Buffer.from(text, "utf16le") };
}

/** Whether another process's memory can be read here; asked with our own, which is the easier case. */
export function canScan(): boolean {
  try {
    closeSync(openSync("/proc/self/mem", "r"));
    return true;
  } catch {
    return false;
  }
}

/** Finds every copy. The process must be stopped, or what it moves meanwhile may be missed. */
export function scanMemory(pid: number, traces: Traces): readonly Copy[] {
  const copies: Copy[] = [];
  const longest = Math.max(...Object.values(traces).map((trace) => trace.length));
  const buffer = Buffer.alloc(BLOCK_BYTES);
  const fd = openSync(`/proc/${pid}/mem`, "r");
  try {
    for (const { start, end, name, locked } of readableMappings(pid)) {
      for (let position = start; position < end; ) {
        const length = readAt(fd, buffer, position, Math.min(BLOCK_BYTES, end - position));
        if (length === 0) break;
        const block = buffer.subarray(0, length);
        const last = position + length >= end;
        // A copy that reaches into the overlap is found again in the next block: counted there.
        const until = last ? length : length - longest;
        for (const [trace, bytes] of Object.entries(traces)) {
          for (let at = block.indexOf(bytes); at >= 0 && at < until; at = block.indexOf(bytes, at + 1)) {
            copies.push({ trace, mapping: name, locked });
          }
        }
        position += last ? length : until;
      }
    }
    return copies;
  } finally {
    closeSync(fd);
  }
}

/** `smaps` says of each mapping what `maps` says, and in `VmFlags` whether it is locked (`lo`) and not dumped (`dd`). */
function readableMappings(pid: number): readonly Mapping[] {
  const mappings: Mapping[] = [];
  const head = /^([0-9a-f]+)-([0-9a-f]+) (r?)\S+ \S+ \S+ \S+ *(.*)$/;
  let open: Omit<Mapping, "locked"> | undefined;
  for (const line of readFileSync(`/proc/${pid}/smaps`, "utf8").split("\n")) {
    const [, start, end, readable, name = ""] = head.exec(line) ?? [];
    if (start !== undefined && end !== undefined) {
      open =
        readable === "r" && !["[vvar]", "[vsyscall]", "[vvar_vclock]"].includes(name)
          ? { start: Number.parseInt(start, 16), end: Number.parseInt(end, 16), name }
          : undefined;
    } else if (open !== undefined && line.startsWith("VmFlags:")) {
      mappings.push({ ...open, locked: / lo\b/.test(line) && / dd\b/.test(line) });
      open = undefined;
    }
  }
  return mappings;
}

/** Reads what is there; pages that can't be read, such as a device's, count as not there. */
function readAt(fd: number, buffer: Buffer, position: number, length: number): number {
  try {
    return readSync(fd, buffer, 0, length, position);
  } catch {
    return 0;
  }
}

function halves(name: string, bytes: Uint8Array): Traces {
  const middle = Math.max(HALF_BYTES, bytes.length / 2);
  return {
    [name]: bytes,
    [`${name}, first half`]: bytes.subarray(0, middle),
    [`${name}, second half`]: bytes.subarray(bytes.length - middle),
  };
}
