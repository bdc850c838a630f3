/**
 * Which members the published schemas name, at any depth.
 *
 * @module
 */

import { type Schema, schemaOf } from "./json-schemas.ts";

const DEFINITIONS: Schema = objectOf(schemaOf("common")["$defs"]);

/** Members of a value that its schema does not name, at any depth, such as `runs[].place`. */
export function unnamedMembers(name: string, value: unknown): readonly string[] {
  return [...new Set(unnamedBelow(partsOf([schemaOf(name)]), value, ""))];
}

function unnamedBelow(parts: readonly Schema[], value: unknown, at: string): readonly string[] {
  if (Array.isArray(value)) {
    const items = partsOf(itemsOf(parts));
    return value.flatMap((item) => unnamedBelow(items, item, `${at}[]`));
  }
  const properties = propertiesOf(parts);
  // An object without named members is an artifact's, and is free.
  if (typeof value !== "object" || value === null || properties.size === 0) return [];
  return Object.entries(value).flatMap(([member, below]) => {
    const path = at === "" ? member : `${at}.${member}`;
    const schemas = properties.get(member);
    return schemas === undefined ? [path] : unnamedBelow(partsOf(schemas), below, path);
  });
}

/** The schemas with all those that they refer to or are made of. */
function partsOf(schemas: readonly Schema[]): readonly Schema[] {
  return schemas.flatMap((schema) => {
    const { $ref: reference, allOf = [], anyOf = [] } = schema;
    const others = [...schemasIn(allOf), ...schemasIn(anyOf)];
    const target = typeof reference === "string" ? [definitionOf(reference)] : [];
    return [schema, ...partsOf([...target, ...others])];
  });
}

function propertiesOf(parts: readonly Schema[]): ReadonlyMap<string, readonly Schema[]> {
  const properties = new Map<string, readonly Schema[]>();
  for (const part of parts) {
    for (const [member, schema] of Object.entries(objectOf(part["properties"]))) {
      properties.set(member, [...(properties.get(member) ?? []), objectOf(schema)]);
    }
  }
  return properties;
}

function itemsOf(parts: readonly Schema[]): readonly Schema[] {
  return parts.flatMap(({ items }) => (items === undefined ? [] : [objectOf(items)]));
}

function definitionOf(reference: string): Schema {
  return objectOf(DEFINITIONS[reference.replace(/^.*\//, "")]);
}

function schemasIn(value: unknown): readonly Schema[] {
  return Array.isArray(value) ? value.map(objectOf) : [];
}

function objectOf(value: unknown): Schema {
  return typeof value === "object" && value !== null ? { ...value } : {};
}

/** The paths of all members of a value, in the same form. */
export function memberPaths(value: unknown, at = ""): readonly string[] {
  if (Array.isArray(value)) return value.flatMap((item) => memberPaths(item, `${at}[]`));
  if (typeof value !== "object" || value === null) return [];
  return Object.entries(value).flatMap(([member, below]) => {
    const path = at === "" ? member : `${at}.${member}`;
    return [path, ...memberPaths(below, path)];
  });
}
