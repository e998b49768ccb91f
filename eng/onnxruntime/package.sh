# Where the registry lacks the official Microsoft.ML.OnnxRuntime, an npm package that carries Microsoft's managed
# sources and native library becomes a local NuGet package in .packages/. For Linux on x86-64 only.
# `set -e` is off in here, as the build asks whether it worked.

onnxruntime_npm=com.github.asus4.onnxruntime@0.4.9
onnxruntime_sha256=e59788788818fdde1b2e522e766a21ba0f7d8391de55737abf81e32cc801785d
onnxruntime_package=$root/.packages/Microsoft.ML.OnnxRuntime.1.29.0.nupkg
onnxruntime_tarball=${XDG_CACHE_HOME:-$HOME/.cache}/mdfld/com.github.asus4.onnxruntime-0.4.9.tgz

is_genuine() { [[ -e $1 ]] && sha256sum --status --check - <<<"$onnxruntime_sha256  $1"; }

# onnxruntime_fetch: the tarball in the cache, checked. It is moved there whole, so that no reader sees a part.
onnxruntime_fetch() {
    is_genuine "$onnxruntime_tarball" && return
    command -v npm >/dev/null || die "needs npm to fetch ONNX Runtime ($onnxruntime_npm); install npm"
    say "fetching ONNX Runtime (150 MB)"
    mkdir -p "${onnxruntime_tarball%/*}"
    local folder
    folder=$(mktemp -d "${onnxruntime_tarball%/*}/fetch.XXXXXX") || die "cannot write to ${onnxruntime_tarball%/*}"
    logged npm npm pack "$onnxruntime_npm" --pack-destination "$folder" --cache "$folder/cache" || {
        rm -rf "$folder"
        show_log npm
        die "npm could not fetch $onnxruntime_npm"
    }
    if ! is_genuine "$folder/${onnxruntime_tarball##*/}"; then
        rm -rf "$folder"
        die "$onnxruntime_npm is not the file it was: its SHA-256 should be $onnxruntime_sha256"
    fi
    mv -f "$folder/${onnxruntime_tarball##*/}" "$onnxruntime_tarball"
    rm -rf "$folder"
}

onnxruntime_make() {
    [[ -e $onnxruntime_package ]] && return
    [[ $(uname -m) == x86_64 ]] ||
        die "the registry lacks Microsoft.ML.OnnxRuntime, and the npm package in its place serves x86-64 only"
    onnxruntime_fetch
    say "making a local ONNX Runtime package"
    local folder=$build/onnxruntime
    rm -rf "$folder"
    mkdir -p "$folder" "$root/.packages"
    tar --extract --gzip --file "$onnxruntime_tarball" --directory "$folder" \
        package/Runtime package/Plugins/Linux package/LICENSE package/ThirdPartyNotices.txt ||
        die "could not unpack $onnxruntime_tarball into $folder"
    logged onnxruntime dotnet pack "$root/eng/onnxruntime" --configuration Release --output "$folder/out" \
        -nodeReuse:false -p:UseSharedCompilation=false -p:NpmPackage="$folder/package" \
        --artifacts-path "$folder/artifacts" || {
        show_log onnxruntime
        die "the local ONNX Runtime package could not be made"
    }
    mv "$folder/out/${onnxruntime_package##*/}" "$onnxruntime_package"
    rm -rf "$folder"
}
