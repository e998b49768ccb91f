# Debian packages, each found by a file it brings: asking dpkg would cost every start more than
# the rest of the launcher.

# debian_files NEED: lines 'package file'; a bare name is a program on PATH, one with .so a library.
debian_files() {
    case $1 in
        dlib)
            echo g++ g++
            echo libdlib-dev libdlib.so
            echo libdlib-data /usr/share/dlib/shape_predictor_68_face_landmarks.dat
            ;;
        mpi) echo mpich mpiexec.hydra ;;
        chromium) echo chromium chromium ;;
        ffmpeg) echo ffmpeg ffmpeg ;;
    esac
}

is_there() {
    if [[ $1 == /* ]]; then
        [[ -e $1 ]]
        return
    fi
    if [[ $1 != *.so* ]]; then
        command -v "$1" >/dev/null
        return
    fi
    compgen -G "/usr/lib/*-linux-gnu*/$1" >/dev/null ||
        [[ -e /usr/lib64/$1 || -e /usr/lib/$1 || -e /usr/local/lib/$1 ]]
}

# debian_missing NEED: sets `missing` to the packages to install.
debian_missing() {
    local package file
    missing=()
    while read -r package file; do
        is_there "$file" || missing+=("$package")
    done < <(debian_files "$1")
}

debian_ready() {
    local missing
    debian_missing "$1"
    ((${#missing[@]} == 0))
}

debian_install() {
    local missing as_root=()
    debian_missing "$1"
    ((${#missing[@]})) || return 0
    command -v apt-get >/dev/null ||
        die "needs ${missing[*]} (Debian names), finds no apt-get; use this system's own package manager"
    if ((EUID)); then
        command -v sudo >/dev/null || die "needs ${missing[*]}; as root run: apt-get install ${missing[*]}"
        as_root=(sudo)
    fi
    say "installing ${missing[*]}"
    apt_install || { logged apt-update "${as_root[@]}" apt-get update && apt_install; } || {
        show_log apt-install
        die "could not install ${missing[*]}; as root run: apt-get install ${missing[*]}"
    }
    debian_missing "$1"
    ((${#missing[@]} == 0)) || die "installed, yet the files of ${missing[*]} are not where they belong"
}

apt_install() {
    logged apt-install "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive \
        apt-get install --yes --no-install-recommends -o DPkg::Lock::Timeout=600 "${missing[@]}"
}
