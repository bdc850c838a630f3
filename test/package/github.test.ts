import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { Ajv, type AnySchemaObject } from "ajv";
import { describe, expect, it } from "vitest";
import { parse } from "yaml";

const REPOSITORY = fileURLToPath(new URL("../..", import.meta.url));
const FORMS = join(REPOSITORY, ".github/ISSUE_TEMPLATE");

const text = { type: "string", minLength: 1 };
const flag = { type: "boolean" };

/** The schemas of an object's members, by name. */
type Members = Readonly<Record<string, AnySchemaObject>>;

/** An object with these members and no others. */
function exact(required: Members, optional: Members = {}): AnySchemaObject {
  return {
    type: "object",
    required: Object.keys(required),
    properties: { ...required, ...optional },
    additionalProperties: false,
  };
}

function listOf(items: AnySchemaObject): AnySchemaObject {
  return { type: "array", minItems: 1, uniqueItems: true, items };
}

/** A field of a form: https://docs.github.com/en/communities/using-templates-to-encourage-useful-issues-and-pull-requests/syntax-for-githubs-form-schema */
function field(type: string, attributes: AnySchemaObject): AnySchemaObject {
  const id = { type: "string", pattern: "^[A-Za-z0-9_-]+$" };
  return exact({ type: { const: type }, id, attributes }, { validations: exact({ required: flag }) });
}

const FORM = exact({
  name: text,
  description: text,
  labels: listOf(text),
  body: listOf({
    oneOf: [
      exact({ type: { const: "markdown" }, attributes: exact({ value: text }) }),
      field("input", exact({ label: text }, { description: text, placeholder: text })),
      field("textarea", exact({ label: text }, { description: text, placeholder: text, render: text })),
      field("dropdown", exact({ label: text, options: listOf(text) }, { description: text })),
      field(
        "checkboxes",
        exact({ label: text, options: listOf(exact({ label: text }, { required: flag })) }),
      ),
    ],
  }),
});

const CONFIG = exact({
  blank_issues_enabled: flag,
  contact_links: listOf(exact({ name: text, url: { type: "string", pattern: "^https://" }, about: text })),
});

/** The part of the workflow syntax that this repository uses: a new key has to be added here on purpose. */
const STEP = {
  oneOf: [
    exact(
      { uses: { type: "string", pattern: "^[\\w-]+/[\\w-]+@[0-9a-f]{40}$" } },
      { with: { type: "object" } },
    ),
    exact(
      { run: text },
      { name: text, shell: { const: "bash" }, env: { type: "object", additionalProperties: text } },
    ),
  ],
};
const JOB = exact(
  {
    name: text,
    "runs-on": text,
    "timeout-minutes": { type: "integer", minimum: 1, maximum: 360 },
    steps: listOf(STEP),
  },
  {
    strategy: exact({
      "fail-fast": { const: false },
      matrix: exact({ node: listOf({ type: "integer" }) }, { os: listOf(text) }),
    }),
  },
);
const ON = {
  oneOf: [
    exact({ push: exact({ branches: listOf(text) }), pull_request: { type: "null" } }),
    exact({ schedule: listOf(exact({ cron: text })), workflow_dispatch: { type: "null" } }),
  ],
};
const WORKFLOW = exact(
  {
    name: text,
    on: ON,
    permissions: exact({ contents: { const: "read" } }),
    jobs: { type: "object", minProperties: 1, additionalProperties: JOB },
  },
  { concurrency: exact({ group: text, "cancel-in-progress": text }) },
);

function read(...path: readonly string[]): string {
  return readFileSync(join(REPOSITORY, ".github", ...path), "utf8");
}

function breachesOf(schema: AnySchemaObject, yaml: string): unknown {
  const validate = new Ajv({ allErrors: true, strict: true, strictRequired: false }).compile(schema);
  return validate(parse(yaml, { uniqueKeys: true })) ? [] : validate.errors;
}

describe.each(["ci", "nightly"])("the workflow %s", (name) => {
  const ci = read(`workflows/${name}.yml`);

  it("has only known keys, read permission and pinned actions", () => {
    expect(breachesOf(WORKFLOW, ci)).toEqual([]);
  });

  it("names the version of each pinned action in a comment", () => {
    for (const line of ci.split("\n").filter((each) => each.includes("uses:")))
      expect(line).toMatch(/@[0-9a-f]{40} # v\d+\.\d+\.\d+$/);
  });

  it("uses no secret, and keeps no token", () => {
    expect(ci).not.toContain("secrets.");
    expect(ci.match(/persist-credentials: false/g)?.length).toBe(ci.match(/actions\/checkout@/g)?.length);
  });

  it("passes no text from outside to a shell", () => {
    expect(ci).not.toMatch(/run:.*\$\{\{/);
    expect(ci).not.toMatch(/github\.(?:event\.(?!_name)|head_ref)/);
  });

  it("runs scripts that exist", () => {
    const { scripts } = JSON.parse(readFileSync(join(REPOSITORY, "package.json"), "utf8"));
    for (const [, name = ""] of ci.matchAll(/npm run ([\w:-]+)/g)) expect(scripts).toHaveProperty([name]);
    for (const [, path = ""] of ci.matchAll(/(?:bash|vitest run) ([\w./-]+)/g))
      expect(existsSync(join(REPOSITORY, path)), path).toBe(true);
  });

  it("is rejected if an action is not pinned or a permission is added", () => {
    expect(breachesOf(WORKFLOW, ci.replace(/@[0-9a-f]{40} # v5\.0\.0/, "@v5"))).not.toEqual([]);
    expect(breachesOf(WORKFLOW, ci.replace("contents: read", "contents: write"))).not.toEqual([]);
  });
});

it("the nightly workflow tries all faults", () => {
  const nightly = read("workflows/nightly.yml");
  for (const script of ["test:faults", "test:writes", "test:fleet"])
    expect(nightly).toContain(`npm run ${script}\n`);
  const { scripts } = JSON.parse(readFileSync(join(REPOSITORY, "package.json"), "utf8"));
  expect(scripts["test:fleet"]).toContain("RUNSEAL_FLEET_FAULTS=all");
});

it("CI covers three systems and four versions of Node", () => {
  const ci = read("workflows/ci.yml");
  for (const os of ["ubuntu-latest", "macos-latest", "windows-latest"]) expect(ci).toContain(os);
  expect(ci).toContain("node: [20, 22, 24, 26]");
});

describe("the issue forms", () => {
  const forms = readdirSync(FORMS).filter((name) => name !== "config.yml");

  it("are a form for bugs and one for ideas", () => {
    expect(forms.sort()).toEqual(["bug.yml", "idea.yml"]);
  });

  it.each(forms)("%s has the form that GitHub asks for", (name) => {
    expect(breachesOf(FORM, read("ISSUE_TEMPLATE", name))).toEqual([]);
  });

  it("lead vulnerabilities away from public issues", () => {
    const config = read("ISSUE_TEMPLATE/config.yml");
    expect(breachesOf(CONFIG, config)).toEqual([]);
    expect(config).toContain("SECURITY.md");
  });
});
