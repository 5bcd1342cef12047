# SPDX-License-Identifier: GPL-2.0-or-later
#
# The paths that are compared, on the board; sourced by bench-board.
#
# A path NAME has the functions begin_NAME and end_NAME. They are called with what is measured in
# $direction (capture or playback), $block_size, $blocks, $routes and $memory. begin_NAME sets $process
# to the board's process, 0 for none, the array $host to what usb-bench has to do, and the array
# $takers to the numbers of the converters. The paths have USB device controllers and, as long as there
# is one route, converters of their own, so that one can follow the other at once.
# shellcheck shell=bash
# shellcheck disable=SC2034,SC2154 # what is set for those who source this, and by them

readonly GADGETS=/sys/kernel/config/usb_gadget
readonly VENDOR=1d6b

# The converter, the controller and the product number of each path.
declare -rA CONVERTER=([dmabuf]=0 [copy]=1 [read-write]=2 [iiod]=3)
declare -rA PRODUCT=([limit]=f001 [read-write]=f002 [iiod]=f003)
declare -rA CONTROLLER=([limit]=dummy_udc.1 [read-write]=dummy_udc.2 [iiod]=dummy_udc.3)

# The largest block where there is one: the buffers of read() and write() are contiguous memory, of
# which the kernel has no more than 4 MiB in one piece (MAX_PAGE_ORDER), and libiio's are twice as
# large as its blocks.
declare -rA LARGEST=([copy]=4194304 [read-write]=4194304 [iiod]=2097152)

# One processor is the board, the other is the host and the bus.
readonly BOARD=0 HOST=1

# on_processor N PROCESS…
on_processor()
{
	local process

	for process in "${@:2}"; do
		taskset --all-tasks --cpu-list --pid "$1" "$process" >/dev/null
	done
}

# divide_processors: real controllers and converters need no processor to move samples, so what plays
# their parts must not take that of the board's process. The bus follows the host: its timer stays
# where the host's first transfer was submitted, and interrupts of a kernel with threadirqs are done
# by threads, which come before all else.
divide_processors()
{
	local thread

	echo 0 >/proc/sys/kernel/timer_migration
	echo $((1 << BOARD)) >/sys/devices/virtual/workqueue/cpumask
	for thread in $(pgrep ksoftirqd); do
		chrt --fifo --pid 50 "$thread"
	done
	# shellcheck disable=SC2046 # words
	on_processor $BOARD $$ $(pgrep iiosim-)
}

# plug_in_for_bench: what is on the board as long as it runs.
plug_in_for_bench()
{
	local n

	controller_parameters=num=4
	modprobe iiosim adcs=4 dacs=4
	plug_in_hardware
	modprobe usb_f_ss_lb
	divide_processors
	mountpoint --quiet /sys/kernel/config || mount -t configfs configfs /sys/kernel/config
	for n in 0 1 2 3; do
		dac $n read_memory 0
	done
}

# gadget_new PATH FUNCTION: makes a gadget with one function, not bound.
gadget_new()
{
	local gadget=$GADGETS/bench-$1

	mkdir -p "$gadget/strings/0x409" "$gadget/configs/c.1" "$gadget/functions/$2"
	echo "0x$VENDOR" >"$gadget/idVendor"
	echo "0x${PRODUCT[$1]}" >"$gadget/idProduct"
	ln -s "$gadget/functions/$2" "$gadget/configs/c.1/"
}

# gadget_bind PATH: until the host has configured it, and programs find it.
gadget_bind()
{
	echo "${CONTROLLER[$1]}" >"$GADGETS/bench-$1/UDC"
	wait_for 20 grep -qx configured "/sys/class/udc/${CONTROLLER[$1]}/state"
	usb-bench find "$VENDOR:${PRODUCT[$1]}"
}

# gadget_free PATH FUNCTION
gadget_free()
{
	local gadget=$GADGETS/bench-$1

	[[ -z $(<"$gadget/UDC") ]] || echo >"$gadget/UDC"
	rm "$gadget/configs/c.1/$2"
	rmdir "$gadget/functions/$2" "$gadget/configs/c.1" "$gadget/strings/0x409" "$gadget"
}

# usb_direction: of the host's endpoint.
usb_direction()
{
	[[ $direction == capture ]] && echo in || echo out
}

# --- limit: no process on the board at all

begin_limit()
{
	local function=$GADGETS/bench-limit/functions/SourceSink.0

	gadget_new limit SourceSink.0
	# The function's settings are fixed once it is part of a configuration.
	rm "$GADGETS/bench-limit/configs/c.1/SourceSink.0"
	echo $((block_size < 1048576 ? block_size : 1048576)) >"$function/bulk_buflen"
	echo "$blocks" >"$function/bulk_qlen"
	# 0: zeros are written for each transfer; 2: no memory is touched, nor the data looked at.
	if [[ $direction == capture && $memory == 1 ]]; then
		echo 0 >"$function/pattern"
	else
		echo 2 >"$function/pattern"
	fi
	ln -s "$function" "$GADGETS/bench-limit/configs/c.1/"
	gadget_bind limit
	process=0
	host=(usb "$VENDOR:${PRODUCT[limit]}" "$(usb_direction)")
}

end_limit()
{
	gadget_free limit SourceSink.0
}

# --- dmabuf, copy: this project

# route_text NAME N TRANSFER: a capture and a playback on the converters N.
route_text()
{
	local more="transfer = \"$3\"; block_size = \"16 MiB\"; blocks = $blocks;"

	printf '{ name = "rx-%s"; from = "iio:iiosim-adc%d"; to = "usb"; %s },\n' "$1" "$2" "$more"
	printf '{ name = "tx-%s"; from = "usb"; to = "iio:iiosim-dac%d"; %s }\n' "$1" "$2" "$more"
}

# use_daemon ROUTE…: has it run with these routes, if it does not yet.
use_daemon()
{
	if [[ "$*" != "${daemon_routes-}" ]]; then
		start_daemon "$@"
		daemon_routes=$*
		daemon=$(daemon_pid)
		on_processor $BOARD "$daemon"
	fi
	process=$daemon
}

# begin_bridge TRANSFER: one route beside the one of the other kind, or several of a kind. The host
# chooses the size of blocks, so that the daemon stays.
begin_bridge()
{
	local n prefix=rx

	[[ $direction == capture ]] || prefix=tx
	if ((routes == 1)); then
		use_daemon "$(route_text dmabuf-0 "${CONVERTER[dmabuf]}" dmabuf)" \
			"$(route_text copy-0 "${CONVERTER[copy]}" copy)"
		host=(board "$prefix-$1-0")
		takers=("${CONVERTER[$1]}")
		return
	fi
	use_daemon "$(route_text "$1-0" 0 "$1")" "$(route_text "$1-1" 1 "$1")" \
		"$(route_text "$1-2" 2 "$1")" "$(route_text "$1-3" 3 "$1")"
	host=(board) takers=()
	for ((n = 0; n < routes; n++)); do
		host+=("$prefix-$1-$n")
		takers+=("$n")
	done
}

begin_dmabuf()
{
	begin_bridge dmabuf
}

end_dmabuf()
{
	:
}

begin_copy()
{
	begin_bridge copy
}

end_copy()
{
	:
}

# --- read-write: one thread, one block at a time

# converter_of PATH: the folder of its IIO device in sysfs.
converter_of()
{
	local kind=adc

	[[ $direction == capture ]] || kind=dac
	dirname "$(grep -lx "iiosim-$kind${CONVERTER[$1]}" /sys/bus/iio/devices/*/name)"
}

begin_read-write()
{
	local device channel

	device=$(converter_of read-write)
	for channel in "$device"/scan_elements/*_en; do
		echo 1 >"$channel"
	done
	# The kernel has two halves, each as large as a block.
	echo $((2 * block_size / 4)) >"$device/buffer/length"
	echo 1 >"$device/buffer/enable"
	gadget_new read-write ffs.bench-rw
	mkdir -p /run/bench-rw
	mount -t functionfs bench-rw /run/bench-rw
	read-write "$(usb_direction)" "/dev/${device##*/}" /run/bench-rw "$block_size" &
	process=$!
	wait_for 20 test -e /run/bench-rw/ep1
	gadget_bind read-write
	host=(usb "$VENDOR:${PRODUCT[read-write]}" "$(usb_direction)")
	takers=("${CONVERTER[read-write]}")
}

end_read-write()
{
	echo >"$GADGETS/bench-read-write/UDC"
	# It may wait for the converter, which does not know that the host has gone, and a buffer that is disabled
	# while it is empty gives nothing to whom waits, and no error (iio_buffer_ready() in
	# drivers/iio/industrialio-buffer.c).
	kill "$process" 2>/dev/null || true
	wait "$process" || true
	echo 0 >"$(converter_of read-write)/buffer/enable"
	umount /run/bench-rw
	gadget_free read-write ffs.bench-rw
}

# --- iiod: Debian's package, a fresh one each time

begin_iiod()
{
	local name=iiosim-adc${CONVERTER[iiod]} program=(iio_readdev)

	gadget_new iiod ffs.bench-iiod
	mkdir -p /run/bench-iiod
	mount -t functionfs bench-iiod /run/bench-iiod
	iiod --ffs /run/bench-iiod --nb-pipes 3 >/dev/null 2>&1 &
	process=$!
	wait_for 20 test -e /run/bench-iiod/ep1
	gadget_bind iiod
	takers=("${CONVERTER[iiod]}")
	if [[ $direction == playback ]]; then
		name=iiosim-dac${CONVERTER[iiod]}
		# Sends what is in its buffers, and reads nothing.
		program=(iio_writedev --benchmark)
	fi
	host=(run "${program[@]}" --uri usb: --timeout 5000 --buffer-size $((block_size / 4)) "$name")
}

end_iiod()
{
	echo >"$GADGETS/bench-iiod/UDC"
	kill "$process"
	wait "$process" || true
	# What it was in the middle of when its host went.
	echo 0 >"$(converter_of iiod)/buffer/enable"
	umount /run/bench-iiod
	gadget_free iiod ffs.bench-iiod
}
