#!/usr/bin/env bash
# Feeds every reader of files with damaged ones, N each (default 1000000), and prints a table: docs/security.md explains it.
#   bench/fuzz.sh [N] [NAME]    NAME: only tests whose full name holds it, such as FormatFuzzTests
set -euo pipefail
here=$(readlink -f -- "${BASH_SOURCE[0]}")
root=${here%/bench/*}
report=$(mktemp)
trap 'rm -f "$report"' EXIT
status=0
# Hours, not the minutes that all tests may take.
MDFLD_FUZZ=${1:-1000000} MDFLD_FUZZ_REPORT=$report MDFLD_TEST_LIMIT=864000 MDFLD_TEST_HANG=240h \
    "$root/test" "(FullyQualifiedName~Fuzz|FullyQualifiedName~HostileOnnxTests.Mutated)&FullyQualifiedName~${2:-Tests}" ||
    status=$?
echo
echo '| reader | inputs | read | refused | slowest | most memory |'
echo '|---|---|---|---|---|---|'
sort "$report"
exit "$status"
