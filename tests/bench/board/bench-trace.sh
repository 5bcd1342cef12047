# SPDX-License-Identifier: GPL-2.0-or-later
#
# The kernel's trace of a stream; sourced by bench-board.
#
# The events are the same for all paths: "done" is the IIO core's completion of a block that an ADC
# has filled, and usb_ep_queue is when the endpoint gets it; usb_gadget_giveback_request is a block
# that came from the host, and "submit" is when the DAC's DMA gets it. All are from the kernel, and
# know nothing of the program in between.
# shellcheck shell=bash
# shellcheck disable=SC2154 # what bench-board sets

readonly TRACING=/sys/kernel/tracing
readonly BUFFER_KIB=24576
readonly EVENTS=(
	bench/done gadget/usb_ep_queue			# of a capture
	gadget/usb_gadget_giveback_request bench/submit # of a playback
	raw_syscalls/sys_enter
)

# What the board's process and all of its threads are called.
declare -rA NAME_OF=([dmabuf]=iiobridged [copy]=iiobridged [read-write]=read-write [iiod]=iiod)

# The places of bytes_used and queue in struct iio_dma_buffer_block, include/linux/iio/buffer-dma.h.
readonly BYTES_USED=16 QUEUE=48

# Smaller transfers are records, or what iiod and its host say to each other.
readonly SMALLEST=4096

# trace_set_up: once, when all else is measured: events cost time, also while nothing is recorded.
# Only what is recorded changes later: on an emulated processor it is not safe to switch an event on
# while another processor runs through its place in the kernel.
trace_set_up()
{
	local event

	echo 0 >$TRACING/tracing_on
	echo $BUFFER_KIB >$TRACING/buffer_size_kb
	echo mono >$TRACING/trace_clock
	{
		echo "p:bench/done industrialio_buffer_dma:iio_dma_buffer_block_done" \
			"queue=+$QUEUE(%di):x64 bytes=+$BYTES_USED(%di):u64"
		echo "p:bench/submit industrialio_buffer_dmaengine:iio_dmaengine_buffer_submit_block" \
			"queue=%di:x64 bytes=+$BYTES_USED(%si):u64"
	} >$TRACING/kprobe_events
	for event in "${EVENTS[@]}"; do
		trace_only "$event" 'common_pid == 0'
		echo 1 >"$TRACING/events/$event/enable"
	done
}

# trace_only EVENT FILTER
trace_only()
{
	echo "$2" >"$TRACING/events/$1/filter"
}

# trace_begin: before anything of the path has begun, so that the first block is in the trace.
trace_begin()
{
	echo >$TRACING/trace
	if [[ $direction == capture ]]; then
		trace_only bench/done 'bytes > 0'
		trace_only gadget/usb_ep_queue "length >= $SMALLEST"
	else
		trace_only gadget/usb_gadget_giveback_request "actual >= $SMALLEST"
		trace_only bench/submit 'bytes > 0'
	fi
	[[ $path == limit ]] || trace_only raw_syscalls/sys_enter "comm == \"${NAME_OF[$path]}\""
	echo 1 >$TRACING/tracing_on
}

# trace_end FILE
trace_end()
{
	local event

	echo 0 >$TRACING/tracing_on
	for event in "${EVENTS[@]}"; do
		trace_only "$event" 'common_pid == 0'
	done
	cat $TRACING/trace >"$1"
}
