#!/usr/bin/env bash
# Installs the packed package into a new folder, as a user would, and uses it: the command, the library
# from JavaScript, and its types from TypeScript. The folder stays: the tests start the program that is in it.
set -euo pipefail
tarball=$(realpath "$1")
repository=$(realpath "$(dirname "$0")/../..")
folder=$2
mkdir "$folder"
cd "$folder"

echo '{ "private": true, "type": "module" }' > package.json
npm install --no-audit --no-fund --silent "$tarball"
export HOME="$folder/home" XDG_CONFIG_HOME="$folder/config"
mkdir -p out && echo alpha > out/result.txt
npx runseal init --name tester --no-passphrase > /dev/null
npx runseal seal out --id run-1 > /dev/null
npx runseal verify .runseal/runs/run-1 > /dev/null
npx runseal restore .runseal/runs/run-1 --to restored --mkdir > /dev/null
diff -r out restored/out
npm install --global --prefix global --no-audit --no-fund --silent "$tarball"
test -s global/share/man/man1/runseal.1
npx runseal __complete verify r | grep -q '^run-1'

cat > use.ts <<'TS'
import { verify } from "runseal";
import { parseStrictJson, type Result } from "runseal/core";

const trust = { keys: [process.env["TESTER_KEY"] ?? ""] };
const verdict = await verify({ bundle: ".runseal/runs/run-1", trust });
if (!verdict.ok) throw new Error(verdict.code);
const parsed: Result<unknown, { ok: false; code: "ARTIFACT_MALFORMED" }> = parseStrictJson(new Uint8Array([123, 125]));
if (!parsed.ok) throw new Error(parsed.code);
TS
ln -s "$repository/node_modules/@types" node_modules/@types
node "$repository/node_modules/typescript/bin/tsc" --strict --target ES2023 --lib ES2023,ESNext.Disposable --module NodeNext --types node use.ts
TESTER_KEY=$(cut -d ' ' -f 3 < "$XDG_CONFIG_HOME/runseal/keys/tester.pub") node use.js
echo "the packed package installs, runs and type-checks"
