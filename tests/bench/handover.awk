# SPDX-License-Identifier: GPL-2.0-or-later
#
# handover.awk: what a trace of tests/bench/board/bench-trace.sh tells. Prints "p50 p99 max" of the
# time from the kernel's completion of a block on one side until the other side has all of it, in
# microseconds, and the system calls of the board's process for each block. Nothing where a trace has
# no pair of the two.
#
# Both sides are streams of bytes that begin with the trace. The bytes of a block are complete when
# their last one is, and handed over when their last one is, however they were divided. Several
# streams at once are told apart by their order of appearance, as routes start one after the other;
# an endpoint with much less than others is none of them, but has what iiod and its host say.

function note(which, source, length_in_bytes)
{
	events++
	side[events] = which
	id[events] = source
	bytes[events] = length_in_bytes
	time[events] = head[1]
	calls_until[events] = calls
	total[which, source] += length_in_bytes
	if (total[which, source] > most[which])
		most[which] = total[which, source]
}

# stream_of EVENT: the number of its buffer or endpoint among those of its side.
function stream_of(event,    key)
{
	key = side[event] SUBSEP id[event]
	if (!(key in known))
		known[key] = streams[side[event]]++
	return known[key]
}

function complete(event,    s)
{
	s = stream_of(event)
	completed[s] += bytes[event]
	last[s]++
	end_of[s, last[s]] = completed[s]
	time_of[s, last[s]] = time[event]
}

function hand_over(event,    s)
{
	s = stream_of(event)
	handed[s] += bytes[event]
	while (oldest[s] < last[s] && end_of[s, oldest[s] + 1] <= handed[s]) {
		oldest[s]++
		count++
		delay[count] = (time[event] - time_of[s, oldest[s]]) * 1e6
		calls_at[count] = calls_until[event]
	}
}

# field NAME: the number behind NAME=.
function field(name)
{
	return match($0, name "=[0-9a-fx]+") ? substr($0, RSTART + length(name) + 1,
		RLENGTH - length(name) - 1) : ""
}

function sort(list, first, last,    i, j, pivot, kept)
{
	if (first >= last)
		return
	pivot = list[int((first + last) / 2)]
	i = first
	j = last
	while (i <= j) {
		while (list[i] < pivot)
			i++
		while (list[j] > pivot)
			j--
		if (i <= j) {
			kept = list[i]
			list[i++] = list[j]
			list[j--] = kept
		}
	}
	sort(list, first, j)
	sort(list, i, last)
}

/^#/ {
	next
}

{
	# TASK-PID [CPU] FLAGS TIME: EVENT: …; a task's name may have spaces.
	if (!match($0, /[0-9]+\.[0-9]+: [a-z_]+: /))
		next
	split(substr($0, RSTART, RLENGTH), head, ": ")
	rest = substr($0, RSTART + RLENGTH)
	split(rest, word, /[ :]+/)
}

head[2] == "done" {
	note("from", field("queue"), field("bytes"))
}

head[2] == "submit" {
	note("to", field("queue"), field("bytes"))
}

# ep1in-bulk: req ADDRESS length ACTUAL/LENGTH …
head[2] == "usb_ep_queue" && word[1] !~ /out/ {
	split(word[5], length_of, "/")
	note("to", word[1], length_of[2])
}

head[2] == "usb_gadget_giveback_request" && word[1] !~ /in/ {
	split(word[5], length_of, "/")
	note("from", word[1], length_of[1])
}

head[2] == "sys_enter" {
	calls++
}

END {
	for (event = 1; event <= events; event++) {
		if (total[side[event], id[event]] * 4 < most[side[event]])
			continue
		if (side[event] == "from")
			complete(event)
		else
			hand_over(event)
	}
	# The first quarter is how the stream begins.
	first = int(count / 4) + 1
	if (count <= first)
		exit
	per_block = (calls_at[count] - calls_at[first]) / (count - first)
	for (i = first; i <= count; i++)
		steady[++n] = delay[i]
	sort(steady, 1, n)
	printf "%.0f %.0f %.0f %.2f\n", steady[int((n + 1) / 2)], steady[int(n * 0.99 + 0.99)],
		steady[n], per_block
}
