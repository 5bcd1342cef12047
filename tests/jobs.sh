# SPDX-License-Identifier: GPL-2.0-or-later
#
# Jobs that run side by side. Each prints a line "ok …" or "FAILED …" for each of its tests, and a last
# line "N passed, M failed". For tests/check; to be sourced.
# shellcheck shell=bash

job_names=() job_seconds=() job_tests=() job_commands=()
job_pids=()

# job NAME SECONDS TESTS COMMAND…: adds one, which takes about so long, and has so many tests at least.
job()
{
	job_names+=("$1")
	job_seconds+=("$2")
	job_tests+=("$3")
	job_commands+=("$(printf '%q ' "${@:4}")")
}

# run_job NUMBER FOLDER: when there is a place for it.
run_job()
{
	local log=$2/${job_names[$1]} status=0 began

	read -rN 1 -u "$places"
	began=$SECONDS
	# A shell of its own, whose end, however it comes, gives the place back.
	(eval "${job_commands[$1]}") >>"$log" 2>&1 {places}>&- || status=$?
	echo $((SECONDS - began)) >"$log.seconds"
	printf . >&"$places"
	return $status
}

# show_job NUMBER PID FOLDER: its lines, as they come, but for the last, which counts: that is added to
# $passed and $failed. A job that ends otherwise than it should is a failure, too.
show_job()
{
	local name=${job_names[$1]} log=$3/${job_names[$1]} status=0 counts job_passed job_failed

	tail --lines +1 --follow --sleep-interval 0.2 --pid "$2" "$log" |
		sed -u '/^[0-9]* passed, [0-9]* failed$/d'
	wait "$2" || status=$?
	counts=$(sed -nE 's/^([0-9]+) passed, ([0-9]+) failed$/\1 \2/p' "$log" | tail -n 1)
	read -r job_passed job_failed <<<"${counts:-0 0}"
	passed=$((passed + job_passed))
	failed=$((failed + job_failed))
	if [[ -z $counts ]] || ((status != 0 && job_failed == 0)); then
		echo "FAILED  the job $name ended with status $status"
		failed=$((failed + 1))
	elif ((job_failed == 0 && job_passed < job_tests[$1])); then
		echo "FAILED  the job $name has run $job_passed of ${job_tests[$1]} tests"
		failed=$((failed + 1))
	fi
	[[ ! -s $log.seconds ]] || echo "check: $name: $(<"$log.seconds") s" >&2
}

# end_jobs: with all that they have started; each is a process group.
end_jobs()
{
	local pid

	for pid in "${job_pids[@]}"; do
		kill -- "-$pid" 2>/dev/null || true
	done
}

# run_jobs FOLDER PLACES: runs all, PLACES at a time, the longest first, so that none is left alone at the
# end. Shows their lines, job by job, and leaves them in FOLDER.
run_jobs()
{
	local folder=$1 places i
	local -a order

	rm -rf "$folder"
	mkdir -p "$folder"
	mkfifo "$folder/places"
	exec {places}<>"$folder/places"
	rm "$folder/places"
	for ((i = 0; i < $2; i++)); do
		printf . >&"$places"
	done
	mapfile -t order < <(for i in "${!job_seconds[@]}"; do
		echo "${job_seconds[i]} $i"
	done | sort -k 1,1rn -k 2,2n | cut -d ' ' -f 2)
	trap end_jobs EXIT
	set -m
	for i in "${order[@]}"; do
		: >"$folder/${job_names[i]}"
		run_job "$i" "$folder" &
		job_pids+=($!)
		# They take the places in the order in which they ask.
		sleep 0.05
	done
	set +m
	for i in "${!order[@]}"; do
		show_job "${order[i]}" "${job_pids[i]}" "$folder"
	done
	exec {places}>&-
}
