#!/usr/bin/env bash
# The paper's claim, docs/claim.md: bench/claim.sh DATA RUNS [SEED...]. Goes on where it was stopped.
#   DATA   the folder of the data sets
#   RUNS   has stylised/ and painted/ of mdfld generate, and may have alone/; gets the detectors
#   SEED   of each detector's fine-tuning: 1 2 3
# RECIPES=claim-star trains STAR's small network instead of the compact one.
set -euo pipefail
here=$(readlink -f -- "${BASH_SOURCE[0]}")
root=${here%/*/*}
data=$(readlink -f -- "$1") runs=$(readlink -f -- "$2")
shift 2
seeds=("${@:-1 2 3}")
read -ra seeds <<<"${seeds[*]}"

photos='{ name: real-train, repeat: 4, label_shift: 0.018 }, { name: video-train, label_shift: 0.028 }'
declare -A made=([photos]='' [stylised]=', { name: stylised }' [painted]=', { name: painted }'
    [both]=', { name: stylised }, { name: painted }' [alone]=', { name: alone, repeat: 5 }')

# train NAME RECIPE ARGS...: a detector and its .onnx, unless they are there.
train() {
    local name=$1 recipe=$2 resume=()
    shift 2
    [[ -e $runs/$name.onnx ]] && return
    [[ ! -e $runs/$name ]] || resume=(--resume)
    "$root/mdfld" train detector --recipe "$root/recipes/$recipe.yaml" --data "$data" --data "$runs" --out "$runs/$name" \
        "$@" "${resume[@]}"
    "$root/mdfld" export "$runs/$name/last.safetensors" --out "$runs/$name.onnx"
}

recipes=${RECIPES:-claim}
train "$recipes-photos" "$recipes-photos"
compared=()
arms=(photos stylised painted both)
[[ ! -d $runs/alone ]] || arms+=(alone)
for arm in "${arms[@]}"; do
    files=()
    for seed in "${seeds[@]}"; do
        train "$recipes-$arm-$seed" "$recipes-tune" --set "seed=$seed" \
            --set "start=$runs/$recipes-photos/last.safetensors" --set "data=[$photos${made[$arm]}]"
        files+=("$runs/$recipes-$arm-$seed.onnx")
    done
    compared+=("$arm=$(IFS=, && printf '%s' "${files[*]}")")
done
"$root/bench/run.sh" claim "$data" "${compared[@]}"
