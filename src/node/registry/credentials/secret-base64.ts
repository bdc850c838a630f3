/** Base64 from secret memory to secret memory. @module */

import { SecretBytes } from "../../keys/secret-bytes.ts";

/** The value of a character, or -1. */
function digitValue(code: number): number {
  if (code >= 0x41 && code <= 0x5a) return code - 0x41;
  if (code >= 0x61 && code <= 0x7a) return code - 0x61 + 26;
  if (code >= 0x30 && code <= 0x39) return code - 0x30 + 52;
  if (code === 0x2b) return 62;
  return code === 0x2f ? 63 : -1;
}

/** Decodes; padding may be missing. `undefined` for what is not base64, or is empty. The result is the caller's to dispose of. */
export function decodeBase64Secret(encoded: SecretBytes): SecretBytes | undefined {
  return encoded.use((text) => {
    let end = text.length;
    while (end > text.length - 3 && text[end - 1] === 0x3d) end--;
    const length = Math.floor((end * 6) / 8);
    if (length === 0 || end % 4 === 1) return undefined;
    const decoded = new SecretBytes(length);
    const isWhole = decoded.use((target) => decodeInto(text.subarray(0, end), target));
    if (isWhole) return decoded;
    decoded.dispose();
    return undefined;
  });
}

function decodeInto(text: Buffer, target: Buffer): boolean {
  let bits = 0;
  let held = 0;
  let at = 0;
  for (const code of text) {
    const value = digitValue(code);
    if (value < 0) return false;
    held = ((held << 6) | value) & 0xffff;
    bits += 6;
    if (bits < 8) continue;
    bits -= 8;
    target[at++] = (held >> bits) & 0xff;
  }
  return true;
}
