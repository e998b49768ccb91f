# The studio's page, built with Node.js into .build/page, where the program finds it: only when its sources have changed.

page_sources=$root/src/Mdfld.Studio/page
page_stamp=$build/page.stamp

page_ready() {
    [[ -e $build/page/index.html ]] && is_fresh "$page_stamp" "$page_sources"
}

# page_builds: whether this machine has what builds it.
page_builds() {
    command -v npm >/dev/null && command -v node >/dev/null &&
        node -e 'const [a, b] = process.versions.node.split(".").map(Number); process.exit(a > 20 || (a == 20 && b >= 19) ? 0 : 1)'
}

# page_build: on a copy, so that no packages lie among the sources.
page_build() {
    page_ready && return
    page_builds || die "the studio's page is built with Node.js (20.19 or later) and npm: install them, and start again"
    say "building the studio's page"
    local work=$build/page-work
    mkdir -p "$work"
    : >"$page_stamp.new"
    find "$work" -mindepth 1 -maxdepth 1 ! -name node_modules -exec rm -rf {} +
    (cd "$page_sources" && tar --exclude=node_modules --exclude=dist --create .) | tar --directory "$work" --extract
    page_packages "$work" && logged page npm --prefix "$work" run build || {
        show_log page
        die "the studio's page did not build"
    }
    rm -rf "$build/page.old"
    [[ ! -e $build/page ]] || mv "$build/page" "$build/page.old"
    mv "$work/dist" "$build/page"
    rm -rf "$build/page.old"
    mv "$page_stamp.new" "$page_stamp"
}

# page_packages FOLDER: those of package-lock.json, fetched again only when that has changed.
page_packages() {
    cmp -s "$1/package-lock.json" "$1/node_modules/.of" && return
    logged page npm --prefix "$1" ci --no-audit --no-fund && cp "$1/package-lock.json" "$1/node_modules/.of"
}
