/**
 * One header of a tar archive: a block of 512 bytes in the form ustar (POSIX.1-2001).
 *
 * @module
 */

/** Bytes of a block. Headers, extended headers and contents fill whole blocks. */
export const BLOCK_BYTES = 512;

/** The type of an extended header. */
export const EXTENDED_TYPE = 0x78;

/** The first size that eleven octal digits do not hold: 8 GiB. */
export const SIZE_LIMIT: number = 8 ** 11;

/** Where the fields of a header begin, and their bytes (POSIX.1-2001, ustar). */
const AT = {
  mode: 100,
  owner: 108,
  group: 116,
  size: 124,
  time: 136,
  checksum: 148,
  type: 156,
  link: 157,
  magic: 257,
  major: 329,
  minor: 337,
} as const;

/** A field: where it begins, and its digits or bytes. */
export type HeaderField = readonly [at: number, length: number];

/** The fields that a reader reads. The others follow from these. */
export const FIELDS: Readonly<Record<"checksum" | "link" | "mode" | "name" | "size" | "type", HeaderField>> =
  {
    name: [0, 100],
    mode: [AT.mode, 7],
    size: [AT.size, 11],
    checksum: [AT.checksum, 6],
    type: [AT.type, 1],
    link: [AT.link, 100],
  };

const MAGIC = "ustar\x0000";
const BLANK = 0x20;

/** Fills a header, which must be zeros. Texts must be ASCII that fits, numbers must fit their digits. */
export function fillHeader(
  header: Uint8Array,
  type: number,
  name: string,
  mode: number,
  size: number,
  target: string,
): void {
  writeAscii(header, 0, name);
  writeOctal(header, AT.mode, mode, 7);
  writeOctal(header, AT.owner, 0, 7);
  writeOctal(header, AT.group, 0, 7);
  writeOctal(header, AT.size, size, 11);
  writeOctal(header, AT.time, 0, 11);
  header[AT.type] = type;
  writeAscii(header, AT.link, target);
  writeAscii(header, AT.magic, MAGIC);
  writeOctal(header, AT.major, 0, 7);
  writeOctal(header, AT.minor, 0, 7);
  writeOctal(header, AT.checksum, checksumOf(header), 6);
  header[AT.checksum + 7] = BLANK;
}

/** The sum of a header's bytes, its checksum counted as blanks. */
export function checksumOf(header: Uint8Array): number {
  let sum = 8 * BLANK;
  for (let at = 0; at < BLOCK_BYTES; at++) {
    if (at < AT.checksum || at >= AT.checksum + 8) sum += header[at] ?? 0;
  }
  return sum;
}

function writeAscii(header: Uint8Array, at: number, text: string): void {
  for (let index = 0; index < text.length; index++) header[at + index] = text.charCodeAt(index);
}

/** Digits of a fixed number, and a NUL behind them, which is there already. */
function writeOctal(header: Uint8Array, at: number, value: number, digits: number): void {
  let rest = value;
  for (let index = digits - 1; index >= 0; index--) {
    header[at + index] = 0x30 + (rest % 8);
    rest = Math.floor(rest / 8);
  }
}

/** Reads a number: all digits of a field. `undefined` for anything else. */
export function readOctal(header: Uint8Array, [at, digits]: HeaderField): number | undefined {
  let value = 0;
  for (let index = at; index < at + digits; index++) {
    const digit = (header[index] ?? 0) - 0x30;
    if (digit < 0 || digit > 7) return undefined;
    value = value * 8 + digit;
  }
  return value;
}

/** Reads a text up to the first NUL; `undefined` if it is not printable ASCII. */
export function readAscii(header: Uint8Array, [at, length]: HeaderField): string | undefined {
  let end = at;
  for (; end < at + length && header[end] !== 0; end++) {
    const byte = header[end] ?? 0;
    if (byte < BLANK || byte > 0x7e) return undefined;
  }
  return String.fromCharCode(...header.subarray(at, end));
}
