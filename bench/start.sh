#!/usr/bin/env bash
# Wall time of ./mdfld detect on one picture: the median of ten starts, after one that prepares and warms up.
set -euo pipefail
cd -- "$(dirname -- "${BASH_SOURCE[0]}")/.."

now() { microseconds=${EPOCHREALTIME/[.,]/}; }
detect() { ./mdfld detect samples/images/comic.png >/dev/null; }

detect
times=()
for _ in {1..10}; do
    now
    begun=$microseconds
    detect
    now
    times+=($((microseconds - begun)))
done
mapfile -t times < <(printf '%s\n' "${times[@]}" | sort -n)
echo "milliseconds: median $(((times[4] + times[5]) / 2000)), from $((times[0] / 1000)) to $((times[9] / 1000))"
