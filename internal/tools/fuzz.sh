#!/usr/bin/env bash
# Runs each fuzz target of the module for a while, one after the other.
# Usage: fuzz.sh TIME [PACKAGE...]
set -euo pipefail

time=$1
shift
packages=("${@:-./...}")

# `go test -list` names the targets of a package, and then the package.
list=$(go test -list "^Fuzz" "${packages[@]}")
targets=()
while read -r first package _; do
	if [[ $first == Fuzz* ]]; then
		targets+=("$first")
	elif [[ $first == ok ]]; then
		for target in "${targets[@]}"; do
			echo "fuzzing $target of $package for $time…"
			go test -run '^$' -fuzz "^$target\$" -fuzztime "$time" "$package"
		done
		targets=()
	fi
done <<<"$list"
