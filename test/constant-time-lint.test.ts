import { readdirSync } from "node:fs";
import { join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import ts from "typescript";
import { describe, expect, it } from "vitest";
import { type Finding, findComparisons } from "./support/bundles/comparison-lint.ts";

const repository = fileURLToPath(new URL("..", import.meta.url));

/** The files of `src`, and others of the core that are on no disk, as one program. */
function lint(planted: ReadonlyMap<string, string>): readonly Finding[] {
  const folder = join(repository, "src/cli");
  const { config } = ts.readConfigFile(join(folder, "tsconfig.json"), ts.sys.readFile);
  const { options } = ts.parseJsonConfigFileContent(config, ts.sys, folder);
  const { composite, rootDir, outDir, tsBuildInfoFile, ...checked } = options;
  const settings: ts.CompilerOptions = { ...checked, noEmit: true, allowImportingTsExtensions: true };
  const host = ts.createCompilerHost(settings, true);
  const { getSourceFile, fileExists } = host;
  host.fileExists = (name) => planted.has(name) || fileExists(name);
  host.getSourceFile = (name, version, ...rest) => {
    const text = planted.get(name);
    return text === undefined
      ? getSourceFile(name, version, ...rest)
      : ts.createSourceFile(name, text, version, true);
  };
  const files = [...sourceFiles(), ...planted.keys()];
  const program = ts.createProgram(files, settings, host);
  const wanted = new Set(files);
  return findComparisons(
    program,
    program.getSourceFiles().filter(({ fileName }) => wanted.has(fileName)),
  );
}

function sourceFiles(): string[] {
  return readdirSync(join(repository, "src"), { recursive: true, encoding: "utf8" })
    .filter((name) => name.endsWith(".ts"))
    .map((name) => join(repository, "src", name));
}

/** A file of the core with one expression over what the core has. */
function coreFile(expression: string): string {
  return `
    import { type HexDigest, isHexDigest } from "./hex.ts";
    import type { SignerIdentity } from "./identity.ts";
    import type { JsonObject } from "./json-value.ts";
    interface Seen {
      readonly digest: HexDigest; readonly other: HexDigest | undefined; readonly text: string;
      readonly signature: Uint8Array; readonly signer: SignerIdentity; readonly object: JsonObject;
      readonly digests: readonly HexDigest[]; readonly known: ReadonlyMap<string, number>;
    }
    export const planted = ({ digest, other, text, signature, signer, object, digests, known }: Seen): unknown =>
      ${expression};
  `;
}

const CAUGHT: readonly (readonly [what: string, expression: string])[] = [
  ["=== of two digests", "digest === other"],
  ["!== with a text", "text !== digest"],
  ["== after a guard", "isHexDigest(text) && text == digest"],
  ["a validator id", "signer.validatorId === text"],
  ["a member of an artifact, by its name", 'object.get("bundle_root") !== text'],
  ["bytes of a signature", "signature === signer.publicKey"],
  ["a list's includes", "digests.includes(digest)"],
  ["a list's indexOf", "digests.indexOf(digest)"],
  ["a map keyed by digests", "known.get(digest)"],
  ["a text's startsWith", "digest.startsWith(text)"],
  ["a record keyed by digests", "({} as Record<string, number>)[digest]"],
  ["Object.is", "Object.is(digest, other)"],
  ["a switch", "(() => { switch (digest) { default: return 1; } })()"],
];

const LEFT_ALONE: readonly (readonly [what: string, expression: string])[] = [
  ["asking whether there is one", "other === undefined || other !== undefined"],
  ["other texts", 'text === "x" || text.includes("y")'],
  ["looking for a byte", "signature.indexOf(10) === 3 || signature.length === 64"],
  [
    "a public key, which is not a secret",
    "signer.publicKeyHex === text || signer.publicKey === signer.publicKey",
  ],
];

const addressOf = (what: string): string => join(repository, "src/core", `planted ${what}.ts`);
const findings = lint(
  new Map([...CAUGHT, ...LEFT_ALONE].map(([what, expression]) => [addressOf(what), coreFile(expression)])),
);
const plantedFindings = (what: string): readonly Finding[] =>
  findings.filter(({ file }) => file === addressOf(what));

describe("comparisons of digests, ids, roots and signatures (PROTOCOL 14, H-02)", () => {
  it("are in constant time all over the sources", () => {
    const shown = findings
      .map(({ file, code }) => `${relative(repository, file)} ${code}`)
      .filter((text) => !text.startsWith("src/core/planted "));
    expect(shown).toEqual([]);
  });

  it.each(CAUGHT)("are caught where planted: %s", (what) => {
    expect(plantedFindings(what)).toHaveLength(1);
  });

  it.each(LEFT_ALONE)("accept code without such a comparison: %s", (what) => {
    expect(plantedFindings(what)).toEqual([]);
  });
});
