#!/usr/bin/env bash
# Builds runseal in a checkout of the action. No package's script runs.
set -euo pipefail
cd "$(dirname "$0")/.."
npm ci --ignore-scripts --no-audit --no-fund --loglevel=error
npm run --silent build
