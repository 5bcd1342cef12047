# SPDX-License-Identifier: GPL-2.0-or-later
#
# What the tests on the board have in common; sourced by suite.
# shellcheck shell=bash

readonly UDC=dummy_udc.0
# shellcheck disable=SC2034 # for those who source this
readonly GADGET=/sys/kernel/config/usb_gadget/iiobridge
readonly WORK=/tmp/iiobridge-test
readonly NR_HUGEPAGES=/proc/sys/vm/nr_hugepages

mkdir -p "$WORK"

fail()
{
	printf '%s\n' "$*"
	return 1
}

# wait_for SECONDS COMMAND…: until COMMAND succeeds, or fail.
wait_for()
{
	local end=$((SECONDS + $1))

	shift
	until "$@" >/dev/null 2>&1; do
		((SECONDS < end)) || fail "in vain: $*" || return 1
		sleep 0.02
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

# attribute adc|dac N ATTRIBUTE [VALUE]: reads or writes an attribute of a simulated converter.
attribute()
{
	local device

	device=$(grep -lx "iiosim-$1$2" /sys/bus/iio/devices/*/name)
	if (($# == 4)); then
		echo "$4" >"${device%/name}/$3"
	else
		cat "${device%/name}/$3"
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

# gaps_of_adc: those that the first ADC made in this run: the number of the first sample after it on
# the ADC's clock, and its length.
gaps_of_adc()
{
	cat /sys/kernel/debug/iiosim-adc0/gap_list
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

# plug_in_hardware: the simulated bus and converters, if they are not there yet.
plug_in_hardware()
{
	local other

	for other in dummy_hcd dummy_hcd_stock; do
		[[ $other != "$bus" && -d /sys/module/$other ]] || continue
		systemctl stop iiobridged
		modprobe -r $other
	done
	[[ -d /sys/module/$bus ]] || modprobe "$bus"
	[[ -d /sys/module/iiosim ]] || modprobe iiosim adcs=3 dacs=3
}

# start_daemon ROUTE…: restarts the daemon with these routes, until a host finds it.
start_daemon()
{
	local routes

	plug_in_hardware
	routes=$(printf ',%s' "$@")
	printf 'gadget: { udc = "%s"; };\nroutes = ( %s );\n' "$UDC" "${routes:1}" \
		>/etc/iiobridge.conf
	systemctl reset-failed iiobridged 2>/dev/null || true
	systemctl restart iiobridged
	wait_for 10 iiobridge list
}

daemon_pid()
{
	systemctl show --property MainPID --value iiobridged
}

# info FIELD [ROUTE]: what "iiobridge info" says in the line that begins with FIELD.
info()
{
	iiobridge info ${2:+"$2"} | sed -n "s/^ *$1  *//p" | head -n 1
}

# count KEY [ROUTE]: one number of the statistics: filled, delivered, failed, gaps or samples.
count()
{
	[[ $(iiobridge info ${2:+"$2"}) =~ \ $1\ ([0-9]+) ]] && echo "${BASH_REMATCH[1]}"
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

	starts=$(info starts "$route")
	"${@:3}" >"$WORK/stream" 2>&1 &
	host=$!
	wait_for 60 flows_since "$starts" "$blocks" "$route"
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
	[[ $(iiobridge info ${3:+"$3"}) =~ starts\ +([0-9]+)[^,]*,\ delivered\ ([0-9]+) ]] &&
		((BASH_REMATCH[1] > $1 && BASH_REMATCH[2] > $2))
}

# end_stream: as with Ctrl-C.
end_stream()
{
	kill -INT "$host" || { cat "$WORK/stream"; return 1; }
	wait "$host" || true
}

# capture ARGUMENT…: a capture whose summary goes to $WORK/summary, and to the test's output.
capture()
{
	local status=0

	iiobridge capture "$@" 2>"$WORK/summary" || status=$?
	sed 's/^/# /' "$WORK/summary"
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

# pace N MIB_PER_S: sets the rate of an ADC with scans of 4 bytes.
pace()
{
	adc "$1" paced 1
	adc "$1" sampling_frequency "$(awk -v m="$2" 'BEGIN { printf "%d", m * 262144 }')"
}

# path_rate SAMPLES [ARGUMENT…]: what the path carries when the ADC is as fast as memory, MiB/s.
path_rate()
{
	adc 0 paced 0
	iiobridge capture -n "$@" --verify counter 2>"$WORK/summary"
	adc 0 paced 1
	summary ', ([0-9.]+) MiB\/s'
}

# pace_dac MIB_PER_S
pace_dac()
{
	dac 0 paced 1
	dac 0 sampling_frequency "$(awk -v m="$1" 'BEGIN { printf "%d", m * 262144 }')"
}

# play ARGUMENT…: a playback whose summary goes to $WORK/summary, and what the DAC found to
# $received, $disorder and $missed.
play()
{
	local status=0 received_before disorder_before missed_before

	received_before=$(dac 0 samples_received)
	disorder_before=$(dac 0 samples_out_of_order)
	missed_before=$(dac 0 samples_missed)
	iiobridge play "$@" 2>"$WORK/summary" || status=$?
	sed 's/^/# /' "$WORK/summary"
	received=$(($(dac 0 samples_received) - received_before))
	disorder=$(($(dac 0 samples_out_of_order) - disorder_before))
	missed=$(($(dac 0 samples_missed) - missed_before))
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
	iiobridge play -n "$1" --pattern counter 2>"$WORK/summary"
	dac 0 paced 1
	summary ', ([0-9.]+) MiB\/s'
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

# The kernel has said nothing since the last call that a healthy kernel would not say.
kernel_is_content()
{
	local complaints

	complaints=$(dmesg --read-clear |
		grep -E 'BUG|WARNING|Oops|Call Trace|refcount|rcu:.*stall|hung|lockup' || true)
	[[ -z $complaints ]] || fail "the kernel complains: $complaints"
}
