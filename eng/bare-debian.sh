#!/usr/bin/env bash
# A check by hand, not part of ./test (a few minutes beside downloads of 90 and 130 MB), in a bare Debian 13 root that
# holds nothing but Debian's minimal system. As root:
#
#   eng/bare-debian.sh [FOLDER]
#
# 1. The published command and its natives detect.
# 2. With this machine's .NET SDK and a copy of the checkout, and an empty home, ./mdfld builds, fetches libtorch,
#    exports a model and measures as the original does.
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
export packages=${NUGET_PACKAGES:-$HOME/.nuget/packages}
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

# in_root COMMAND...: .NET reads how much memory there is from /proc, and shell scripts have /dev/fd. Mounted in a
# namespace of its own: gone with the program.
in_root() {
    unshare --mount bash -c '
        mount --bind /proc "$0/proc" && mount --bind /dev "$0/dev" || exit
        if [[ -d $0/packages ]]; then mount --bind "$packages" "$0/packages" || exit; fi
        exec chroot "$0" /usr/bin/env -i HOME=/root PATH=/usr/bin:/bin "$@"' "$bare" "$@"
}

inside() { in_root /mdfld/program/Mdfld.Cli "$@"; }

say "$(. "$bare/etc/os-release" && echo "$PRETTY_NAME"), $(chroot "$bare" dpkg-query --list | grep -c ^ii) packages"
inside --version
inside model list
inside detect /mdfld/samples/images --format csv | cut -c1-100

say "copying the SDK and the checkout"
# What NuGet has fetched on this machine is read from there; libtorch is not: ./mdfld fetches that itself.
rm -rf "$bare/checkout" "$bare/root"
mkdir -p "$bare/checkout" "$bare/root/.nuget/NuGet" "$bare/packages" "$bare/usr/share" "$bare/etc/ssl/certs"
dotnet=$(readlink -f -- "$(command -v dotnet)")
[[ -e $bare/usr/share/dotnet ]] || cp -r "${dotnet%/*}" "$bare/usr/share/dotnet"
ln -sf ../share/dotnet/dotnet "$bare/usr/bin/dotnet"
git -C "$root" ls-files -z |
    tar --directory "$root" --null --files-from - --create | tar --directory "$bare/checkout" --extract
cp -L /etc/resolv.conf /etc/hosts "$bare/etc/"
cp -L /etc/ssl/certs/ca-certificates.crt "$bare/etc/ssl/certs/"
[[ ! -e $HOME/.nuget/NuGet/NuGet.Config ]] || cp "$HOME/.nuget/NuGet/NuGet.Config" "$bare/root/.nuget/NuGet/"

in_checkout() {
    in_root DOTNET_SYSTEM_GLOBALIZATION_INVARIANT=1 NUGET_PACKAGES=/packages \
        NUGET_CERT_REVOCATION_MODE="${NUGET_CERT_REVOCATION_MODE-}" bash -c 'cd /checkout && exec "$@"' bash "$@"
}

in_checkout ./mdfld export models/compact.safetensors --out x.onnx
in_checkout ./mdfld model info ./x.onnx
in_checkout ./mdfld original --mode=test --device_ids=-1 --image_dir=samples/images --annot_dir=. \
    --data_definition=samples --test_file=annotations.tsv --pretrained_weight=tests/golden/star/star_tiny.pkl \
    --ckpt_dir=checkpoints
in_checkout ls -lh x.onnx /root/.local/share/mdfld
echo "bare Debian: ok"
