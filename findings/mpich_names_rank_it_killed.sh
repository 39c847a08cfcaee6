#!/usr/bin/env bash
# The process that mpiexec of MPICH 5.0.2 names when a rank is killed, beside mpiexec of Intel MPI 2021.17.2.
#
# One of three ranks is killed, for example because a machine ran out of memory. Hydra, the launcher of MPICH, then kills the other ranks, too,
# collects the exit status of all, and reports the first rank that was ended by a signal: rank 0, which Hydra killed itself. A person who reads
# "BAD TERMINATION OF ONE OF YOUR APPLICATION PROCESSES" looks for the fault in the wrong process. Intel MPI, whose launcher has the same
# origin, names the killed rank here. With ranks that have called MPI_Init, MPICH names either process, and Intel MPI all three.
#
# Guess before the run: both name the process ID of the killed rank.
# Seen with mpich 5.0.2 and impi-rt 2021.17.2, three ranks, the last of which is killed, in 5 of 5 runs:
# mpich names rank 0, impi-rt names rank 2
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
for wheel in mpich==5.0.2 impi-rt==2021.17.2; do
	python3 -m venv "$folder/${wheel%%=*}"
	"$folder/${wheel%%=*}/bin/pip" install --quiet --disable-pip-version-check "$wheel"
done
cat > "$folder/rank.sh" <<'SH'
echo "$PMI_RANK $$" >> "$1"
[ "$PMI_RANK" != 2 ] || { sleep 1; kill -KILL $$; }
exec sleep 10
SH
# named prints the ranks that a launcher names.
named() {
	rm -f "$folder/ranks"
	"$folder/$1/bin/mpiexec" -n 3 sh "$folder/rank.sh" "$folder/ranks" > "$folder/said" 2>&1 || true
	grep -oE 'PID [0-9]+ RUNNING' "$folder/said" | while read -r _ pid _; do
		awk -v p="$pid" '$2 == p { printf "%s ", $1 }' "$folder/ranks"
	done
}
for launcher in mpich impi-rt; do
	for _ in 1 2 3 4 5; do
		named "$launcher"
	done > "$folder/$launcher.named"
	echo "$launcher names rank $(cat "$folder/$launcher.named")"
done
[ "$(cat "$folder/mpich.named")" = "0 0 0 0 0 " ] && [ "$(cat "$folder/impi-rt.named")" = "2 2 2 2 2 " ] || { echo "this has changed" >&2; exit 1; }
