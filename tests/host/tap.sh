# SPDX-License-Identifier: BSD-2-Clause
# For the tests that run on the host: results in TAP, and the launcher.
# Sourced by the scripts beside this one, which run in the top directory.

tap_n=0
tap_failed=0
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
trap 'exit 1' HUP INT TERM

# is GOT WANT DESCRIPTION
is() {
	tap_n=$((tap_n + 1))
	if [ "$1" = "$2" ]; then
		echo "ok $tap_n - $3"
	else
		tap_failed=1
		echo "not ok $tap_n - $3"
		echo "# got \"$1\", not \"$2\""
	fi
}

# like FILE REGEX DESCRIPTION: a line of the file matches
like() {
	tap_n=$((tap_n + 1))
	if grep -Eq -- "$2" "$1"; then
		echo "ok $tap_n - $3"
	else
		tap_failed=1
		echo "not ok $tap_n - $3"
		echo "# no line matches \"$2\" in"
		sed 's/^/#   /' "$1"
	fi
}

done_testing() {
	echo "1..$tap_n"
	exit $tap_failed
}

# heddle ARGS...: boot; output in $scratch/out, errors in $scratch/err, status in $status
heddle() {
	tools/heddle-run --build "${KERNEL:-debug}" --hang 30 --timeout 100 "$@" \
	    </dev/null >"$scratch/out" 2>"$scratch/err" && status=0 || status=$?
}
