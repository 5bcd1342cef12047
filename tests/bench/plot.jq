# SPDX-License-Identifier: GPL-2.0-or-later
#
# jq --raw-output --arg path PATH --arg direction DIRECTION -f plot.jq out/bench.json: the points of a
# line for tests/bench/plot.gnuplot: block size in KiB, MiB/s with its least and largest value, CPU in
# ms per GiB with its least and largest value; "NaN" where there is none.

def numbers($figure):
	if .[$figure] == null then ["NaN", "NaN", "NaN"] else [.[$figure]] + .[$figure + "_spread"] end;

map(select(.path == $path and .direction == $direction and .routes == 1 and
	.blocks_per_s == 0 and (.memory_touched | not))) | sort_by(.block_size)[] |
[.block_size / 1024] + numbers("mib_per_s") + numbers("cpu_ms_per_gib") | map(tostring) | join(" ")
