# SPDX-License-Identifier: GPL-2.0-or-later
#
# jq --raw-output -f table.jq out/bench.json: the table for the terminal, columns divided by tabs.

def size: if . >= 1048576 then "\(. / 1048576) MiB" else "\(. / 1024) KiB" end;
def cell: if . == null then "–" else tostring end;
def spread($figure):
	if .[$figure] == null then "–"
	else "\(.[$figure]) (\(.[$figure + "_spread"] | map(tostring) | join("–")))" end;

def rank: { limit: 0, dmabuf: 1, copy: 2, "read-write": 3, iiod: 4 }[.path];

["direction", "memory", "blocks/s", "routes", "block", "path", "MiB/s (spread)", "of limit", "CPU ms/GiB",
	"CPU µs/block", "calls/block", "switches/block", "handover µs p50", "p99", "max", "RSS KiB"],
(sort_by(.direction, .memory_touched, .blocks_per_s, .routes, .block_size, rank)[] | [
	.direction, (if .memory_touched then "written" else "left" end),
	(if .blocks_per_s == 0 then "all" else .blocks_per_s end), .routes,
	(.block_size | size), .path, spread("mib_per_s"), (.limit_ratio | cell),
	(.cpu_ms_per_gib | cell), (.cpu_us_per_block | cell), (.syscalls_per_block | cell),
	(.context_switches_per_block | cell), (.p50_handover_us | cell), (.p99_handover_us | cell),
	(.max_handover_us | cell), (.rss_kib | cell)
]) | map(tostring) | join("\t")
