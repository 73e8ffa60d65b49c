#!/usr/bin/env bash
# Installs what a make target needs and nothing else: scripts/setup.sh [part ...]
#
#   rust      a Rust toolchain (checked, never installed)
#   wasm      the wasm32-unknown-unknown target, wasm-bindgen at the version in Cargo.lock, wasm-pack
#   lint      clippy and rustfmt for the toolchain in use
#   node      Node 20 or newer, and the pinned npm packages of scripts/, tests/package/ and tests/adapters/
#   npm:DIR   the pinned npm packages of one more folder
#   browser   Chromium and its driver, and the pinned npm packages of tests/browser/
#   python    Python 3, for the comparison of keys
#   redis     redis-server, for the tests of several processes; not part of 'all'
#   own-std   the source of the standard library, for a build with OWN_STD=1; not part of 'all'
#   coverage  cargo-llvm-cov and an LLVM that reads its profiles; not part of 'all'
#   all       everything but redis, own-std and coverage
#
# Idempotent: what is there already is checked and left alone, so a second run takes a second or two.
# Knows how to install; knows nothing of building or testing.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
ROOT=$PWD
TARGET=wasm32-unknown-unknown
mkdir -p "$ROOT/.tools/bin"
export PATH="$ROOT/.tools/bin:${CARGO_HOME:-$HOME/.cargo}/bin:$PATH"
export CARGO_NET_RETRY=${CARGO_NET_RETRY:-5} DEBIAN_FRONTEND=noninteractive

say() { printf 'setup: %s\n' "$*" >&2; }

# fail WHAT-WAS-TRIED WHAT-TO-DO
fail() {
  printf '\nsetup: failed: %s\nsetup: what you can do: %s\n' "$1" "$2" >&2
  exit 1
}

# run TITLE HINT COMMAND...: quiet on success, the end of the output on failure
run() {
  local title=$1 hint=$2 log rc=0 start=$SECONDS
  shift 2
  log=$(mktemp)
  say "$title ..."
  "$@" >"$log" 2>&1 </dev/null || rc=$?
  if [ "$rc" -ne 0 ]; then
    tail -n 25 "$log" | sed 's/^/    /' >&2
    rm -f "$log"
    fail "$title: \`$*\` ended with $rc" "$hint"
  fi
  rm -f "$log"
  say "$title: done in $((SECONDS - start)) s"
}

# ---------------------------------------------------------------- Debian packages

as_root() {
  if [ "$(id -u)" -eq 0 ]; then "$@"
  elif command -v sudo >/dev/null; then sudo --preserve-env=DEBIAN_FRONTEND "$@"
  else fail "'$*' needs root, and there is no sudo here" "run it as root, then start again"; fi
}

# The package lists are refreshed once an hour at most, however many parts need apt.
apt_install() {
  command -v apt-get >/dev/null ||
    fail "no apt-get here to install: $*" "install these with your own package manager, then start again"
  if [ -z "$(find "$ROOT/.tools/apt-lists" -mmin -60 2>/dev/null)" ]; then
    run "refreshing Debian's package lists" "check the network, or /etc/apt/sources.list" \
      as_root apt-get -o DPkg::Lock::Timeout=300 -o Acquire::Retries=3 update
    touch "$ROOT/.tools/apt-lists"
  fi
  run "installing from Debian: $*" "run 'apt-get install $*' by hand and read what it says" \
    as_root apt-get -o DPkg::Lock::Timeout=300 -o Acquire::Retries=3 install -y --no-install-recommends "$@"
}

# ---------------------------------------------------------------- Rust

part_rust() {
  command -v cargo >/dev/null ||
    fail "looked for cargo in PATH" "install Rust 1.95 or newer with rustup (https://rustup.rs)"
  command -v cc >/dev/null || apt_install gcc libc6-dev
}

# A real compilation, because a standard library left by another version of the compiler is there and yet useless.
compiles_wasm() {
  local tmp rc=0
  tmp=$(mktemp -d)
  printf 'pub fn f() -> String { String::new() }\n' >"$tmp/probe.rs"
  rustc ${1:++"$1"} --edition 2024 --crate-type cdylib --target "$TARGET" --out-dir "$tmp" "$tmp/probe.rs" \
    >/dev/null 2>&1 || rc=1
  rm -rf "$tmp"
  return $rc
}

wasm_target() {
  if compiles_wasm ""; then return; fi
  command -v rustup >/dev/null ||
    fail "this rustc ($(rustc --version)) has no standard library for $TARGET, and there is no rustup to fetch it" \
      "install Rust with rustup, or your distribution's package with the standard library for $TARGET"
  if compiles_wasm wasm; then
    use_wasm_toolchain
    return
  fi
  # ENDPOINT_CACHE_NO_RUSTUP=1 goes straight to Debian's compiler, so that this road can be tried out anywhere.
  if [ -z "${ENDPOINT_CACHE_NO_RUSTUP:-}" ]; then
    say "rustup target add $TARGET (30 s at most) ..."
    if timeout 30 rustup target add "$TARGET" >/dev/null 2>&1 </dev/null && compiles_wasm ""; then
      say "rustup target add $TARGET: done"
      return
    fi
    say "rustup could not fetch $TARGET in 30 s; taking Debian's compiler and building the standard library once"
  fi
  debian_toolchain
  use_wasm_toolchain
}

# wasm-pack takes no toolchain of its own: the override makes `wasm-pack test --node` work as it is typed.
use_wasm_toolchain() {
  rustup override set --path "$ROOT" wasm >/dev/null 2>&1 ||
    fail "rustup override set wasm" "run it by hand in $ROOT"
  compiles_wasm "" ||
    fail "the toolchain 'wasm' is set for this folder, and rustc still finds no $TARGET" \
      "unset RUSTUP_TOOLCHAIN (now: '${RUSTUP_TOOLCHAIN:-}'), or look at 'rustup show'"
  say "this folder builds with the rustup toolchain 'wasm' ($(rustc --version))"
}

# rustc-web is the recent compiler that Debian ships to build its browsers. It has no standard library for wasm32,
# and none can be downloaded, so it is compiled from rust-web-src. rustup's own compiler cannot do that: the source
# and the compiler must be of one version.
debian_toolchain() {
  local hint="install a toolchain with $TARGET yourself, so that 'rustc --print target-libdir --target $TARGET' holds libstd"
  apt_install rustc-web cargo-web rust-web-src lld-22
  # Linked first: without a toolchain of that name nothing below can call Debian's compiler past rustup's.
  run "rustup toolchain link wasm /usr" "$hint" rustup toolchain link wasm /usr
  as_root mkdir -p /usr/lib/rustlib/x86_64-unknown-linux-gnu/bin
  as_root ln -sf /usr/bin/lld-22 /usr/lib/rustlib/x86_64-unknown-linux-gnu/bin/rust-lld

  local crate libdir
  crate=$(mktemp -d)
  mkdir "$crate/src"
  printf '[package]\nname = "stdprobe"\nversion = "0.0.0"\nedition = "2021"\n[lib]\ncrate-type = ["rlib"]\n' >"$crate/Cargo.toml"
  printf 'pub fn f() -> String { String::new() }\n' >"$crate/src/lib.rs"
  run "building the standard library for $TARGET (about a minute and a half)" "$hint" \
    env -C "$crate" -u CARGO_TARGET_DIR RUSTUP_TOOLCHAIN=wasm RUSTC_BOOTSTRAP=1 \
    cargo build --release --target "$TARGET" -Zbuild-std=std,panic_abort,test
  rm -f "$crate/target/$TARGET/release/deps/"*stdprobe*
  libdir=$(RUSTUP_TOOLCHAIN=wasm rustc --print target-libdir --target "$TARGET")
  as_root mkdir -p "$libdir"
  as_root rm -f "$libdir"/lib*.rlib
  as_root cp "$crate/target/$TARGET/release/deps/"lib*.rlib "$libdir/"
  rm -rf "$crate"
  compiles_wasm wasm || fail "compiled a standard library into $libdir, and rustc does not accept it" "$hint"
}

bindgen_version() { awk '/^name = "wasm-bindgen"$/ { getline; gsub(/[^0-9.]/, ""); print; exit }' Cargo.lock; }

# The command line and the crate speak a private format: the versions must be equal, not just compatible.
wasm_bindgen() {
  local want have root=()
  want=$(bindgen_version)
  [ -n "$want" ] || fail "looked for wasm-bindgen in Cargo.lock" "restore Cargo.lock from git"
  have=$(wasm-bindgen --version 2>/dev/null | awk '{ print $2 }') || true
  if [ "$have" = "$want" ] && command -v wasm-bindgen-test-runner >/dev/null; then return; fi
  # Another project's version stays where it is; ours then lives in .tools, which the Makefile puts first in PATH.
  if [ -n "$have" ] && [ "$have" != "$want" ]; then root=(--root "$ROOT/.tools"); fi
  # A debug build: it installs in a third of the time and costs a few seconds per test binary. Without --locked, because
  # the lock file of a fresh release can name dependencies that a lagging registry does not have yet.
  run "installing wasm-bindgen-cli $want (about a minute)" \
    "run 'cargo install wasm-bindgen-cli@$want', or put that version of wasm-bindgen and wasm-bindgen-test-runner into PATH" \
    env -u CARGO_TARGET_DIR CARGO_PROFILE_DEV_DEBUG=0 cargo install --debug --force "${root[@]}" \
    "wasm-bindgen-cli@$want" --bin wasm-bindgen --bin wasm-bindgen-test-runner
}

wasm_pack() {
  if command -v wasm-pack >/dev/null; then return; fi
  run "installing wasm-pack (about a minute)" "run 'cargo install wasm-pack'" \
    env -u CARGO_TARGET_DIR CARGO_PROFILE_DEV_DEBUG=0 cargo install --debug --locked wasm-pack@0.15.1
}

# Debian's compiler has brought it already.
part_own_std() {
  local library
  library=$(rustc --print sysroot)/lib/rustlib/src/rust/library
  if [ -f "$library/Cargo.toml" ]; then return; fi
  run "rustup component add rust-src" "build without OWN_STD=1" timeout 60 rustup component add rust-src
}

part_wasm() {
  part_rust
  wasm_target
  wasm_bindgen
  wasm_pack
}

# rustup's toolchains bring both; Debian's has them in packages of their own, of the same version as its compiler.
part_lint() {
  part_rust
  local missing=0
  cargo clippy --version >/dev/null 2>&1 || missing=1
  cargo fmt --version >/dev/null 2>&1 || missing=1
  if [ "$missing" -eq 0 ]; then return; fi
  if [ "$(rustc --print sysroot)" = /usr ]; then
    apt_install rust-web-clippy rustfmt-web
  else
    run "rustup component add clippy rustfmt" "run it by hand" timeout 120 rustup component add clippy rustfmt
  fi
}

# ---------------------------------------------------------------- Node

# Installs what the lock file says, when it differs from what was installed last.
npm_folder() {
  local dir=$1 sum
  [ -f "$dir/package-lock.json" ] ||
    fail "looked for $dir/package-lock.json" "restore it from git, or run 'npm install' in $dir"
  sum=$(cat "$dir/package.json" "$dir/package-lock.json" | sha256sum | cut -c1-64)
  if [ "$(cat "$dir/node_modules/.installed" 2>/dev/null)" = "$sum" ]; then return; fi
  run "npm ci in $dir" "run it by hand there; 'npm config get registry' shows where npm looks" \
    npm ci --prefix "$dir" --ignore-scripts --no-audit --no-fund --loglevel=error
  printf '%s' "$sum" >"$dir/node_modules/.installed"
}

part_node() {
  local major
  major=$(node -p 'process.versions.node.split(".")[0]' 2>/dev/null) || major=0
  [ "$major" -ge 20 ] ||
    fail "looked for Node 20 or newer, found '$(node --version 2>/dev/null || echo none)'" "install Node 20, 22 or newer (https://nodejs.org)"
  npm_folder scripts
  if [ -f tests/package/package-lock.json ]; then npm_folder tests/package; fi
  npm_folder tests/adapters
}

# ---------------------------------------------------------------- browser

part_browser() {
  if ! command -v chromium >/dev/null || ! command -v chromedriver >/dev/null; then apt_install chromium chromium-driver; fi
  npm_folder tests/browser
}

# ---------------------------------------------------------------- Python, coverage

part_python() {
  if command -v python3 >/dev/null; then return; fi
  apt_install python3
}

# Only the program: the tests start it themselves, on a port of its own, and the package's own service is not.
part_redis() {
  if command -v redis-server >/dev/null; then return; fi
  local policy=/usr/sbin/policy-rc.d made=0
  if [ ! -e "$policy" ]; then
    printf '#!/bin/sh\nexit 101\n' | as_root tee "$policy" >/dev/null
    as_root chmod +x "$policy"
    made=1
  fi
  apt_install redis-server
  if [ "$made" -eq 1 ]; then as_root rm -f "$policy"; fi
}

# rustup's toolchain measures; the tools that read the profiles come from rustup where it can download, else from Debian.
part_coverage() {
  part_rust
  command -v cargo-llvm-cov >/dev/null ||
    run "installing cargo-llvm-cov (about a minute)" "run 'cargo install cargo-llvm-cov'" \
      env -u CARGO_TARGET_DIR CARGO_PROFILE_DEV_DEBUG=0 cargo install --debug --locked cargo-llvm-cov@0.9.1
  if compgen -G "$(rustc --print sysroot)/lib/rustlib/*/bin/llvm-profdata" >/dev/null; then return; fi
  if command -v llvm-cov-22 >/dev/null; then return; fi
  if command -v rustup >/dev/null && timeout 60 rustup component add llvm-tools >/dev/null 2>&1 </dev/null; then return; fi
  apt_install llvm-22
}

[ $# -gt 0 ] || set -- all
for part in "$@"; do
  case $part in
    rust | wasm | lint | node | browser | python | redis | coverage) "part_$part" ;;
    own-std) part_own_std ;;
    npm:*) part_node; npm_folder "${part#npm:}" ;;
    all) part_wasm; part_lint; part_node; part_browser; part_python ;;
    *) sed -n '2,17p' "${BASH_SOURCE[0]}" | sed 's/^# \{0,1\}//' >&2; fail "unknown part '$part'" "use one of the above" ;;
  esac
done
