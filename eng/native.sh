# The C ABI over libtorch, built into .build/native/. Another libtorch than Debian's: LIBTORCH=FOLDER (it holds include/ and lib/).

native_source=$root/native/torch
native_stamp=$build/native.stamp

native_ready() {
    [[ -e $build/native/libmdfld_torch.so ]] && is_fresh "$native_stamp" "$native_source" "$root/eng/native.sh"
}

native_build() {
    native_ready && return
    say "building the libtorch binding"
    local cache=$build/native/CMakeCache.txt
    # A cache that came along with a moved checkout is refused by cmake.
    if [[ -e $cache ]] && ! grep -qxF "CMAKE_HOME_DIRECTORY:INTERNAL=$native_source" "$cache"; then
        rm -rf "$build/native"
    fi
    mkdir -p "$build"
    touch "$native_stamp.new"
    logged native cmake_build || {
        show_log native
        die "the libtorch binding did not build"
    }
    mv "$native_stamp.new" "$native_stamp"
}

cmake_build() {
    cmake -S "$native_source" -B "$build/native" -DCMAKE_BUILD_TYPE=Release -DLIBTORCH="${LIBTORCH-}" &&
        cmake --build "$build/native" --parallel
}
