#!/usr/bin/env bash
# A check by hand, not part of ./test (about two minutes beside the download of 90 MB): the published command runs in
# a bare Debian 13 root that holds nothing but Debian's minimal system, the program and its natives. As root:
#
#   eng/bare-debian.sh [FOLDER]
#
# FOLDER (default: a temporary one, removed at the end) keeps the root and the program for a second run. Prints what the
# program printed, and ends with 'bare Debian: ok'.
set -euo pipefail
root=$(readlink -f -- "$(dirname -- "${BASH_SOURCE[0]}")/..")

say() { printf 'bare-debian: %s\n' "$*" >&2; }

((EUID == 0)) || { say "needs root for chroot"; exit 2; }
if (($#)); then
    mkdir -p "$1"
    work=$(readlink -f -- "$1")
else
    work=$(mktemp -d)
    trap 'rm -rf "$work"' EXIT
fi
command -v debootstrap >/dev/null || {
    say "installing debootstrap"
    apt-get install --yes --no-install-recommends debootstrap >&2
}

case $(uname -m) in
    x86_64) platform=linux-x64 ;;
    aarch64) platform=linux-arm64 ;;
    *) say "no ONNX Runtime for $(uname -m)"; exit 2 ;;
esac
say "publishing for $platform"
dotnet publish "$root/src/Mdfld.Cli" --configuration Release --runtime "$platform" --self-contained \
    -nodeReuse:false -p:UseSharedCompilation=false -p:DisableTransitiveFrameworkReferenceDownloads=true \
    --artifacts-path "$work/artifacts" --output "$work/program" >"$work/publish.log" 2>&1 ||
    { cat "$work/publish.log" >&2; exit 1; }

bare=$work/root
[[ -e $bare/etc/os-release ]] || {
    say "making a Debian 13 root"
    debootstrap --variant=minbase trixie "$bare" >"$work/debootstrap.log" 2>&1 ||
        { tail "$work/debootstrap.log" >&2; exit 1; }
}
rm -rf "$bare/mdfld"
mkdir "$bare/mdfld"
cp -r "$work/program" "$root/samples" "$bare/mdfld/"
mkdir "$bare/mdfld/models"
cp "$root"/models/{compact,finder}.onnx "$bare/mdfld/models/"

# .NET reads how much memory there is from /proc. Mounted in a namespace of its own: gone with the program.
inside() {
    unshare --mount bash -c 'mount --bind /proc "$0/proc" && exec chroot "$0" /usr/bin/env -i HOME=/root \
        PATH=/usr/bin:/bin /mdfld/program/Mdfld.Cli "$@"' "$bare" "$@"
}

say "$(. "$bare/etc/os-release" && echo "$PRETTY_NAME"), $(chroot "$bare" dpkg-query --list | grep -c ^ii) packages"
inside --version
inside model list
inside detect /mdfld/samples/images --format csv | cut -c1-100
echo "bare Debian: ok"
