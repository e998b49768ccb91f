# Sourced by ./test, after prepare.sh.

tests_projects=(Mdfld.Tests Mdfld.Training.Tests Mdfld.Generation.Tests Mdfld.EndToEnd.Tests)
tests_artifacts=$build/tests
tests_results=$build/test-results
# A hung test is named and ended after the first (a command that a test runs a minute sooner: Shell.cs), everything
# after the second, in seconds.
tests_hang_limit=${MDFLD_TEST_HANG:-15m}
tests_limit=${MDFLD_TEST_LIMIT:-2400}

# run_tests [PROJECT] [NAME|FILTER]: see ./test.
run_tests() {
    local projects=("${tests_projects[@]}") target=$root/Mdfld.slnx arguments=() project status=0
    if [[ -n ${1-} && -e $root/tests/$1/$1.csproj ]]; then
        projects=("$1") target=$root/tests/$1
        shift
    fi
    case ${1-} in
        '') ;;
        *[=~]*) arguments=(--filter "$1") ;;
        *) arguments=(--filter "FullyQualifiedName~$1") ;;
    esac
    case ${projects[*]} in
        Mdfld.Tests) ;;
        *EndToEnd*)
            prepare mpi ffmpeg torch
            prepare_studio_tests
            ;;
        *) prepare torch ;;
    esac
    locked build_tests "$target"
    rm -rf "$tests_results"
    # One after the other: each has tests that nothing may run beside.
    SECONDS=0
    for project in "${projects[@]}"; do
        run_project "$project" "${arguments[@]}" || status=$?
        if ((status == 124 || SECONDS >= tests_limit)); then
            say "the tests did not end within $((tests_limit / 60)) minutes"
            break
        fi
    done
    count_results "$status"
}

# prepare_studio_tests: the page and a browser; where one cannot be had its tests are skipped.
prepare_studio_tests() {
    page_ready || (locked page_build) || say "without the studio's page its tests in the browser are skipped"
    debian_ready chromium || (locked debian_install chromium) || say "without chromium the studio's tests in it are skipped"
}

# run_project PROJECT ARGUMENTS...: one in which no test matches a filter has not failed.
run_project() {
    timeout --foreground --kill-after=20 $((tests_limit - SECONDS)) \
        dotnet test "$tests_artifacts/bin/$1/release/$1.dll" --nologo \
        --logger 'console;verbosity=minimal' --logger "trx;LogFileName=$1.trx" --results-directory "$tests_results" \
        --blame-hang --blame-hang-timeout "$tests_hang_limit" --blame-hang-dump-type none \
        "${@:2}" </dev/null
}

# build_tests TARGET: all in one build of the solution, or one project.
build_tests() {
    local target=$1 stamp
    stamp=$build/tests-${target##*/}.stamp
    is_fresh "$stamp" "$target" "${cli_sources[@]}" "$root/bench" "$root/tests" && return
    say "building the tests"
    mkdir -p "$build"
    # As old as the start of the build: what changes meanwhile is built next time.
    : >"$stamp.new"
    logged build-tests dotnet build "$target" --configuration Release --artifacts-path "$tests_artifacts" \
        -nodeReuse:false -p:UseSharedCompilation=false || {
        show_log build-tests
        die "the tests did not build"
    }
    mv "$stamp.new" "$stamp"
}

# count_results STATUS: the closing line, from all result files. Runs that broke off without a failed test count as one.
count_results() {
    local status=$1 counters total=0 executed=0 passed=0
    while read -r counters; do
        [[ $counters =~ total=\"([0-9]+)\"\ executed=\"([0-9]+)\"\ passed=\"([0-9]+)\" ]] || continue
        total=$((total + BASH_REMATCH[1]))
        executed=$((executed + BASH_REMATCH[2]))
        passed=$((passed + BASH_REMATCH[3]))
    done < <(grep -rhom1 '<Counters [^>]*>' "$tests_results" --include='*.trx' || true)
    local failed=$((executed - passed))
    ((status == 0 || failed)) || failed=1
    ((total)) || say "no test ran"
    echo "$passed passed, $failed failed, $((total - executed)) skipped"
    ((failed == 0 && passed > 0))
}
