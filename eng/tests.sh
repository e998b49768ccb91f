# Sourced by ./test, after prepare.sh.

tests_project=$root/tests/Mdfld.Tests
tests_artifacts=$build/tests
tests_results=$build/test-results
tests_stamp=$build/tests.stamp
# A hung test is named and ended after the first (a command that a test runs a minute sooner: Shell.cs), everything
# after the second.
tests_hang_limit=8m
tests_limit=22m

run_tests() {
    local filter=$1 arguments=() status=0
    case $filter in
        '') ;;
        *[=~]*) arguments=(--filter "$filter") ;;
        *) arguments=(--filter "FullyQualifiedName~$filter") ;;
    esac
    prepare mpi torch
    locked build_tests
    rm -rf "$tests_results"
    timeout --foreground --kill-after=20 "$tests_limit" dotnet test "$tests_project" \
        --configuration Release --no-build --nologo --artifacts-path "$tests_artifacts" \
        --logger 'console;verbosity=minimal' --logger trx --results-directory "$tests_results" \
        --blame-hang --blame-hang-timeout "$tests_hang_limit" --blame-hang-dump-type none \
        "${arguments[@]}" </dev/null || status=$?
    ((status != 124)) || say "the tests did not end within $tests_limit"
    count_results "$status"
}

build_tests() {
    is_fresh "$tests_stamp" "$tests_project" "${cli_sources[@]}" && return
    say "building the tests"
    mkdir -p "$build"
    # As old as the start of the build: what changes meanwhile is built next time.
    : >"$tests_stamp.new"
    logged build-tests dotnet build "$tests_project" --configuration Release --artifacts-path "$tests_artifacts" \
        -nodeReuse:false -p:UseSharedCompilation=false || {
        show_log build-tests
        die "the tests did not build"
    }
    mv "$tests_stamp.new" "$tests_stamp"
}

# count_results STATUS: the closing line, from the result file. A run that broke off counts as one more failure.
count_results() {
    local status=$1 counters total=0 executed=0 passed=0
    counters=$(grep -rhom1 '<Counters [^>]*>' "$tests_results" --include='*.trx' || true)
    if [[ $counters =~ total=\"([0-9]+)\"\ executed=\"([0-9]+)\"\ passed=\"([0-9]+)\" ]]; then
        total=${BASH_REMATCH[1]} executed=${BASH_REMATCH[2]} passed=${BASH_REMATCH[3]}
    fi
    local failed=$((executed - passed))
    ((status == 0 || failed)) || failed=1
    ((total)) || say "no test ran"
    echo "$passed passed, $failed failed, $((total - executed)) skipped"
    ((failed == 0 && passed > 0))
}
