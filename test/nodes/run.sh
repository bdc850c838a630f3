#!/usr/bin/env bash
# What every verifier must agree on, on the other versions of Node that runseal runs on: the vectors, and the 2,576
# edge cases of Ed25519, which those versions' own libraries judge differently. `npm test` has the oldest.
set -euo pipefail
cd "$(dirname "$0")/../.."

npm run --silent build
for version in 22 24; do
  node=(npx -y -p "node@$version" -- node)
  printf '\n== Node %s\n' "$("${node[@]}" --version)"
  "${node[@]}" node_modules/vitest/vitest.mjs run test/core test/node/judge/verify/verify-vectors.test.ts
done
