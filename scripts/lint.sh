#!/usr/bin/env bash
# Everything that can be said about the code without running it. Goes through all checks, then fails if any failed.
set -uo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
failed=()

check() {
  local title=$1 start=$SECONDS
  shift
  printf '== %s\n' "$title"
  if "$@" </dev/null; then printf '   ok, %s s\n' "$((SECONDS - start))"; else failed+=("$title"); fi
}

tsc=(node scripts/node_modules/typescript/bin/tsc)
wasm=(--target wasm32-unknown-unknown)

check "rustfmt" cargo fmt --check
check "clippy, native" cargo clippy --quiet --locked --all-targets -- -D warnings
# The exports exist on this target only. rustup's clippy and Debian's (rust-web-clippy) both know it.
check "clippy, wasm32" cargo clippy --quiet --locked --all-targets "${wasm[@]}" -- -D warnings
check "rustdoc, native" env RUSTDOCFLAGS=-Dwarnings cargo doc --quiet --locked --no-deps
check "rustdoc, wasm32" env RUSTDOCFLAGS=-Dwarnings cargo doc --quiet --locked --no-deps "${wasm[@]}"
check "generated files are up to date" node scripts/generate.mjs --check
check "the package builds" node scripts/build.mjs
check "types of the package and the scripts" "${tsc[@]}" -p tsconfig.json
check "public types, as a user's compiler reads them" "${tsc[@]}" -p tests/types/tsconfig.json
# Which folders it looks at stands in biome.json; `biome check --write` mends what it can.
check "biome" node scripts/node_modules/@biomejs/biome/bin/biome check --error-on-warnings .

if [ ${#failed[@]} -gt 0 ]; then
  printf '\nlint: failed: %s\n' "$(IFS=';'; echo "${failed[*]}" | sed 's/;/; /g')"
  exit 1
fi
printf '\nlint: clean\n'
