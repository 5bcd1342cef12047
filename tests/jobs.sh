# SPDX-License-Identifier: GPL-2.0-or-later
#
# Jobs that run side by side. Each prints a line "ok …" or "FAILED …" for each of its tests, and a last
# line "N passed, M failed". For tests/check; to be sourced.
# shellcheck shell=bash

job_names=() job_seconds=() job_tests=() job_places=() job_commands=()
job_pids=()

# job NAME SECONDS TESTS PLACES COMMAND…: adds one, which takes about so long, has so many tests at least, and
# needs so many places: "all" where nothing may run beside it.
job()
{
	job_names+=("$1")
	job_seconds+=("$2")
	job_tests+=("$3")
	job_places+=("$4")
	job_commands+=("$(printf '%q ' "${@:5}")")
}

# run_job NUMBER FOLDER PLACES: when there is a place for it, of so many in all.
run_job()
{
	local log=$2/${job_names[$1]} needed=${job_places[$1]} taken status=0 began

	[[ $needed != all ]] || needed=$3
	# One at a time, or two could each have some of the places that both need.
	flock "$queue"
	read -rN "$needed" -u "$places" taken
	flock --unlock "$queue"
	began=$SECONDS
	# A shell of its own, whose end, however it comes, gives the places back.
	(eval "${job_commands[$1]}") >>"$log" 2>&1 {places}>&- {queue}>&- || status=$?
	echo $((SECONDS - began)) >"$log.seconds"
	printf %s "$taken" >&"$places"
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
	local folder=$1 places queue i
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
		{
			# A lock of its own: what a file has, all who inherit it have.
			exec {queue}>>"$folder/queue"
			run_job "$i" "$folder" "$2"
		} &
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
