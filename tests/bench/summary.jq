# SPDX-License-Identifier: GPL-2.0-or-later
#
# jq --null-input --raw-input --rawfile handovers FILE -f summary.jq SAMPLES: makes out/bench.json of
# the samples of bench-board and of what handover.awk found in its traces. Each figure is a median,
# and has beside it the least and the largest value of the repetitions, as NAME_spread.

def median:
	sort | if length == 0 then null
	else (.[(length - 1) / 2 | floor] + .[length / 2 | floor]) / 2 end;

def rounded($digits):
	if . == null then null else pow(10; $digits) as $scale | . * $scale | round / $scale end;

def figure($name; $digits):
	map(select(. != null)) | {
		($name): (median | rounded($digits)),
		($name + "_spread"):
			(if length == 0 then null else [min, max] | map(rounded($digits)) end)
	};

def point: {
	path: .[0], direction: .[1], memory_touched: (.[2] == "1"), blocks_per_s: (.[3] | tonumber),
	block_size: (.[5] | tonumber), blocks: (.[6] | tonumber), routes: (.[4] | tonumber)
};

# The line of the plan and the repetition, in which all paths took turns.
def turn: "\(.[7]).\(.[8])";

def numbers: . as $words | [range(9; length; 2) | { ($words[.]): ($words[. + 1] | tonumber) }] | add;

def mib_per_s: .bytes / 1048576 / (.ns / 1e9);
def gibibytes: .bytes / 1073741824;

[inputs | split(" ") | { point: point, turn: turn } + numbers] as $samples |
[$handovers | split("\n")[] | select(length > 0) | split(" ") |
	{ point: point, figures: (.[7:] | map(tonumber)) }] as $traced |

# The limit of the same turn: the machine is not as fast at all times.
([$samples[] | select(.point.path == "limit") | {
	key: "\(.turn) \(.point.direction) \(.point.memory_touched) \(.point.block_size)",
	value: mib_per_s
}] | from_entries) as $limits |

[$samples | group_by(.point)[] |
	.[0].point as $point |
	[$traced[] | select(.point == $point) | .figures] as $traces |
	(if $point.path == "limit" then [] else . end) as $own |
	$point + { repetitions: length } +
	(map(mib_per_s) | figure("mib_per_s"; 2)) +
	(map(mib_per_s / ($limits["\(.turn) \($point.direction) \($point.memory_touched) \($point.block_size)"]
		// infinite) | select(. > 0)) | figure("limit_ratio"; 3)) +
	($own | map(.cpu_ns / 1e6 / gibibytes) | figure("cpu_ms_per_gib"; 1)) +
	($own | map(.cpu_ns / 1e3 / (.bytes / $point.block_size)) | figure("cpu_us_per_block"; 1)) +
	($own | map(.switches / (.bytes / $point.block_size)) |
		figure("context_switches_per_block"; 3)) +
	($traces | map(.[3]) | figure("syscalls_per_block"; 2)) +
	($traces | map(.[0]) | figure("p50_handover_us"; 0)) +
	($traces | map(.[1]) | figure("p99_handover_us"; 0)) +
	($traces | map(.[2]) | figure("max_handover_us"; 0)) +
	($own | map(.rss_kib) | figure("rss_kib"; 0))
]
