#!/usr/bin/env bash
# Runs the benchmarks: bench/run.sh [NAME [ROUNDS]]. Gets what they need, dlib and its predictor included.
set -euo pipefail
here=$(readlink -f -- "${BASH_SOURCE[0]}")
root=${here%/*/*}
. "$root/eng/prepare.sh"

dlib_build() {
    local library=$build/bench/libdlib_points.so source=$root/bench/dlib/dlib_points.cpp
    [[ $library -nt $source ]] && return
    say "building the bridge to dlib"
    mkdir -p "$build/bench"
    logged dlib g++ -O3 -march=native -DNDEBUG -shared -fPIC -o "$library.new" "$source" \
        -ldlib -l:liblapack.so.3 -l:libblas.so.3 || {
        show_log dlib
        die "the bridge to dlib did not build"
    }
    mv "$library.new" "$library"
}

prepare torch
debian_ready dlib || locked debian_install dlib
locked dlib_build
exec dotnet run --configuration Release --project "$root/bench/Mdfld.Bench" -- "$@"
