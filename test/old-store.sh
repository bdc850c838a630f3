#!/usr/bin/env bash
# The tests of what reads a store, once more with a store of single objects, as a runseal without packs kept it: after
# each seal the packs are turned into objects. stored.test.ts tries both stores by itself.
set -euo pipefail
cd "$(dirname "$0")/.."
export RUNSEAL_STORE=objects RUNSEAL_RING=bounded RUNSEAL_CLI=inside
exec npx vitest run "$@" test/cli/{chain,check-proof,diff,log,moved-on,prove,recover,restore,show,undo,verify}
