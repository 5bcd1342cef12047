# SPDX-License-Identifier: GPL-2.0-or-later
#
# What the tests on the board have in common; sourced by suite.
# shellcheck shell=bash

readonly UDC=dummy_udc.0
# shellcheck disable=SC2034 # for those who source this
readonly GADGET=/sys/kernel/config/usb_gadget/iiobridge
readonly WORK=/tmp/iiobridge-test
# shellcheck disable=SC2034
readonly TOOLS=/usr/lib/iiobridge-tests
readonly DROP_IN=/run/systemd/system/iiobridged.service.d/test.conf
readonly ENVIRONMENT=/run/iiobridge-test-environment
readonly NR_HUGEPAGES=/proc/sys/vm/nr_hugepages

mkdir -p "$WORK"

# What nobody ever writes to.
exec {never}<> <(:)

fail()
{
	printf '%s\n' "$*"
	return 1
}

# nap SECONDS: as sleep, but without a process of its own, which would take longer than a short nap.
nap()
{
	read -rt "$1" -u "$never" || true
}

# wait_for SECONDS COMMAND…: until COMMAND succeeds, or fail. While the board waits between two looks, its
# time costs nothing, but a look is a process or two: what takes longer is looked at less often.
wait_for()
{
	local end=$((SECONDS + $1)) naps=(0.05 0.1 0.1 0.2 0.2 0.5) look=0

	shift
	until "$@" >/dev/null 2>&1; do
		((SECONDS < end)) || fail "in vain: $*" || return 1
		nap "${naps[look]}"
		((look == ${#naps[@]} - 1)) || look=$((look + 1))
	done
}

# equal WHAT FOUND WANTED
equal()
{
	[[ $2 == "$3" ]] || fail "$1: $2 instead of $3"
}

# at_most WHAT FOUND LIMIT; numbers may have a fraction.
at_most()
{
	awk -v a="$2" -v b="$3" 'BEGIN { exit !(a <= b) }' || fail "$1: $2 instead of at most $3"
}

# calculate EXPRESSION: its value, with a fraction.
calculate()
{
	awk "BEGIN { print $1 }"
}

# relative_error FOUND WANTED: how far off it is, as a part of what was wanted.
relative_error()
{
	awk -v a="$1" -v b="$2" 'BEGIN { print (a > b ? a - b : b - a) / b }'
}

# scans_at MIB_PER_S: scans of 4 bytes in a second.
scans_at()
{
	awk -v m="$1" 'BEGIN { printf "%d", m * 262144 }'
}

# show FILE: its lines are shown with the test's result.
show()
{
	sed 's/^/# /' "$1"
}

# iio_device NAME: the folder of an IIO device or of a trigger.
iio_device()
{
	local file name

	for file in /sys/bus/iio/devices/*/name; do
		read -r name <"$file"
		[[ $name != "$1" ]] || echo "${file%/name}"
	done
}

# attribute adc|dac N ATTRIBUTE [VALUE]: reads or writes an attribute of a simulated converter.
attribute()
{
	local device value

	device=$(iio_device "iiosim-$1$2")
	[[ -n $device ]] || fail "there is no iiosim-$1$2" || return
	if (($# == 4)); then
		echo "$4" >"$device/$3"
	else
		read -r value <"$device/$3"
		echo "$value"
	fi
}

adc()
{
	attribute adc "$@"
}

dac()
{
	attribute dac "$@"
}

# received SCANS: the first DAC has received so many since it is there.
received()
{
	(($(dac 0 samples_received) >= $1))
}

# gaps_of_adc: those that the first ADC made in this run: the number of the first sample after it on
# the ADC's clock, and its length.
gaps_of_adc()
{
	cat /sys/kernel/debug/iiosim-adc0/gap_list
}

# gaps_in_data SCANS: those before the last of so many scans that were captured: the number of the
# first scan after each in what was captured, and its length.
gaps_in_data()
{
	gaps_of_adc >"$WORK/gaps"
	(($(wc -l <"$WORK/gaps") < 512)) || fail "the ADC made more gaps than it can tell" >&2 || return
	awk -v n="$1" '{ lost += $2 } $1 - lost < n { print $1 - lost, $2 }' "$WORK/gaps"
}

# route NAME ADC BLOCK_SIZE BLOCKS [MORE]: text of a route.
route()
{
	printf '{ name = "%s"; from = "iio:iiosim-adc%d"; to = "usb"; block_size = "%s";
		blocks = %d; loss_counter = "samples_lost"; %s }' "$1" "$2" "$3" "$4" "${5-}"
}

# play_route NAME DAC BLOCK_SIZE BLOCKS [MORE]: text of a route that plays.
play_route()
{
	printf '{ name = "%s"; from = "usb"; to = "iio:iiosim-dac%d"; block_size = "%s";
		blocks = %d; miss_counter = "samples_missed"; %s }' "$1" "$2" "$3" "$4" "${5-}"
}

# The bus that plug_in_hardware plugs in: dummy_hcd, whose controller does scatter-gather, or
# dummy_hcd_stock, whose controller does not.
bus=dummy_hcd

# The driver as which the controller of dummy_hcd behaves, see dummy_hcd.patch, and more parameters of
# dummy_hcd.
controller=${CONTROLLER-dummy_udc}
controller_parameters=

# Of the bus that is plugged in.
readonly BUS_PARAMETERS=/run/bus-parameters

# bus_parameters: of the bus that is wanted.
bus_parameters()
{
	[[ $bus != dummy_hcd ]] || echo "driver=$controller $controller_parameters"
}

# is_plugged_in BUS: it is there, and what is wanted.
is_plugged_in()
{
	[[ -d /sys/module/$1 && $1 == "$bus" && $(cat $BUS_PARAMETERS) == "$(bus_parameters)" ]]
}

# plug_in_hardware: the simulated bus and converters, if they are not there yet.
plug_in_hardware()
{
	local other

	for other in dummy_hcd dummy_hcd_stock; do
		! is_plugged_in $other || continue
		[[ -d /sys/module/$other ]] || continue
		systemctl stop iiobridged
		modprobe -r $other
	done
	if [[ ! -d /sys/module/$bus ]]; then
		bus_parameters >$BUS_PARAMETERS
		# shellcheck disable=SC2046 # words
		modprobe "$bus" $(bus_parameters)
	fi
	[[ -d /sys/module/iiosim ]] || modprobe iiosim adcs=3 dacs=3
	# The daemon may use what udev gave to it.
	udevadm settle
}

# More keys of the gadget, for configure.
gadget_keys=

# configure ROUTE…: writes a configuration with these routes.
configure()
{
	local routes

	routes=$(printf ',%s' "$@")
	printf 'gadget: { udc = "%s"; %s };\nroutes = ( %s );\n' "$UDC" "$gadget_keys" \
		"${routes:1}" >/etc/iiobridge.conf
}

# start_daemon ROUTE…: restarts the daemon with these routes, until a host finds it.
start_daemon()
{
	plug_in_hardware
	configure "$@"
	restart_daemon
}

# load_patched: usb_f_fs and industrialio-buffer-dma with the patches of docs/kernel, in place of the stock
# ones, until unload_patched.
load_patched()
{
	unload_patched
	modprobe industrialio
	insmod "$TOOLS/patched/industrialio-buffer-dma.ko"
	modprobe libcomposite
	insmod "$TOOLS/patched/usb_f_fs.ko"
}

# unload_patched: the kernel loads the stock ones when they are needed.
unload_patched()
{
	systemctl stop iiobridged
	modprobe -r usb_f_fs iiosim industrialio-buffer-dmaengine industrialio-buffer-dma
}

# begin_group: set_up of a group of tests, with converters as they are at first: what another group set
# is gone.
begin_group()
{
	systemctl stop iiobridged
	[[ ! -d /sys/module/iiosim ]] || modprobe -r iiosim
	set_up
}

# drop_in LINE…: adds to the section [Service] of the daemon's unit, until end_drop_in or the test ends.
drop_in()
{
	trap end_drop_in EXIT
	mkdir -p "${DROP_IN%/*}"
	printf '[Service]\n' >"$DROP_IN"
	printf '%s\n' "$@" >>"$DROP_IN"
	systemctl daemon-reload
}

end_drop_in()
{
	trap - EXIT
	rm -r "${DROP_IN%/*}"
	systemctl daemon-reload
}

# preload LIBRARY [NAME=VALUE…]: the daemon is started with one of the tools, and what it reads from the
# environment, until end_preload or the test ends. Without a drop-in of the unit, as reading all units again
# takes longer than starting the daemon: see tests.conf in the board's overlay.
preload()
{
	trap end_preload EXIT
	printf '%s\n' "LD_PRELOAD=$TOOLS/$1" "${@:2}" >"$ENVIRONMENT"
}

end_preload()
{
	trap - EXIT
	rm "$ENVIRONMENT"
}

# restart_daemon: with the configuration as it is, until a host finds it.
restart_daemon()
{
	systemctl restart iiobridged
	wait_for 10 found_by_host
}

# found_by_host: the gadget as it is bound now; the host may still show what was unbound before.
found_by_host()
{
	is_configured && usb-route counts
}

# mark_log: what logged looks at begins here.
mark_log()
{
	journalctl --sync
	log_cursor=$(journalctl --quiet --lines 0 --show-cursor | sed -n 's/^-- cursor: //p')
}

# log: the daemon's messages since mark_log.
log()
{
	journalctl --quiet --output cat --unit iiobridged --after-cursor "$log_cursor"
}

# logged PATTERN: the daemon has said it since mark_log.
logged()
{
	log | grep -qE "$1"
}

# reload: the daemon has read its configuration again.
reload()
{
	mark_log
	systemctl reload iiobridged || return
	wait_for 10 logged 'read again$'
}

# start_example: the daemon, with the example of a configuration for this board.
start_example()
{
	plug_in_hardware
	cp /usr/share/iiobridge/boards/virtual-board.conf /etc/iiobridge.conf
	restart_daemon
}

# daemon_pid: of the service's first process, or 0; systemctl would have all properties of the unit sent.
daemon_pid()
{
	local pid

	{ read -r pid </sys/fs/cgroup/system.slice/iiobridged.service/cgroup.procs; } 2>/dev/null || pid=0
	echo "$pid"
}

# daemon_is_another_than PID: the service runs, with another process.
daemon_is_another_than()
{
	local pid

	pid=$(daemon_pid)
	((pid != 0 && pid != $1)) && systemctl --quiet is-active iiobridged
}

# is_stopped PID: the process got SIGSTOP; without a process for the look.
is_stopped()
{
	local state

	read -r _ _ state _ <"/proc/$1/stat"
	[[ $state == T ]]
}

# is_configured: a host has configured the gadget; as above. Not by $(<FILE): where there is no controller
# yet, that ends a shell with set -e, in a condition, too.
is_configured()
{
	local state

	{ read -r state <"/sys/class/udc/$UDC/state"; } 2>/dev/null && [[ $state == configured ]]
}

# info FIELD [ROUTE]: what "iiobridge info" says in the line that begins with FIELD.
info()
{
	local text line

	text=$(iiobridge info ${2:+"$2"})
	while read -r line; do
		[[ ! $line =~ ^"$1"\ +(.*) ]] || { echo "${BASH_REMATCH[1]}"; break; }
	done <<<"$text"
}

# count KEY [ROUTE]: one number of the statistics: starts, filled, delivered, failed, gaps or samples.
count()
{
	[[ $(usb-route counts ${2:+"$2"}) =~ $1\ ([0-9]+) ]] && echo "${BASH_REMATCH[1]}"
}

# more_than NUMBER KEY [ROUTE]
more_than()
{
	(($(count "${@:2}") > $1))
}

# begin_on ROUTE BLOCKS COMMAND…: runs COMMAND as process $host, and waits until the route was started
# by it and has delivered so many blocks.
begin_on()
{
	local route=$1 blocks=$2 starts

	starts=$(count starts "$route")
	"${@:3}" >"$WORK/stream" 2>&1 &
	host=$!
	wait_for 60 flows_since "$starts" "$blocks" "$route" || { cat "$WORK/stream"; return 1; }
}

# wait_for_blocks NUMBER [ROUTE]: until more than that were delivered, however long it takes, as long
# as blocks are delivered at all.
wait_for_blocks()
{
	local delivered

	delivered=$(count delivered "${@:2}")
	while ((delivered <= $1)); do
		wait_for 60 more_than "$delivered" delivered "${@:2}"
		delivered=$(count delivered "${@:2}")
	done
}

# begin ARGUMENT…: begins iiobridge on the only route.
begin()
{
	begin_on "" 3 iiobridge "$@"
}

# stream [ARGUMENT…]: begins a capture that would last.
stream()
{
	begin capture -t 600 -o /dev/null "$@"
}

# host_ends_with STATUS: process $host does.
host_ends_with()
{
	local status=0

	# The shell would tell of a program that was killed.
	wait "${host:?}" 2>/dev/null || status=$?
	equal "status of the host" "$status" "$1" || { cat "$WORK/stream"; return 1; }
}

# host_says_gone: process $host says that the board is gone, by its status.
host_says_gone()
{
	host_ends_with 6
}

# flows_since STARTS BLOCKS [ROUTE]: the route was started since, and has delivered so many blocks.
flows_since()
{
	[[ $(usb-route counts ${3:+"$3"}) =~ starts\ ([0-9]+).*delivered\ ([0-9]+) ]] &&
		((BASH_REMATCH[1] > $1 && BASH_REMATCH[2] > $2))
}

# stalled SECONDS: no block was filled between two looks, so far apart: many blocks' time.
stalled()
{
	local before

	before=$(count filled)
	sleep "$1"
	((before > 0 && before == $(count filled)))
}

# stall_host [SECONDS]: process $host stands still until the board has no block left, which is when it
# is stalled for so long, and then goes on.
stall_host()
{
	kill -STOP "$host"
	wait_for 20 stalled "${1-0.1}"
	kill -CONT "$host"
}

# end_stream: as with Ctrl-C.
end_stream()
{
	kill -INT "$host" || { cat "$WORK/stream"; return 1; }
	wait "$host" || true
}

# take_summary: what process $host said becomes the summary.
take_summary()
{
	cp "$WORK/stream" "$WORK/summary"
	show "$WORK/summary"
}

# capture ARGUMENT…: a capture whose summary goes to $WORK/summary, and to the test's output.
capture()
{
	local status=0

	iiobridge capture "$@" 2>"$WORK/summary" || status=$?
	show "$WORK/summary"
	return "$status"
}

# summary PATTERN: the number before or after words in the last capture's summary, by a sed pattern
# with one group.
summary()
{
	sed -nE "s/.*$1.*/\1/p" "$WORK/summary" | head -n 1
}

# captured_cleanly SAMPLES: the last capture has them all, in order, without a loss.
captured_cleanly()
{
	equal "samples captured" "$(summary 'captured ([0-9]+) samples')" "$1"
	equal gaps "$(summary 'gaps ([0-9]+)')" 0
	equal "samples checked" "$(summary 'counter: ([0-9]+) samples checked')" "$1"
	equal "wrong samples" "$(summary 'wrong ([0-9]+)')" 0
	equal jumps "$(summary 'jumps ([0-9]+)')" 0
}

# A test that wants all samples takes a rate of at most half of what the path carries; another counts
# what is missing.

# block_scans: of 4 bytes, in a block of the running or the next run.
block_scans()
{
	[[ $(iiobridge info --json) =~ \"block_size\":\ *([0-9]+) ]] && echo $((BASH_REMATCH[1] / 4))
}

# captures_what_is_there SCANS UNREAD: the ADC may be too fast, but what it lost is reported, and
# nothing else is lost. At the end UNREAD blocks may be full that nobody has read; a gap before them
# is not reported. What it lost goes to $lost, with the two blocks of its buffer that a copying daemon
# drops, and reports, if it came too late to see which was first.
captures_what_is_there()
{
	local gaps unreported

	lost=$(adc 0 samples_lost)
	gaps=$(adc 0 gaps)
	capture -n "$1" --verify counter
	lost=$(($(adc 0 samples_lost) - lost))
	gaps=$(($(adc 0 gaps) - gaps))
	if grep -q 'gap before sample 0 of' "$WORK/summary"; then
		lost=$((lost + 2 * $(block_scans)))
	fi
	unreported=$((gaps - $(count gaps)))
	echo "# the ADC lost $lost samples in $gaps gaps, $unreported at the end"
	equal "samples checked" "$(summary 'counter: ([0-9]+) samples checked')" "$1"
	equal "wrong samples" "$(summary 'wrong ([0-9]+)')" 0
	at_most "gaps that the daemon does not report" "$unreported" "$2"
	at_most "losses that the daemon reports" "$(count samples)" "$lost"
	((unreported)) || equal "losses that the daemon reports" "$(count samples)" "$lost"
	at_most "samples missing at the host" "$(summary 'missing ([0-9]+)')" "$(count samples)"
}

# pace N MIB_PER_S: sets the rate of an ADC with scans of 4 bytes.
pace()
{
	adc "$1" paced 1
	adc "$1" sampling_frequency "$(scans_at "$2")"
}

# path_rate SAMPLES [ARGUMENT…]: what the path carries when the ADC is as fast as memory, MiB/s.
path_rate()
{
	adc 0 paced 0
	iiobridge capture -n "$@" --verify counter 2>"$WORK/summary" ||
		{ cat "$WORK/summary" >&2; return 1; }
	adc 0 paced 1
	summary ', ([0-9.]+) MiB\/s'
}

# pace_dac MIB_PER_S
pace_dac()
{
	dac 0 paced 1
	dac 0 sampling_frequency "$(scans_at "$1")"
}

# play ARGUMENT…: a playback whose summary goes to $WORK/summary, and what the DAC found to
# $received, $disorder, $missed and $underruns.
play()
{
	local status=0 received_before disorder_before missed_before underruns_before

	received_before=$(dac 0 samples_received)
	disorder_before=$(dac 0 samples_out_of_order)
	missed_before=$(dac 0 samples_missed)
	underruns_before=$(dac 0 underruns)
	iiobridge play "$@" 2>"$WORK/summary" || status=$?
	show "$WORK/summary"
	received=$(($(dac 0 samples_received) - received_before))
	disorder=$(($(dac 0 samples_out_of_order) - disorder_before))
	missed=$(($(dac 0 samples_missed) - missed_before))
	# shellcheck disable=SC2034 # for those who source this
	underruns=$(($(dac 0 underruns) - underruns_before))
	return "$status"
}

# played_cleanly SAMPLES
played_cleanly()
{
	equal "samples played" "$(summary 'played ([0-9]+) samples')" "$1"
	equal "samples that the DAC received" "$received" "$1"
	equal "samples out of order" "$disorder" 0
	equal "samples missed" "$missed" 0
	equal underruns "$(summary 'underruns ([0-9]+)')" 0
}

# play_rate SCANS: what the path carries when the DAC is as fast as memory, MiB/s.
play_rate()
{
	dac 0 paced 0
	iiobridge play -n "$1" --pattern counter 2>"$WORK/summary" ||
		{ cat "$WORK/summary" >&2; return 1; }
	dac 0 paced 1
	summary ', ([0-9.]+) MiB\/s'
}

# records_without_a_hole FILE gap|late: they are those of all blocks, one after the other, and those
# before which samples were lost have this flag, and no others.
records_without_a_hole()
{
	awk -v flag="$2" '
		/^# records missing/ { print "line", NR ": " $0; bad = 1 }
		/^# end/ { end = $NF }
		/^#/ { next }
		$1 != blocks++ { print "line", NR ": block", $1, "instead of", blocks - 1; bad = 1 }
		$2 != next_sample + $4 { print "line", NR ": sample", $2; bad = 1 }
		$5 <= filled || $6 < $5 { print "line", NR ": times", $5, $6, "after", filled; bad = 1 }
		$7 != ($4 > 0 ? flag : "-") { print "line", NR ": lost", $4, "flags", $7; bad = 1 }
		{ next_sample = $2 + $3; filled = $5 }
		END {
			if (end != blocks) { print "the end tells of", end, "blocks, not", blocks; bad = 1 }
			exit bad
		}' "$1"
}

# now_ns: on the clock of the records, which the kernel tells to the 100th of a second, or just before.
now_ns()
{
	awk '{ printf "%.0f", $1 * 1e9 }' /proc/uptime
}

# records_are_since FILE NS: the times in it are not from before that, nor from the future.
records_are_since()
{
	awk -v since="$2" -v now="$(now_ns)" '/^#/ { next }
		$5 < since || $6 > now + 1e7 { print "line", NR ": times", $5, $6; bad = 1 }
		END { exit bad }' "$1"
}

# refused STATUS PATTERN COMMAND…: COMMAND ends with STATUS and says PATTERN.
refused()
{
	local status=0

	"${@:3}" >"$WORK/refused" 2>&1 || status=$?
	equal "status of $3" "$status" "$1" || { cat "$WORK/refused"; return 1; }
	grep -qE "$2" "$WORK/refused" || fail "\"$2\" is not in: $(cat "$WORK/refused")"
}

# meminfo KEY: a figure of /proc/meminfo.
meminfo()
{
	sed -nE "s/^$1: *([0-9]+).*/\1/p" /proc/meminfo
}

# huge_pages N: lets the kernel have N, until the test ends.
huge_pages()
{
	trap 'echo 0 >$NR_HUGEPAGES' EXIT
	echo 1 >/proc/sys/vm/compact_memory
	echo "$1" >$NR_HUGEPAGES
	equal "huge pages" "$(meminfo HugePages_Total)" "$1"
}

# take_high_memory: until the test ends, so that the kernel gives out memory below 4 GiB.
take_high_memory()
{
	trap 'rm /dev/shm/high-memory' EXIT
	fallocate --length "$(awk '
		/^Node/ { zone = $NF }
		zone == "Normal" && $1 == "pages" { print $3 * 4096 }' /proc/zoneinfo)" /dev/shm/high-memory
}

# dmabufs: how many DMABUFs exist in the kernel, and who made them.
dmabufs()
{
	mountpoint --quiet /sys/kernel/debug || mount -t debugfs debugfs /sys/kernel/debug
	grep -E '^Total|exp_name|^[0-9a-f]{8}' /sys/kernel/debug/dma_buf/bufinfo
}

dmabufs_are_gone()
{
	dmabufs | grep -q '^Total 0 objects'
}

# disconnect, connect: as if the cable was pulled and plugged.
disconnect()
{
	echo disconnect >/sys/class/udc/$UDC/soft_connect
}

# unbind_gadget, bind_gadget: from and to its controller, as when the port changes its role.
unbind_gadget()
{
	echo >"$GADGET/UDC"
}

bind_gadget()
{
	echo "$UDC" >"$GADGET/UDC"
}

connect()
{
	echo connect >/sys/class/udc/$UDC/soft_connect
}

# unbind_converter, bind_converter adc|dac N: from and to its driver, as if it was taken out and put
# back in.
unbind_converter()
{
	echo "iiosim-$1.$2" >/sys/bus/platform/drivers/iiosim/unbind
}

bind_converter()
{
	echo "iiosim-$1.$2" >/sys/bus/platform/drivers/iiosim/bind
	udevadm settle
}

# The kernel has said nothing since the last call that a healthy kernel would not say.
kernel_is_content()
{
	local complaints

	complaints=$(dmesg --read-clear |
		grep -E 'BUG|WARNING|Oops|Call Trace|refcount|rcu:.*stall|hung|lockup' || true)
	[[ -z $complaints ]] || fail "the kernel complains: $complaints"
}

# ---- a transceiver, see tests/board/iiosim/world.h ----

readonly PHY_RATE=2500000
readonly PHY_SAMPLES=$WORK/samples

# begin_with_phy PARAMETER: new hardware, as it is at first but for its rates and what the ADC hears.
begin_with_phy()
{
	systemctl stop iiobridged
	modprobe -r iiosim
	modprobe iiosim adcs=1 dacs=1 phys=1 "$1"
	plug_in_hardware
	adc 0 pattern world
	phy in_voltage_sampling_frequency "$PHY_RATE"
	phy in_voltage_rf_bandwidth 2000000
	phy out_voltage_sampling_frequency "$PHY_RATE"
}

# phy ATTRIBUTE [VALUE]: reads or writes an attribute of the transceiver.
phy()
{
	local device

	device=$(iio_device ad9361-phy)
	if (($# == 2)); then
		echo "$2" >"$device/$1"
	else
		cat "$device/$1"
	fi
}

# look [HZ…]: captures, and looks at the spectrum.
look()
{
	capture -r rx -n 16384 -o "$PHY_SAMPLES"
	peak "$(phy in_voltage_sampling_frequency)" "$@" <"$PHY_SAMPLES" >"$WORK/peak"
	show "$WORK/peak"
}

# seen KEY [FIELD]: what the last look has seen.
seen()
{
	awk -v key="$1" -v field="${2-2}" '$1 == key { print $field }' "$WORK/peak"
}

# close WHAT FOUND WANTED BY
close()
{
	awk -v a="$2" -v b="$3" -v by="$4" 'BEGIN { exit !(a - b <= by && b - a <= by) }' ||
		fail "$1: $2 instead of $3, +- $4"
}

# peak_is HZ DBFS: to a bin, and half a dB.
peak_is()
{
	close "frequency of the peak" "$(seen peak)" "$1" "$(seen bin)"
	close "level of the peak" "$(seen peak 3)" "$2" 0.5
}
