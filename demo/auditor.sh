#!/usr/bin/env bash
# An auditor, months later, with bundles, a proof and public keys from a mail. No logs, no author, no network.
. "$(dirname "$0")/scene.sh"

step "The auditor's mail: two releases of a vendor, one proof, the vendor's public key"
become vendor
mkdir "$scene/vendor" "$scene/mail" && cd "$scene/vendor"
expect 0 runseal init --name vendor --no-passphrase
for release in 1 2; do
  mkdir -p dist && echo "release $release" > dist/app.txt && echo "license" > dist/LICENSE
  expect 0 runseal seal dist --id "release-$release"
done
expect 0 runseal prove release-2 dist/app.txt --out "$scene/mail/proof.json"
cp -r dist .runseal "$scene/mail/"
cp "$HOME/.config/runseal/keys/vendor.pub" "$scene/mail/vendor.pub"
root=$(runseal show release-2 --json | node -p 'JSON.parse(require("fs").readFileSync(0, "utf8")).bundle_root')

step "The auditor trusts the vendor's key for this work, in a trust file of its own"
become auditor
cd "$scene/mail"
expect 0 runseal trust add vendor vendor.pub --trust "$scene/audit-trust"
expect 0 runseal trust list --trust "$scene/audit-trust"

step "The release is verified against the root that the contract names"
expect 0 runseal verify release-2 --trust "$scene/audit-trust" --expect "$root" --verbose
expect 1 runseal verify release-1 --trust "$scene/audit-trust" --expect "$root" --stored

step "The history of the vendor's project"
expect 0 runseal log --trust "$scene/audit-trust"
expect 0 runseal verify --history --trust "$scene/audit-trust"

step "The claims of a proof, and the check of one file under another name"
expect 2 runseal check proof.json --trust "$scene/audit-trust"
cp dist/app.txt "$scene/download"
expect 0 runseal check proof.json "$scene/download" --trust "$scene/audit-trust"
echo "another release" > "$scene/download"
expect 1 runseal check proof.json "$scene/download" --trust "$scene/audit-trust"

step "The auditor countersigns with its own key, after it trusts the vendor's bundle"
expect 0 runseal key new auditor --no-passphrase
expect 3 runseal sign --counter release-2
expect 0 runseal sign --counter release-2 --trust "$scene/audit-trust"

step "The vendor's key is reported as stolen: nothing that it signed is accepted now"
expect 0 runseal trust revoke vendor --trust "$scene/audit-trust"
expect 3 runseal verify release-2 --trust "$scene/audit-trust"
expect 0 runseal explain 3
