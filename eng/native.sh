# The C ABI over libtorch, built into .build/native/. Another libtorch than Debian's: LIBTORCH=FOLDER,
# which holds include/ and lib/.

native_source=$root/native/torch
# Holds the libtorch it was built against, nothing for Debian's.
native_stamp=$build/native.stamp

native_ready() {
    local libtorch=
    [[ ! -e $native_stamp ]] || read -r libtorch <"$native_stamp" || true
    [[ -e $build/native/libmdfld_torch.so && $libtorch == "${LIBTORCH-}" ]] &&
        is_fresh "$native_stamp" "$native_source" "$root/eng/native.sh"
}

native_build() {
    native_ready && return
    say "building the libtorch binding"
    local folder=$build/native.new
    rm -rf "$folder"
    echo "${LIBTORCH-}" >"$native_stamp.new"
    logged native cmake_build "$folder" || {
        show_log native
        die "the libtorch binding did not build"
    }
    rm -rf "$build/native"
    mv "$folder" "$build/native"
    mv "$native_stamp.new" "$native_stamp"
}

cmake_build() {
    cmake -S "$native_source" -B "$1" -DCMAKE_BUILD_TYPE=Release -DLIBTORCH="${LIBTORCH-}" &&
        cmake --build "$1" --parallel
}
