/** TIMESTAMPS.json, written and read without the product's code. @module */

/** The file with these tokens in DER. */
export function timestampsFile(tokens: readonly Uint8Array[]): string {
  return JSON.stringify({ tokens: tokens.map((token) => Buffer.from(token).toString("base64")), version: 1 });
}

/** The tokens of a file. */
export function tokensOf(file: Uint8Array): readonly Buffer[] {
  const { tokens } = JSON.parse(Buffer.from(file).toString()) as { tokens: readonly string[] };
  return tokens.map((token) => Buffer.from(token, "base64"));
}
