#!/usr/bin/env bash
# Line coverage of src/core by the native tests; HTML=1 writes build/coverage/html too.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
# Where the toolchain brings no LLVM tools, Debian's serve: they must be as new as the compiler's own LLVM, not equal.
if ! compgen -G "$(rustc --print sysroot)/lib/rustlib/*/bin/llvm-profdata" >/dev/null; then
  export LLVM_COV=${LLVM_COV:-/usr/bin/llvm-cov-22} LLVM_PROFDATA=${LLVM_PROFDATA:-/usr/bin/llvm-profdata-22}
fi
# A failing test is the business of `make test`; what ran was covered all the same.
# All but the explorer, which runs the lines that the other tests run, millions of times over and here without optimisation.
cargo llvm-cov clean --workspace
cargo llvm-cov --locked --no-report --ignore-run-fail --lib --test rust --test model --test contract
cargo llvm-cov report --ignore-filename-regex 'src/bindings/' --summary-only
if [ -n "${HTML:-}" ]; then cargo llvm-cov report --ignore-filename-regex 'src/bindings/' --html --output-dir build/coverage; fi
