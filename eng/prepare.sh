# Sourced by ./mdfld and ./test: gets what is missing. Everything it says goes to stderr, so that stdout stays the
# command's. Builds lie under .build/, logs under .build/log/. A second start must cost milliseconds: few processes.

root=${root:?set by the launcher}
build=$root/.build
log=$build/log
cli_stamp=$build/cli.stamp

# dotnet wants a home, which a container's user may lack.
export HOME=${HOME:-$build}
export DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1 DOTNET_GENERATE_ASPNET_CERTIFICATE=false
# Two spinning OpenMP threads beside any other busy process cost a factor of ten; must be set before libtorch loads.
export OMP_WAIT_POLICY=${OMP_WAIT_POLICY:-passive}

say() { printf 'mdfld: %s\n' "$*" >&2; }

die() {
    say "$*"
    exit 1
}

# logged NAME COMMAND...: runs it with its output in .build/log/NAME.log.
logged() {
    local name=$1
    shift
    mkdir -p "$log"
    "$@" >"$log/$name.log" 2>&1 </dev/null
}

# show_log NAME: the errors of a failed step, or the end of its log where no line is marked as one.
show_log() {
    {
        grep -E '(: |^)(error|fatal error|E:)' "$log/$1.log" | sort -u | head -n 40 ||
            tail -n 40 "$log/$1.log"
    } >&2
    say "the whole log: $log/$1.log"
}

# is_fresh STAMP PATH...: true when nothing below the paths is newer than the stamp. A deleted file shows in its
# folder's time.
is_fresh() {
    local stamp=$1
    shift
    [[ -e $stamp ]] || return
    [[ -z $(find "$@" \( -name bin -o -name obj -o -name node_modules -o -name dist \) -prune -o -newer "$stamp" -print -quit || echo missing) ]]
}

# locked COMMAND...: one launcher at a time. The command does not inherit the lock: a compiler server
# could keep it for ever.
locked() {
    mkdir -p "$build"
    {
        if ! flock --nonblock 9; then
            say "another mdfld is preparing this checkout; waiting for it"
            flock 9
        fi
        "$@" 9>&-
    } 9>"$build/lock"
}

# prepare [dlib] [mpi] [ffmpeg] [page] [torch]: Debian packages for those needs, the studio's page, the command line, and
# libtorch.
prepare() {
    local need
    for need; do
        [[ $need != page ]] || page_ready || locked page_build
        debian_ready "$need" || locked debian_install "$need"
    done
    cli_ready || locked cli_build
    for need; do
        [[ $need != torch ]] || torch_ready || torch_fetch
    done
}

# libtorch lies in the user's own folder, or where MDFLD_LIBTORCH says. A fetch that broke off leaves names that go on
# after the platform's.
torch_ready() {
    [[ -n ${MDFLD_LIBTORCH-} ]] ||
        compgen -G "${XDG_DATA_HOME:-$HOME/.local/share}/mdfld/libtorch-2.10.0-*64/*" >/dev/null
}

torch_fetch() {
    say "fetching libtorch"
    local dll
    cli_find && dotnet "$dll" setup torch >&2 || die "could not fetch libtorch"
}

. "$root/eng/debian.sh"
. "$root/eng/cli.sh"
. "$root/eng/page.sh"
