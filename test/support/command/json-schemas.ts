/**
 * The published schemas of `--json`, for all output of all tests.
 *
 * @module
 */

import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { Ajv2020, type ValidateFunction } from "ajv/dist/2020.js";

const FOLDER = fileURLToPath(new URL("../../../schemas/", import.meta.url));

const ajv = new Ajv2020({ allErrors: true, strict: true, strictTypes: false, strictRequired: false });

/** A schema, or a part of one. */
export type Schema = Readonly<Record<string, unknown>>;

const NAMES = readdirSync(FOLDER)
  .map((file) => file.replace(/\.json$/, ""))
  .sort();

/** Schemas of what is inside evidence. */
const EVIDENCE = /-v\d+$/;

/** The names of all schemas of commands. */
export const SCHEMA_NAMES: readonly string[] = NAMES.filter(
  (name) => name !== "common" && !EVIDENCE.test(name),
);

const SCHEMAS: ReadonlyMap<string, Schema> = new Map(NAMES.map((name) => [name, readSchema(name)]));

for (const schema of SCHEMAS.values()) ajv.addSchema(schema);

/** A schema as it is published. */
export function schemaOf(name: string): Schema {
  const schema = SCHEMAS.get(name);
  if (schema === undefined) throw new TypeError(`there is no schema ${name}`);
  return schema;
}

function readSchema(name: string): Schema {
  const schema: unknown = JSON.parse(readFileSync(`${FOLDER}${name}.json`, "utf8"));
  if (typeof schema !== "object" || schema === null) throw new TypeError(`${name} is not an object`);
  return { ...schema };
}

/** The schema for the output of a command line: that of its command, else that of errors. */
export function schemaNameFor(args: readonly string[]): string {
  if (args[0] === "verify" && args.includes("--history")) return "verify-history";
  if (args[0] === "pull" && args.includes("--to")) return "restore";
  if (args.includes("--restored")) return "undo-restored";
  if (args.includes("--all-guards")) return "prune-all-guards";
  const [first = "", second = ""] = args.filter((word) => !word.startsWith("-"));
  return [`${first}-${second}`, first].find((name) => SCHEMA_NAMES.includes(name)) ?? "error";
}

/** What is wrong with an object by a schema, a line for each; nothing where it is valid. */
export function breachesOf(name: string, value: unknown): readonly string[] {
  const validate: ValidateFunction | undefined = ajv.getSchema(
    `https://unpkg.com/runseal/schemas/${name}.json`,
  );
  if (validate === undefined) throw new TypeError(`there is no schema ${name}`);
  if (validate(value) === true) return [];
  return (validate.errors ?? []).map(({ instancePath, message = "" }) => `${instancePath} ${message}`);
}
