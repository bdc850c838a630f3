#!/usr/bin/env bash
# A CI engineer's jobs. Job A builds and seals. Job B, on another machine, deploys exactly the sealed files.
# The build can't reach the key: only runseal gets it, on a descriptor.
. "$(dirname "$0")/scene.sh"

step "Once: the engineer makes a key for CI, stores its text as a CI secret, and commits the public key"
become engineer
expect 0 runseal key new ci --no-passphrase
secret=$(< "$HOME/.config/runseal/keys/ci.key")
mkdir -p "$scene/git/src"
cp "$HOME/.config/runseal/keys/ci.pub" "$scene/git/ci.pub"
echo 'console.log("hello")' > "$scene/git/src/app.js"
cat > "$scene/git/build.sh" <<'BUILD'
mkdir -p dist && cp src/app.js dist/app.js && date -u +%Y > dist/year.txt
# A hostile dependency would look for a key to sign with.
echo "keys in reach: $(ls "$HOME/.config/runseal/keys" 2> /dev/null | wc -l)"
echo "variables: $(env | grep -c -e RUNSEAL -e SSH_AUTH_SOCK)"
[ -e /dev/fd/3 ] && cat /dev/fd/3 || echo "no descriptor 3"
BUILD

step "Job A, on a fresh machine, without the key: runseal refuses, and does not make a key"
become job-a
cp -r "$scene/git" "$scene/job-a" && cd "$scene/job-a"
expect 4 runseal run --output dist --id build-1 -- sh build.sh

step "Job A with the CI secret on descriptor 3: the command does not get it"
with_key() { "$@" 3<<< "$secret"; }
expect 0 with_key runseal run --key fd:3 --output dist --id build-1 -- sh build.sh

step "Job A uploads dist and the bundle as one artifact; job B unpacks it under another name"
mkdir "$scene/artifact"
cp -r dist "$scene/artifact/dist"
cp -r .runseal/runs/build-1 "$scene/artifact/bundle"

step "Job B, on another machine: a folder with another name is rejected, and the hint says what to do"
become job-b
cd "$scene/artifact"
expect 1 runseal verify ./bundle --files . --signer "$scene/git/ci.pub"
expect 0 runseal verify ./bundle --files . --signer "$scene/git/ci.pub" --expect-id build-1

step "Without a policy, or with the wrong key, nothing is accepted"
expect 3 runseal verify ./bundle --files . --expect-id build-1
expect 0 runseal key new other --no-passphrase
expect 3 runseal verify ./bundle --files . --expect-id build-1 --signer "$HOME/.config/runseal/keys/other.pub"

step "An older build of the same signer does not pass for this one"
expect 1 runseal verify ./bundle --files . --signer "$scene/git/ci.pub" --expect-id build-2

step "A changed file, and a file that was added"
cp dist/app.js "$scene/app.js" && echo 'stolen()' >> dist/app.js
expect 1 runseal verify ./bundle --files . --signer "$scene/git/ci.pub" --expect-id build-1
cp "$scene/app.js" dist/app.js && echo x > dist/extra.js
expect 0 runseal verify ./bundle --files . --signer "$scene/git/ci.pub" --expect-id build-1
rm dist/extra.js

step "Job B deploys: all or nothing, into a new folder"
expect 0 runseal restore ./bundle --files . --signer "$scene/git/ci.pub" --expect-id build-1 --to "$scene/www" --mkdir --no-report
same "$scene/job-a/dist" "$scene/www/dist"
