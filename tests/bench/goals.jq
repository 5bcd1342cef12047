# SPDX-License-Identifier: GPL-2.0-or-later
#
# jq --raw-output -f goals.jq out/bench.json: the figures that sum it up, beside what they should be.

def the($path; $direction; $block; $routes; $blocks_per_s):
	first(.[] | select(.path == $path and .direction == $direction and .block_size == $block and
		.routes == $routes and .blocks_per_s == $blocks_per_s and (.memory_touched | not))) // {};
def the($path; $direction; $block; $routes): the($path; $direction; $block; $routes; 0);
def the($path; $direction; $block): the($path; $direction; $block; 1);
def over($a; $b): if $a == null or ($b // 0) == 0 then null else $a / $b end;
def line($what; $value; $goal):
	if $value == null then empty
	else "\($what)\t\($value * 1000 | round / 1000)\t\($goal)" end;

262144 as $quarter | 1048576 as $mib |
"figure\tvalue\tgoal",
line("capture, 256 KiB × 16, of SourceSink IN";
	the("dmabuf"; "capture"; $quarter).limit_ratio; "≥ 0.95"),
line("playback, 256 KiB × 16, of SourceSink OUT";
	the("dmabuf"; "playback"; $quarter).limit_ratio; "≥ 0.95"),
line("capture, 1 MiB, of read+write";
	over(the("dmabuf"; "capture"; $mib).mib_per_s;
		the("read-write"; "capture"; $mib).mib_per_s); "≥ 3"),
line("capture, 1 MiB, of iiod";
	over(the("dmabuf"; "capture"; $mib).mib_per_s; the("iiod"; "capture"; $mib).mib_per_s); "≥ 5"),
line("capture, 1 MiB, transfer = \"copy\", of read+write";
	over(the("copy"; "capture"; $mib).mib_per_s;
		the("read-write"; "capture"; $mib).mib_per_s); "≥ 1.5"),
line("CPU per GiB, 1 MiB, of read+write";
	over(the("dmabuf"; "capture"; $mib).cpu_ms_per_gib;
		the("read-write"; "capture"; $mib).cpu_ms_per_gib); "≤ 0.017"),
line("CPU per block, 4 MiB, of 64 KiB, 100 blocks a second";
	over(the("dmabuf"; "capture"; 4194304; 1; 100).cpu_us_per_block;
		the("dmabuf"; "capture"; 65536; 1; 100).cpu_us_per_block); "≤ 1.2"),
line("system calls per block, capture, 256 KiB";
	the("dmabuf"; "capture"; $quarter).syscalls_per_block; "≤ 6"),
line("system calls per block, playback, 256 KiB";
	the("dmabuf"; "playback"; $quarter).syscalls_per_block; "≤ 6"),
line("capture, 256 KiB, 4 routes, of 1";
	over(the("dmabuf"; "capture"; $quarter; 4).mib_per_s;
		the("dmabuf"; "capture"; $quarter).mib_per_s); "≥ 0.95"),
line("resident memory, MiB"; over(the("dmabuf"; "capture"; $quarter).rss_kib; 1024); "≤ 6")
