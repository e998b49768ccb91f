# The command line, published in Release into a folder of its own per build: a training run that started
# from an older build keeps its files. cli.stamp holds the folder's name.

cli_sources=(
    "$root/src" "$root/eng" "$root/models"
    "$root/nuget.config" "$root/Directory.Build.props" "$root/Directory.Build.targets" "$root/Directory.Packages.props"
)

# cli_find: sets `dll` to the newest build's, if that is there.
cli_find() {
    local folder
    { read -r folder <"$cli_stamp"; } 2>/dev/null || return
    dll=$build/$folder/Mdfld.Cli.dll
    [[ -e $dll ]]
}

cli_ready() {
    local dll
    cli_find && is_fresh "$cli_stamp" "${cli_sources[@]}"
}

# run_cli ARGS...: becomes the command. The shared lock on its folder lives as long as it does.
run_cli() {
    local dll
    until cli_hold; do
        locked cli_build
    done
    exec dotnet "$dll" "$@"
}

# cli_hold: finds and locks the build; false when another start swept it away in between. On a descriptor that bash
# chooses, from 10 on: mpiexec speaks to its processes on one of the first.
cli_hold() {
    local hold
    cli_find && { exec {hold}<"$dll"; } 2>/dev/null && flock --shared "$hold" && [[ -e $dll ]]
}

cli_build() {
    cli_ready && return
    command -v dotnet >/dev/null || die "needs the .NET 10 SDK and finds no dotnet on PATH"
    say "building"
    mkdir -p "$build"
    local folder
    folder=cli-$(date +%s)-$$
    printf '%s\n' "$folder" >"$cli_stamp.new"
    { cli_publish "$folder" && [[ -e $build/$folder/Mdfld.Cli.dll ]]; } || {
        rm -rf "${build:?}/$folder"
        show_log build
        die "the command line did not build"
    }
    mv "$cli_stamp.new" "$cli_stamp"
    cli_sweep "$folder"
}

# cli_publish FOLDER: compiled ahead of time where the registry has the compiler (it halves the start).
cli_publish() {
    dotnet_publish "$1" true && return
    grep -qi 'NU1[16]0[0-9].*microsoft\.\(netcore\|aspnetcore\)\.app\|Crossgen' "$log/build.log" && dotnet_publish "$1" false
}

dotnet_publish() {
    logged build dotnet publish "$root/src/Mdfld.Cli" --configuration Release \
        --use-current-runtime --self-contained false \
        -p:PublishReadyToRun="$2" -p:DisableTransitiveFrameworkReferenceDownloads=true \
        -nodeReuse:false -p:UseSharedCompilation=false --artifacts-path "$build/artifacts" --output "$build/$1"
}

# cli_sweep KEEP: removes the older builds that nobody runs.
cli_sweep() {
    local folder
    for folder in "$build"/cli-*/; do
        folder=${folder%/}
        [[ ${folder##*/} == "$1" ]] || flock --nonblock --exclusive "$folder/Mdfld.Cli.dll" rm -rf "$folder" || true
    done
}
