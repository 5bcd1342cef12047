/* SPDX-License-Identifier: LGPL-2.1-or-later */
/**
 * DOC: libiiobridge, the host's end of iiobridge
 *
 * A program opens a board, opens a route of it for reception (rx) or for transmission (tx), and
 * moves samples. A sample is one value of each channel that is in the stream, laid out as the
 * accessors of its channels say. What was lost on the way is told to the sample.
 *
 * Objects are opaque. What a function returns by a pointer argument belongs to the caller, who
 * gives it to the function that the documentation names; a text or an object that an accessor
 * returns belongs to the object that was asked, and lives as long as that.
 *
 * Errors. Functions that can fail return a negative enum iiobridge_result;
 * iiobridge_error_message() then says what failed, on which object, with which value.
 *
 * Threads. All functions may be called from any thread. While a stream is open, the library runs a
 * thread for its board that serves USB, whatever the caller does meanwhile; it gets no signals. A
 * stream is read, or written, by one thread at a time, while others may ask it things, cancel it,
 * and close it. The library prints nothing, ends no program, installs no signal handlers, and a
 * signal does not cut a wait short: iiobridge_rx_cancel() and its kin do, which a handler may call.
 *
 * Timeouts are in milliseconds: 0 does not wait, a negative one waits without an end.
 *
 * Times of a board are its CLOCK_MONOTONIC in nanoseconds; the records of its blocks have them from
 * the kernel. The protocol below all this is documented in <iiobridge/protocol.h>, which a program
 * does not need.
 *
 * The header compiles as C99 and as C++.
 */
#ifndef IIOBRIDGE_IIOBRIDGE_H
#define IIOBRIDGE_IIOBRIDGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* The library's version that this header is of; see iiobridge_version() for the one that runs. */
#define IIOBRIDGE_VERSION_MAJOR 0
#define IIOBRIDGE_VERSION_MINOR 1
#define IIOBRIDGE_VERSION_PATCH 0

/**
 * iiobridge_version() - version of the library that runs
 *
 * Return: a text such as "0.1.0", which lives for ever.
 */
const char *iiobridge_version(void);

/**
 * enum iiobridge_result - what functions return
 * @IIOBRIDGE_SUCCESS: done
 * @IIOBRIDGE_ERROR_NOT_FOUND: no board, or none with this serial number
 * @IIOBRIDGE_ERROR_ACCESS: this user may not open the board
 * @IIOBRIDGE_ERROR_BUSY: another program, or another stream of this one, has what was asked for
 * @IIOBRIDGE_ERROR_GONE: the board went away: close it, and open it again when it is back
 * @IIOBRIDGE_ERROR_REFUSED: the board refused, or its route had a fault; the sentence is the
 * board's
 * @IIOBRIDGE_ERROR_PROTOCOL: the board breaks the protocol, or a USB transfer failed
 * @IIOBRIDGE_ERROR_TIMEOUT: the board did not answer, or did not come to an end, in time
 * @IIOBRIDGE_ERROR_INVALID: an argument does not fit, or asks for what the board does not have
 * @IIOBRIDGE_ERROR_NO_MEMORY: no memory, or the kernel grants none for USB
 * @IIOBRIDGE_ERROR_SYSTEM: libusb or the system failed in another way
 * @IIOBRIDGE_ERROR_CANCELLED: the wait was cancelled; the stream goes on
 * @IIOBRIDGE_ERROR_ENDED: the stream was stopped or is being closed, and all that came is taken
 *
 * The numbers do not change; new ones may come.
 */
enum iiobridge_result {
	IIOBRIDGE_SUCCESS = 0,
	IIOBRIDGE_ERROR_NOT_FOUND = -1,
	IIOBRIDGE_ERROR_ACCESS = -2,
	IIOBRIDGE_ERROR_BUSY = -3,
	IIOBRIDGE_ERROR_GONE = -4,
	IIOBRIDGE_ERROR_REFUSED = -5,
	IIOBRIDGE_ERROR_PROTOCOL = -6,
	IIOBRIDGE_ERROR_TIMEOUT = -7,
	IIOBRIDGE_ERROR_INVALID = -8,
	IIOBRIDGE_ERROR_NO_MEMORY = -9,
	IIOBRIDGE_ERROR_SYSTEM = -10,
	IIOBRIDGE_ERROR_CANCELLED = -11,
	IIOBRIDGE_ERROR_ENDED = -12,
};

/**
 * iiobridge_error_message() - the reason of the last error
 *
 * Return: a sentence about the last function that failed in this thread, without a newline; valid
 * until the next one fails there; empty when none has. Texts of a board in it are printable UTF-8.
 */
const char *iiobridge_error_message(void);

/* ---- boards ---- */

/** struct iiobridge_board_list - the boards that were on the USB at one moment; opaque */
struct iiobridge_board_list;

/** struct iiobridge_board - an open board; opaque */
struct iiobridge_board;

/**
 * iiobridge_board_list_new() - find the boards
 * @list: gets them; to be given to iiobridge_board_list_free()
 *
 * A board is a USB device with an interface that has the class triple and the name of the protocol.
 * The name can only be read of a device that this user may open, so devices with the class triple
 * that could not be opened are in the list, too; iiobridge_board_list_open() says why. An empty
 * list is not an error.
 *
 * Return: 0 or a negative enum iiobridge_result.
 */
int iiobridge_board_list_new(struct iiobridge_board_list **list);

/**
 * iiobridge_board_list_free() - release a list
 * @list: from iiobridge_board_list_new(), or NULL; boards that were opened from it stay open
 */
void iiobridge_board_list_free(struct iiobridge_board_list *list);

/**
 * iiobridge_board_list_count() - number of boards in a list
 * @list: the list
 *
 * Return: the number.
 */
size_t iiobridge_board_list_count(const struct iiobridge_board_list *list);

/**
 * iiobridge_board_list_serial() - serial number of a board
 * @list: the list
 * @index: place in the list, below iiobridge_board_list_count(), as for the functions that follow
 *
 * Return: printable text; empty when the board has none, or could not be opened.
 */
const char *iiobridge_board_list_serial(const struct iiobridge_board_list *list, size_t index);

/**
 * iiobridge_board_list_model() - what a board calls itself
 * @list: the list
 * @index: place in the list
 *
 * Return: printable text; empty when the board could not be opened.
 */
const char *iiobridge_board_list_model(const struct iiobridge_board_list *list, size_t index);

/**
 * iiobridge_board_list_location() - where a board is
 * @list: the list
 * @index: place in the list
 *
 * Return: bus and device address as lsusb(8) shows them, such as "001:005".
 */
const char *iiobridge_board_list_location(const struct iiobridge_board_list *list, size_t index);

/**
 * iiobridge_board_list_open() - open a board of a list
 * @list: the list
 * @index: place in the list
 * @board: gets the board; to be given to iiobridge_board_close()
 *
 * Return: 0 or a negative enum iiobridge_result.
 */
int iiobridge_board_list_open(const struct iiobridge_board_list *list, size_t index,
			      struct iiobridge_board **board);

/**
 * iiobridge_board_open() - open a board
 * @serial: its serial number, or NULL for the only one
 * @board: gets the board; to be given to iiobridge_board_close()
 *
 * A board may be open in several programs, which all may ask it things; its streams belong to one
 * program at a time.
 *
 * Return: 0 or a negative enum iiobridge_result; IIOBRIDGE_ERROR_INVALID: @serial is NULL and there
 * are several boards, which the sentence names.
 */
int iiobridge_board_open(const char *serial, struct iiobridge_board **board);

/**
 * iiobridge_board_close() - close a board
 * @board: from iiobridge_board_open() or iiobridge_board_list_open(), or NULL
 *
 * Streams that are open keep what they need of it: the board is released with the last of them.
 */
void iiobridge_board_close(struct iiobridge_board *board);

/**
 * iiobridge_board_serial() - serial number of a board
 * @board: the board
 *
 * Return: printable text, empty when it has none.
 */
const char *iiobridge_board_serial(const struct iiobridge_board *board);

/**
 * iiobridge_board_model() - what a board calls itself
 * @board: the board
 *
 * Return: printable text.
 */
const char *iiobridge_board_model(const struct iiobridge_board *board);

/**
 * iiobridge_board_software() - version of iiobridged on a board
 * @board: the board
 *
 * Return: printable text.
 */
const char *iiobridge_board_software(const struct iiobridge_board *board);

/**
 * iiobridge_board_location() - where a board is
 * @board: the board
 *
 * Return: as iiobridge_board_list_location().
 */
const char *iiobridge_board_location(const struct iiobridge_board *board);

/**
 * iiobridge_board_speed() - speed of a board's connection
 * @board: the board
 *
 * Return: a text such as "SuperSpeed (5 Gbit/s)".
 */
const char *iiobridge_board_speed(const struct iiobridge_board *board);

/**
 * iiobridge_board_protocol() - version of the protocol that a board speaks
 * @board: the board
 * @major: gets the major version, which is the library's
 * @minor: gets the minor version, which may be older or newer
 */
void iiobridge_board_protocol(const struct iiobridge_board *board, unsigned int *major,
			      unsigned int *minor);

/**
 * iiobridge_board_records_endpoint() - where a board sends its records
 * @board: the board
 *
 * Return: address of the endpoint, with the direction bit.
 */
unsigned int iiobridge_board_records_endpoint(const struct iiobridge_board *board);

/**
 * iiobridge_board_route_count() - number of routes of a board
 * @board: the board
 *
 * Return: the number.
 */
unsigned int iiobridge_board_route_count(const struct iiobridge_board *board);

/**
 * struct iiobridge_board_error - the last error of a board, whoever was told of it
 * @code: enum iiobridge_error_code of <iiobridge/protocol.h>, 0 when there was none yet
 * @request: name of the control request that was refused, such as "START"; empty for a fault of a
 *	running route
 * @route: number of the route, where it is a fault of one
 * @message: the board's sentence
 */
struct iiobridge_board_error {
	unsigned int code;
	unsigned int route;
	char request[24];
	char message[256];
};

/**
 * iiobridge_board_last_error() - ask for the last error of a board
 * @board: the board
 * @error: gets it
 *
 * Return: 0 or a negative enum iiobridge_result.
 */
int iiobridge_board_last_error(struct iiobridge_board *board, struct iiobridge_board_error *error);

/**
 * struct iiobridge_clock_offset - the clock of a board beside that of this machine
 * @offset_ns: what has to be added to board's time to get CLOCK_MONOTONIC of this machine
 * @uncertainty_ns: how wrong that can be, to either side
 * @reserved: 0
 */
struct iiobridge_clock_offset {
	int64_t offset_ns;
	uint64_t uncertainty_ns;
	uint64_t reserved[2];
};

/**
 * iiobridge_board_clock() - compare the clock of a board with that of this machine
 * @board: the board
 * @clock: gets it
 *
 * Asks the board for its time again and again, some milliseconds in all, and takes the answer that
 * came soonest: the board's time was some moment between the question and the answer. Board's time
 * is that of the records, and of struct iiobridge_block. The two clocks drift apart, some tens of
 * microseconds in a second: long runs ask again.
 *
 * Return: 0 or a negative enum iiobridge_result; IIOBRIDGE_ERROR_INVALID: the board has an earlier
 * version of the protocol than 1.4.
 */
int iiobridge_board_clock(struct iiobridge_board *board, struct iiobridge_clock_offset *clock);

/* ---- boards that come and go ---- */

/** struct iiobridge_monitor - tells of boards that come and go; opaque */
struct iiobridge_monitor;

/**
 * enum iiobridge_event_kind - what became of a board
 * @IIOBRIDGE_BOARD_CAME: it is there, and answers; or has not within two seconds: see @error
 * @IIOBRIDGE_BOARD_WENT: it is gone
 */
enum iiobridge_event_kind {
	IIOBRIDGE_BOARD_CAME = 1,
	IIOBRIDGE_BOARD_WENT = 2,
};

/**
 * struct iiobridge_event - a board has come or gone
 * @kind: enum iiobridge_event_kind
 * @error: of a board that came: 0, or the enum iiobridge_result that keeps it from being opened, as
 *	when this user may not
 * @serial: its serial number, empty when it has none or could not be opened
 * @location: as iiobridge_board_list_location()
 * @message: the sentence for @error
 */
struct iiobridge_event {
	int kind;
	int error;
	char serial[128];
	char location[16];
	char message[512];
};

/**
 * iiobridge_monitor_new() - watch for boards
 * @monitor: gets the monitor; to be given to iiobridge_monitor_free()
 *
 * Boards that are there already come first. Where libusb is told of devices that come and go
 * (LIBUSB_CAP_HAS_HOTPLUG), nothing is done meanwhile; elsewhere the bus is looked at twice a
 * second.
 *
 * Return: 0 or a negative enum iiobridge_result.
 */
int iiobridge_monitor_new(struct iiobridge_monitor **monitor);

/**
 * iiobridge_monitor_free() - stop watching
 * @monitor: from iiobridge_monitor_new(), or NULL; nobody may wait for it
 */
void iiobridge_monitor_free(struct iiobridge_monitor *monitor);

/**
 * iiobridge_monitor_next() - take the next event
 * @monitor: the monitor
 * @timeout_ms: how long to wait for one
 * @event: gets it
 *
 * Return: 1; 0 when none came in time; IIOBRIDGE_ERROR_CANCELLED; or another negative enum
 * iiobridge_result, when the bus cannot be watched any more.
 */
int iiobridge_monitor_next(struct iiobridge_monitor *monitor, int timeout_ms,
			   struct iiobridge_event *event);

/**
 * iiobridge_monitor_fd() - what to wait for beside others
 * @monitor: the monitor
 *
 * Return: a file descriptor for poll(2), readable when iiobridge_monitor_next() may have an event;
 * the library's, which nobody else reads or closes.
 */
int iiobridge_monitor_fd(const struct iiobridge_monitor *monitor);

/**
 * iiobridge_monitor_cancel() - end a wait
 * @monitor: the monitor
 *
 * The iiobridge_monitor_next() that waits, or the next one that would, returns
 * IIOBRIDGE_ERROR_CANCELLED. May be called by a signal handler.
 */
void iiobridge_monitor_cancel(struct iiobridge_monitor *monitor);

/* ---- routes and channels ---- */

/** struct iiobridge_route - what a board said of one of its routes; opaque */
struct iiobridge_route;

/** struct iiobridge_channel - a channel of a route's converter; opaque */
struct iiobridge_channel;

/** enum iiobridge_route_kind - where the samples of a route go */
enum iiobridge_route_kind {
	IIOBRIDGE_ROUTE_RX = 0,	       /* from an ADC to the host */
	IIOBRIDGE_ROUTE_TX = 1,	       /* from the host to a DAC */
	IIOBRIDGE_ROUTE_REPEATER = 2,  /* from an ADC to a DAC, not over USB */
	IIOBRIDGE_ROUTE_LINK_TEST = 3, /* from the host to the host */
};

/** enum iiobridge_route_transfer - how a route moves its blocks on the board */
enum iiobridge_route_transfer {
	IIOBRIDGE_TRANSFER_DMABUF = 0,	   /* the same DMABUF at both ends, no copy */
	IIOBRIDGE_TRANSFER_COPY = 1,	   /* copied */
	IIOBRIDGE_TRANSFER_COPY_EARLY = 2, /* copied, and blocks may come before they are full */
};

/** enum iiobridge_repeater - who repeats a waveform */
enum iiobridge_repeater {
	IIOBRIDGE_REPEATER_NONE = 0,
	IIOBRIDGE_REPEATER_DAEMON = 1, /* iiobridged, which counts the blocks */
	IIOBRIDGE_REPEATER_KERNEL = 2, /* the kernel's driver, if it can; nothing counts them */
};

/**
 * iiobridge_route_get() - ask about a route
 * @board: the board
 * @index: number of the route, below iiobridge_board_route_count()
 * @route: gets what the board says now; to be given to iiobridge_route_free()
 *
 * Return: 0 or a negative enum iiobridge_result.
 */
int iiobridge_route_get(struct iiobridge_board *board, unsigned int index,
			struct iiobridge_route **route);

/**
 * iiobridge_route_find() - find a route by its name
 * @board: the board
 * @name: its name in the board's configuration; NULL for the only one of a kind
 * @kind: enum iiobridge_route_kind, when @name is NULL
 * @route: gets what the board says now; to be given to iiobridge_route_free()
 *
 * Return: 0 or a negative enum iiobridge_result; IIOBRIDGE_ERROR_INVALID: there is none, or
 * several, and the sentence names them.
 */
int iiobridge_route_find(struct iiobridge_board *board, const char *name, int kind,
			 struct iiobridge_route **route);

/**
 * iiobridge_route_free() - release a route
 * @route: from iiobridge_route_get() or iiobridge_route_find(), or NULL
 */
void iiobridge_route_free(struct iiobridge_route *route);

/**
 * iiobridge_route_stop() - stop a route, whoever has started it
 * @board: the board
 * @index: number of the route
 *
 * Return: 0 or a negative enum iiobridge_result; a route that does not run is no error.
 */
int iiobridge_route_stop(struct iiobridge_board *board, unsigned int index);

/** iiobridge_route_index() - number of a route on its board */
unsigned int iiobridge_route_index(const struct iiobridge_route *route);

/** iiobridge_route_name() - name of a route in the board's configuration */
const char *iiobridge_route_name(const struct iiobridge_route *route);

/** iiobridge_route_device() - name of a route's IIO device, empty where it has none */
const char *iiobridge_route_device(const struct iiobridge_route *route);

/** iiobridge_route_kind() - enum iiobridge_route_kind of a route */
int iiobridge_route_kind(const struct iiobridge_route *route);

/** iiobridge_route_transfer() - enum iiobridge_route_transfer of a route */
int iiobridge_route_transfer(const struct iiobridge_route *route);

/** iiobridge_route_is_running() - whether a route ran when the board was asked */
bool iiobridge_route_is_running(const struct iiobridge_route *route);

/** iiobridge_route_cyclic() - enum iiobridge_repeater that is to repeat waveforms of a tx route */
int iiobridge_route_cyclic(const struct iiobridge_route *route);

/** iiobridge_route_repeating() - enum iiobridge_repeater that repeated one when the board was asked
 */
int iiobridge_route_repeating(const struct iiobridge_route *route);

/** iiobridge_route_endpoint_in() - address of the endpoint that the host reads, 0 for none */
unsigned int iiobridge_route_endpoint_in(const struct iiobridge_route *route);

/** iiobridge_route_endpoint_out() - address of the endpoint that the host writes, 0 for none */
unsigned int iiobridge_route_endpoint_out(const struct iiobridge_route *route);

/**
 * iiobridge_route_sample_size() - size of a sample
 * @route: the route
 *
 * Return: bytes of one value of each channel in iiobridge_route_channel_mask(), with what lies
 * between and behind them; 0 when a start would be refused, as for the two functions that follow.
 */
size_t iiobridge_route_sample_size(const struct iiobridge_route *route);

/** iiobridge_route_channel_mask() - channels in a sample, bit n is iiobridge_route_channel() n */
uint32_t iiobridge_route_channel_mask(const struct iiobridge_route *route);

/** iiobridge_route_block_size() - bytes of a block, a whole number of samples */
size_t iiobridge_route_block_size(const struct iiobridge_route *route);

/** iiobridge_route_block_size_max() - bytes of the largest block that may be asked for */
size_t iiobridge_route_block_size_max(const struct iiobridge_route *route);

/** iiobridge_route_block_step() - what a block is a multiple of, bytes; 0 when it is not told */
size_t iiobridge_route_block_step(const struct iiobridge_route *route);

/** iiobridge_route_block_count() - number of blocks that the board has for a route */
unsigned int iiobridge_route_block_count(const struct iiobridge_route *route);

/** iiobridge_route_sample_rate() - samples in a second, 0 when the converter does not tell */
double iiobridge_route_sample_rate(const struct iiobridge_route *route);

/** iiobridge_route_sample_rate_millihertz() - samples in 1000 s, exactly as the board tells it */
uint64_t iiobridge_route_sample_rate_millihertz(const struct iiobridge_route *route);

/** iiobridge_route_channel_count() - channels of a route's converter, in a sample or not */
unsigned int iiobridge_route_channel_count(const struct iiobridge_route *route);

/**
 * iiobridge_route_channel() - a channel of a route
 * @route: the route
 * @index: its number, below iiobridge_route_channel_count()
 *
 * Return: the channel, which lives as long as @route; NULL when there is none with this number.
 */
const struct iiobridge_channel *iiobridge_route_channel(const struct iiobridge_route *route,
							unsigned int index);

/** iiobridge_channel_id() - IIO's id of a channel, such as "voltage0" */
const char *iiobridge_channel_id(const struct iiobridge_channel *channel);

/** iiobridge_channel_scan_index() - IIO's scan index of a channel, which orders those in a sample
 */
unsigned int iiobridge_channel_scan_index(const struct iiobridge_channel *channel);

/**
 * iiobridge_channel_offset() - where a channel lies in a sample
 * @channel: the channel
 *
 * The kernel aligns each value to its own size, in the order of the scan indices.
 *
 * Return: bytes from the beginning of the sample; negative when the channel is not in it.
 */
int iiobridge_channel_offset(const struct iiobridge_channel *channel);

/** iiobridge_channel_bits() - valid bits of a value, at least 1 */
unsigned int iiobridge_channel_bits(const struct iiobridge_channel *channel);

/** iiobridge_channel_storage_bits() - bits that a value takes, a multiple of 8 */
unsigned int iiobridge_channel_storage_bits(const struct iiobridge_channel *channel);

/** iiobridge_channel_shift() - right shift that brings the valid bits to bit 0 */
unsigned int iiobridge_channel_shift(const struct iiobridge_channel *channel);

/** iiobridge_channel_repeat() - number of values one behind the other, 1 for most channels */
unsigned int iiobridge_channel_repeat(const struct iiobridge_channel *channel);

/** iiobridge_channel_is_signed() - whether values are two's complement; else they are unsigned */
bool iiobridge_channel_is_signed(const struct iiobridge_channel *channel);

/** iiobridge_channel_is_big_endian() - order of a value's bytes */
bool iiobridge_channel_is_big_endian(const struct iiobridge_channel *channel);

/**
 * struct iiobridge_statistics_info - what a board counts of a route since its last start
 * @running: whether the route runs
 * @estimated: @samples_lost is from times and the sample rate; else the converter counts
 * @starts: starts since the daemon started
 * @blocks_filled: blocks that the ADC, or the host, filled
 * @blocks_delivered: blocks that the host, or the DAC, got
 * @blocks_failed: filled blocks that could not be delivered
 * @bytes_delivered: bytes in @blocks_delivered
 * @gaps: how often the ADC had no block to fill, or the DAC none to play (an underflow)
 * @samples_lost: samples that were lost, or missed, in @gaps
 * @records_lost: records that the host did not read in time
 * @reserved: 0
 */
struct iiobridge_statistics_info {
	bool running;
	bool estimated;
	uint64_t starts;
	uint64_t blocks_filled;
	uint64_t blocks_delivered;
	uint64_t blocks_failed;
	uint64_t bytes_delivered;
	uint64_t gaps;
	uint64_t samples_lost;
	uint64_t records_lost;
	uint64_t reserved[4];
};

/**
 * iiobridge_route_statistics() - ask how a route is doing
 * @board: the board
 * @index: number of the route
 * @statistics: gets the answer
 *
 * Return: 0 or a negative enum iiobridge_result.
 */
int iiobridge_route_statistics(struct iiobridge_board *board, unsigned int index,
			       struct iiobridge_statistics_info *statistics);

/* ---- controls ---- */

/** struct iiobridge_control_list - the controls of a board, and their values at one moment; opaque
 */
struct iiobridge_control_list;

/** struct iiobridge_control - what a board said of one of its controls; opaque */
struct iiobridge_control;

/**
 * enum iiobridge_control_role - what a control is for
 * @IIOBRIDGE_CONTROL_ATTRIBUTE: any other attribute of an IIO device
 * @IIOBRIDGE_CONTROL_FREQUENCY: of the local oscillator, Hz
 * @IIOBRIDGE_CONTROL_SAMPLE_RATE: Hz
 * @IIOBRIDGE_CONTROL_BANDWIDTH: of the analog filter, both sidebands, Hz
 * @IIOBRIDGE_CONTROL_GAIN: dB; of a transmitter 0 or less, an attenuation
 * @IIOBRIDGE_CONTROL_GAIN_MODE: who sets the gain: "manual", or a gain control
 * @IIOBRIDGE_CONTROL_ANTENNA: the port that is connected
 * @IIOBRIDGE_CONTROL_RSSI: strength of the received signal, dB as the driver has it
 * @IIOBRIDGE_CONTROL_TEMPERATURE: degrees Celsius
 *
 * The numbers do not change; new ones may come.
 */
enum iiobridge_control_role {
	IIOBRIDGE_CONTROL_ATTRIBUTE = 0,
	IIOBRIDGE_CONTROL_FREQUENCY = 1,
	IIOBRIDGE_CONTROL_SAMPLE_RATE = 2,
	IIOBRIDGE_CONTROL_BANDWIDTH = 3,
	IIOBRIDGE_CONTROL_GAIN = 4,
	IIOBRIDGE_CONTROL_GAIN_MODE = 5,
	IIOBRIDGE_CONTROL_ANTENNA = 6,
	IIOBRIDGE_CONTROL_RSSI = 7,
	IIOBRIDGE_CONTROL_TEMPERATURE = 8,
};

/** enum iiobridge_control_kinds - what the values of a control are */
enum iiobridge_control_kinds {
	IIOBRIDGE_CONTROL_IS_NUMBER = 0, /* in the control's unit */
	IIOBRIDGE_CONTROL_IS_CHOICE = 1, /* one of its texts, iiobridge_control_choice() */
	IIOBRIDGE_CONTROL_IS_TEXT = 2,	 /* text, as the driver takes it */
};

/**
 * iiobridge_control_list_new() - ask about the controls of a board
 * @board: the board
 * @list: gets them, with the values that the drivers say now; to be given to
 *	iiobridge_control_list_free()
 *
 * A board whose configuration lets a host tune nothing has none, and neither has one that speaks a
 * protocol before 1.3. Takes as long as the drivers, 5 seconds at most: a control whose driver
 *needs longer has no known value, as one whose driver fails. Streams go on meanwhile.
 *
 * A list is used by one thread at a time. It keeps what it needs of the board, which is released
 * with the last list if it was closed before.
 *
 * Return: 0 or a negative enum iiobridge_result.
 */
int iiobridge_control_list_new(struct iiobridge_board *board, struct iiobridge_control_list **list);

/**
 * iiobridge_control_list_free() - release a list, and its controls
 * @list: from iiobridge_control_list_new(), or NULL
 */
void iiobridge_control_list_free(struct iiobridge_control_list *list);

/**
 * iiobridge_control_list_update() - ask what has changed
 * @list: the list, whose controls get the new values
 * @changed: gets how many have changed otherwise than by a program that set them over USB: through
 *	another program on the board, by a gain control, or because another control was set; may be
 *	NULL. iiobridge_control_has_changed() says which.
 *
 * Asks one thing if nothing has changed, and so may be called a few times a second. What this
 * program has set since is in the list then, too, but is not counted; what another host's program
 * set is found by a new list.
 *
 * Return: 0 or a negative enum iiobridge_result.
 */
int iiobridge_control_list_update(struct iiobridge_control_list *list, size_t *changed);

/** iiobridge_control_list_count() - number of controls in a list */
size_t iiobridge_control_list_count(const struct iiobridge_control_list *list);

/**
 * iiobridge_control_list_get() - a control of a list
 * @list: the list
 * @index: its number on the board, below iiobridge_control_list_count()
 *
 * Return: the control, which lives as long as @list; NULL when there is none with this number.
 */
const struct iiobridge_control *
iiobridge_control_list_get(const struct iiobridge_control_list *list, size_t index);

/**
 * iiobridge_control_list_route_name() - name of the route that a control is of
 * @list: the list
 * @index: number of the control
 *
 * Return: the name; empty when it is of no route, or of all.
 */
const char *iiobridge_control_list_route_name(const struct iiobridge_control_list *list,
					      size_t index);

/**
 * iiobridge_control_find() - find a control by what it is for
 * @list: the list
 * @route: number of the route
 * @role: enum iiobridge_control_role
 * @channel: number of the receiver or transmitter; -1: that of all channels, or else of the first
 *
 * One that is of all routes, or of all channels, is that of each, too, unless it has its own.
 *
 * Return: the control, which lives as long as @list; NULL when there is none.
 */
const struct iiobridge_control *iiobridge_control_find(const struct iiobridge_control_list *list,
						       int route, int role, int channel);

/**
 * iiobridge_control_find_by_name() - find a control by its name
 * @list: the list
 * @name: name of the route, a blank, and name of the control, such as "rx frequency"; or only the
 *	control's, where no other one has it
 *
 * Return: the control, which lives as long as @list; NULL when there is none, or several.
 */
const struct iiobridge_control *
iiobridge_control_find_by_name(const struct iiobridge_control_list *list, const char *name);

/** iiobridge_control_index() - number of a control on its board, from 0 */
unsigned int iiobridge_control_index(const struct iiobridge_control *control);

/** iiobridge_control_name() - what people call it; no other control of the route has this name */
const char *iiobridge_control_name(const struct iiobridge_control *control);

/** iiobridge_control_route() - number of the route whose samples it is about; -1: none, or all */
int iiobridge_control_route(const struct iiobridge_control *control);

/** iiobridge_control_channel() - number of the receiver or transmitter; -1: none, or all */
int iiobridge_control_channel(const struct iiobridge_control *control);

/** iiobridge_control_role() - enum iiobridge_control_role of a control */
int iiobridge_control_role(const struct iiobridge_control *control);

/** iiobridge_control_kind() - enum iiobridge_control_kinds of a control */
int iiobridge_control_kind(const struct iiobridge_control *control);

/** iiobridge_control_unit() - unit of its numbers, such as "Hz", "dB" or "°C"; may be empty */
const char *iiobridge_control_unit(const struct iiobridge_control *control);

/** iiobridge_control_is_readable() - whether a host may read it */
bool iiobridge_control_is_readable(const struct iiobridge_control *control);

/** iiobridge_control_is_writable() - whether a host may set it */
bool iiobridge_control_is_writable(const struct iiobridge_control *control);

/** iiobridge_control_has_range() - whether the three that follow are known; else they are 0 */
bool iiobridge_control_has_range(const struct iiobridge_control *control);

/** iiobridge_control_minimum() - least number that it can be set to, in its unit */
double iiobridge_control_minimum(const struct iiobridge_control *control);

/** iiobridge_control_maximum() - largest number that it can be set to, in its unit */
double iiobridge_control_maximum(const struct iiobridge_control *control);

/** iiobridge_control_step() - from one number to the next, in its unit; 0: any number between */
double iiobridge_control_step(const struct iiobridge_control *control);

/** iiobridge_control_choice_count() - of values that the driver lists, also of a number; 0: none */
unsigned int iiobridge_control_choice_count(const struct iiobridge_control *control);

/**
 * iiobridge_control_choice() - a value that a control can be set to
 * @control: the control
 * @index: place in the driver's list, below iiobridge_control_choice_count()
 *
 * Return: a text, of a number in its unit; NULL when there is none with this number.
 */
const char *iiobridge_control_choice(const struct iiobridge_control *control, unsigned int index);

/**
 * iiobridge_control_is_known() - whether the driver said what the value is, when it was last asked
 * @control: the control
 *
 * Return: false when it could not be read or set, and iiobridge_control_message() says why. Then
 * the value is the last that is known.
 */
bool iiobridge_control_is_known(const struct iiobridge_control *control);

/** iiobridge_control_number() - value of a number, in its unit; else 0 */
double iiobridge_control_number(const struct iiobridge_control *control);

/** iiobridge_control_text() - value of a choice or a text; else empty */
const char *iiobridge_control_text(const struct iiobridge_control *control);

/** iiobridge_control_message() - why the value is not known, a sentence; else empty */
const char *iiobridge_control_message(const struct iiobridge_control *control);

/** iiobridge_control_has_changed() - whether the last iiobridge_control_list_update() counted it */
bool iiobridge_control_has_changed(const struct iiobridge_control *control);

/**
 * struct iiobridge_reading - what a driver said of a value
 * @number: of a number, in its unit, to a millionth; else 0
 * @text: of a choice or a text; else empty
 * @reserved: 0
 */
struct iiobridge_reading {
	double number;
	char text[64];
	uint64_t reserved[2];
};

/**
 * iiobridge_control_read() - read a control from its driver
 * @board: the board
 * @control: iiobridge_control_index() of the control
 * @reading: gets the value; may be NULL
 *
 * Takes as long as the driver, and as those of other threads that read or set controls of the board
 * before; so do the two functions that follow. Streams go on meanwhile.
 *
 * Return: 0 or a negative enum iiobridge_result; IIOBRIDGE_ERROR_REFUSED: it may not be read, or
 * the driver failed; IIOBRIDGE_ERROR_TIMEOUT: the driver has not come back within 10 seconds.
 */
int iiobridge_control_read(struct iiobridge_board *board, unsigned int control,
			   struct iiobridge_reading *reading);

/**
 * iiobridge_control_set_number() - set a control to a number
 * @board: the board
 * @control: iiobridge_control_index() of a control of the kind IIOBRIDGE_CONTROL_IS_NUMBER
 * @number: in its unit, such as 2.4e9 Hz; the board gets whole millionths
 * @reading: gets what the driver took, which may be the nearest that it can; may be NULL
 *
 * The board judges the number: what it would accept is in the sentence of a refusal. While a stream
 * of the route runs, its samples have IIOBRIDGE_BLOCK_TUNED where the signal becomes another.
 *
 * Return: as iiobridge_control_read(); IIOBRIDGE_ERROR_INVALID: there is no such control, or the
 * number is not finite, or not from -9.2e12 to 9.2e12.
 */
int iiobridge_control_set_number(struct iiobridge_board *board, unsigned int control, double number,
				 struct iiobridge_reading *reading);

/**
 * iiobridge_control_set_text() - set a control to a text
 * @board: the board
 * @control: iiobridge_control_index() of a control of another kind
 * @text: one of its choices, or what the driver takes; 63 bytes at most
 * @reading: gets what the driver took; may be NULL
 *
 * Return: as iiobridge_control_set_number(); IIOBRIDGE_ERROR_INVALID: also for a longer text.
 */
int iiobridge_control_set_text(struct iiobridge_board *board, unsigned int control,
			       const char *text, struct iiobridge_reading *reading);

/* ---- what streams of both directions have ---- */

/**
 * enum iiobridge_stream_flags - how a stream works
 * @IIOBRIDGE_STREAM_WAIT_FOR_RECORDS: rx: samples are handed on when the record of their block is
 *	there, a moment later; so each gap is told before the samples behind it, and times are
 *	known. The board is asked to send each record at once, and one of protocol 1.4 or later
 *	does: some tenths of a millisecond later, and not some tens of milliseconds
 * @IIOBRIDGE_STREAM_KEEP_RECORDS: the records are kept for iiobridge_rx_next_record() or
 *	iiobridge_tx_next_record()
 */
enum iiobridge_stream_flags {
	IIOBRIDGE_STREAM_WAIT_FOR_RECORDS = 1,
	IIOBRIDGE_STREAM_KEEP_RECORDS = 2,
};

/**
 * struct iiobridge_stream_settings - what a stream shall be; all 0: as the board is configured
 * @channel_mask: channels in a sample, bit n is iiobridge_route_channel() n; 0: as configured
 * @flags: enum iiobridge_stream_flags
 * @block_size: bytes in a block; 0: as configured
 * @memory: bytes of samples that may wait for a caller who is late, or that a caller may be ahead,
 *	beside those in USB transfers; 0: 8 MiB. Memory is taken when it is needed.
 * @ahead: tx: bytes that may be on this machine at once, in USB transfers and in @memory; two
 *	transfers at least; 0: as many as there is room for. A program that writes as fast as it may
 *	waits for the DAC sooner then, and what it writes is played sooner: with two blocks, about
 *	one block's time later than the blocks of the board take.
 * @reserved: 0
 */
struct iiobridge_stream_settings {
	uint32_t channel_mask;
	uint32_t flags;
	size_t block_size;
	size_t memory;
	size_t ahead;
	uint64_t reserved[3];
};

/** enum iiobridge_record_bits - what a record says beside its numbers; others may come */
enum iiobridge_record_bits {
	IIOBRIDGE_RECORD_HAS_GAP = 1,  /* the ADC had no block to fill just before this one */
	IIOBRIDGE_RECORD_WAS_LATE = 2, /* the DAC had no block to play just before this one */
	IIOBRIDGE_RECORD_IS_END = 4,   /* the run has ended; the record is about no block */
	/* A control of the route was set while the block was filled, or just before it. */
	IIOBRIDGE_RECORD_WAS_TUNED = 8,
	IIOBRIDGE_RECORD_RATE_CHANGED = 16, /* and that was its sample rate */
};

/**
 * struct iiobridge_block_record - what became of a block, from the board
 * @flags: enum iiobridge_record_bits
 * @run: number of the run, which is one more with each start of the route
 * @sequence: number of the block in the run; of the end, the number of blocks
 * @first_sample: its first sample on the converter's clock, which counts those that are lost, too
 * @place: samples in the run's data before it, as far as the records tell
 * @samples: samples in it
 * @samples_lost: samples that were lost, or missed, just before it
 * @filled_ns: when it was full, board's time
 * @delivered_ns: when the host had it, or the DAC had played it, board's time
 * @records_missing: records that were lost just before this one
 * @samples_missing: samples in their blocks
 * @reserved: 0
 */
struct iiobridge_block_record {
	uint32_t flags;
	uint32_t run;
	uint64_t sequence;
	uint64_t first_sample;
	uint64_t place;
	uint64_t samples;
	uint64_t samples_lost;
	uint64_t filled_ns;
	uint64_t delivered_ns;
	uint64_t records_missing;
	uint64_t samples_missing;
	uint64_t reserved[2];
};

/* ---- reception ---- */

/** struct iiobridge_rx - a stream from an ADC; opaque */
struct iiobridge_rx;

/**
 * enum iiobridge_block_flags - what is special about samples that were received
 * @IIOBRIDGE_BLOCK_GAP: samples were lost just before these, @lost of them, 0 when the board does
 *	not know how many. Without IIOBRIDGE_STREAM_WAIT_FOR_RECORDS it may be that they were lost
 *	before samples that were handed on earlier: the records have the place.
 * @IIOBRIDGE_BLOCK_NO_RECORD: the record of these samples is not there: it was lost, or not waited
 *	for; a gap before or inside of them would be told behind them
 * @IIOBRIDGE_BLOCK_ESTIMATED: @lost is estimated from times and the sample rate
 * @IIOBRIDGE_BLOCK_TUNED: a control of the route was set while the board filled the block that
 *	these are of, or just before: from some sample in it on the signal is another. All parts of
 *	the block have it; without IIOBRIDGE_STREAM_WAIT_FOR_RECORDS it may be told behind it.
 */
enum iiobridge_block_flags {
	IIOBRIDGE_BLOCK_GAP = 1,
	IIOBRIDGE_BLOCK_NO_RECORD = 2,
	IIOBRIDGE_BLOCK_ESTIMATED = 4,
	IIOBRIDGE_BLOCK_TUNED = 8,
};

/**
 * struct iiobridge_block - samples that were received, one behind the other without a gap
 * @data: the samples; NULL behind iiobridge_rx_read(), whose caller has them
 * @samples: their number
 * @first_sample: the first one on the converter's clock, which begins with 0 at the start and
 *counts lost samples, too
 * @lost: samples that were lost just before them
 * @time_ns: when the first was taken, board's time; 0 when it is not known. One clock for all of a
 *	run: see struct iiobridge_clock. Where the route tells no rate, or it was changed
 *	in the run, the time at which the block was full.
 * @realtime_ns: the same as time of day, nanoseconds since 1970 (UTC), by the host's clock
 * @flags: enum iiobridge_block_flags
 * @owner: the library's own
 * @reserved: 0
 */
struct iiobridge_block {
	const void *data;
	size_t samples;
	uint64_t first_sample;
	uint64_t lost;
	uint64_t time_ns;
	uint64_t realtime_ns;
	uint32_t flags;
	void *owner;
	uint64_t reserved[2];
};

/**
 * iiobridge_rx_open() - prepare to receive
 * @board: the board
 * @route: number of an rx route
 * @settings: how; NULL: all 0
 * @rx: gets the stream, which does not run; to be given to iiobridge_rx_close()
 *
 * Claims the board's interface, so that no other program streams; sets channels and block, and
 * stops the route if it runs, for whomever.
 *
 * Return: 0 or a negative enum iiobridge_result; IIOBRIDGE_ERROR_BUSY: also when this program has a
 * stream of the route; IIOBRIDGE_ERROR_INVALID: a setting does not fit the route.
 */
int iiobridge_rx_open(struct iiobridge_board *board, unsigned int route,
		      const struct iiobridge_stream_settings *settings, struct iiobridge_rx **rx);

/**
 * iiobridge_rx_close() - stop the route if it runs, and release the stream
 * @rx: from iiobridge_rx_open(), or NULL
 *
 * A thread that waits in another function of the stream returns from it with
 * IIOBRIDGE_ERROR_ENDED first; none may begin to use it. What was acquired may not be used any
 * more.
 */
void iiobridge_rx_close(struct iiobridge_rx *rx);

/**
 * iiobridge_rx_route() - the route as it runs
 * @rx: the stream
 *
 * Return: with the channels, the block and the offsets of this stream; lives as long as that.
 */
const struct iiobridge_route *iiobridge_rx_route(const struct iiobridge_rx *rx);

/**
 * iiobridge_rx_start() - start the route
 * @rx: a stream that does not run; what is left of an earlier run is dropped
 *
 * Return: 0 or a negative enum iiobridge_result. The board may need some seconds.
 */
int iiobridge_rx_start(struct iiobridge_rx *rx);

/**
 * iiobridge_rx_stop() - stop the route
 * @rx: the stream, whether it runs or not
 *
 * Asks for the final statistics and takes the last records. What has arrived can still be read,
 * that which came behind an error, too: behind it comes IIOBRIDGE_ERROR_ENDED, or the error again.
 * May be called while another thread starts, stops or reads the stream. A run is stopped once: who
 * stops it again is told how that went.
 *
 * Return: 0 or a negative enum iiobridge_result; a board that is gone is none.
 */
int iiobridge_rx_stop(struct iiobridge_rx *rx);

/**
 * iiobridge_rx_acquire() - take the next samples without copying them
 * @rx: the stream
 * @timeout_ms: how long to wait for them
 * @block: gets them; to be given to iiobridge_rx_release()
 *
 * It is a block of the route, or a part of one that is larger than a USB transfer. Several may be
 * acquired; while many are, what comes is copied, as when the caller is late. When the memory of
 * the settings is full the board has to wait, and then loses samples, which is told as every gap.
 *
 * Return: 1; 0 when none came in time; IIOBRIDGE_ERROR_CANCELLED; IIOBRIDGE_ERROR_ENDED; or what
 * ended the stream, behind the last samples that can be had, and then with each call.
 */
int iiobridge_rx_acquire(struct iiobridge_rx *rx, int timeout_ms, struct iiobridge_block *block);

/**
 * iiobridge_rx_release() - give samples back
 * @rx: the stream
 * @block: from iiobridge_rx_acquire(), in any order
 */
void iiobridge_rx_release(struct iiobridge_rx *rx, const struct iiobridge_block *block);

/**
 * iiobridge_rx_read() - copy samples
 * @rx: the stream
 * @data: gets them
 * @samples: room at @data, in samples, larger than 0
 * @timeout_ms: how long to wait for the first one
 * @block: gets where they belong; may be NULL
 *
 * Takes what is there, up to @samples, but not over a gap, and not over the begin or the end of
 * what has IIOBRIDGE_BLOCK_TUNED.
 *
 * Return: number of samples; 0 when none came in time; or as iiobridge_rx_acquire().
 */
int64_t iiobridge_rx_read(struct iiobridge_rx *rx, void *data, size_t samples, int timeout_ms,
			  struct iiobridge_block *block);

/**
 * iiobridge_rx_next_record() - take the oldest record that was not taken
 * @rx: a stream with IIOBRIDGE_STREAM_KEEP_RECORDS
 * @record: gets it
 *
 * Does not wait. The last one of a run has IIOBRIDGE_RECORD_IS_END. Who takes none for long makes
 * the library drop some, which are told as @records_missing.
 *
 * Return: 1, or 0 when there is none.
 */
int iiobridge_rx_next_record(struct iiobridge_rx *rx, struct iiobridge_block_record *record);

/**
 * iiobridge_rx_statistics() - what the board said last of the run
 * @rx: the stream
 * @statistics: gets it; final when the stream was stopped
 *
 * Asks nothing: the library asks a few times a second.
 *
 * Return: 1; 0 when nothing is known, as of a board that went away.
 */
int iiobridge_rx_statistics(struct iiobridge_rx *rx, struct iiobridge_statistics_info *statistics);

/**
 * struct iiobridge_clock - the clock of a run
 * @time_ns: board's time of sample 0, from the record of the first block
 * @realtime_ns: time of day of sample 0, from when the host had the first block
 * @drift_ns: how much later than that clock says the newest block was full; grows when the
 *converter is slower than its rate, and jitters with the board's interrupts
 * @reserved: 0
 *
 * Sample n was taken n / rate later. A run whose sample rate is changed has no such clock from
 *there on: each block has the time at which it was full.
 */
struct iiobridge_clock {
	uint64_t time_ns;
	uint64_t realtime_ns;
	int64_t drift_ns;
	uint64_t reserved;
};

/**
 * iiobridge_rx_clock() - the clock of a run
 * @rx: the stream
 * @clock: gets it
 *
 * Return: 1; 0 while no record came, when the route tells no rate, and once it was changed.
 */
int iiobridge_rx_clock(struct iiobridge_rx *rx, struct iiobridge_clock *clock);

/**
 * iiobridge_rx_fd() - what to wait for beside others
 * @rx: the stream
 *
 * Return: a file descriptor for poll(2), readable when iiobridge_rx_acquire() may have something to
 * say; the library's, which nobody else reads or closes.
 */
int iiobridge_rx_fd(const struct iiobridge_rx *rx);

/**
 * iiobridge_rx_cancel() - end a wait
 * @rx: the stream, which runs on
 *
 * The iiobridge_rx_acquire() or iiobridge_rx_read() that waits, or the next one that would, returns
 * IIOBRIDGE_ERROR_CANCELLED. May be called by a signal handler.
 */
void iiobridge_rx_cancel(struct iiobridge_rx *rx);

/* ---- transmission ---- */

/** struct iiobridge_tx - a stream to a DAC; opaque */
struct iiobridge_tx;

/**
 * iiobridge_tx_open() - prepare to send
 * @board: the board
 * @route: number of a tx route
 * @settings: how; NULL: all 0
 * @tx: gets the stream; to be given to iiobridge_tx_close()
 *
 * The route starts with the first samples. The board needs whole blocks, and has to know where the
 * samples end before the last one is sent: so the end of each block waits until it is known what
 * follows it, and a program that makes a pause has underflows.
 *
 * Return: as iiobridge_rx_open().
 */
int iiobridge_tx_open(struct iiobridge_board *board, unsigned int route,
		      const struct iiobridge_stream_settings *settings, struct iiobridge_tx **tx);

/**
 * iiobridge_tx_close() - stop the route if it runs, and release the stream
 * @tx: from iiobridge_tx_open(), or NULL
 *
 * What the DAC has not played is dropped. Otherwise as iiobridge_rx_close().
 */
void iiobridge_tx_close(struct iiobridge_tx *tx);

/** iiobridge_tx_route() - the route as it runs; as iiobridge_rx_route() */
const struct iiobridge_route *iiobridge_tx_route(const struct iiobridge_tx *tx);

/**
 * struct iiobridge_buffer - room for samples to send
 * @data: where to put them
 * @samples: how many fit
 */
struct iiobridge_buffer {
	void *data;
	size_t samples;
};

/**
 * iiobridge_tx_acquire() - get room for samples
 * @tx: the stream
 * @timeout_ms: how long to wait for room
 * @buffer: gets it, until iiobridge_tx_submit(); the same again when it is not submitted
 *
 * While there is a transfer that is not in flight, it is that transfer's own memory, which is sent
 * without a copy. A caller who is ahead of all transfers gets memory of the library's, up to what
 * the stream's settings say, which is copied into a transfer when one comes back.
 *
 * Return: 1; 0 when there was none in time; IIOBRIDGE_ERROR_CANCELLED; IIOBRIDGE_ERROR_ENDED; or
 * what ended the stream.
 */
int iiobridge_tx_acquire(struct iiobridge_tx *tx, int timeout_ms, struct iiobridge_buffer *buffer);

/**
 * iiobridge_tx_submit() - send what was put into a buffer
 * @tx: the stream
 * @samples: how many, from the begin of the buffer of the last iiobridge_tx_acquire()
 *
 * Return: 0 or a negative enum iiobridge_result.
 */
int iiobridge_tx_submit(struct iiobridge_tx *tx, size_t samples);

/**
 * iiobridge_tx_write() - copy samples, and send them
 * @tx: the stream
 * @data: the samples
 * @samples: their number
 * @timeout_ms: how long to wait until all are taken
 *
 * Return: number of samples that were taken, fewer than @samples when the time was over; or, when
 * none were taken, as iiobridge_tx_acquire().
 */
int64_t iiobridge_tx_write(struct iiobridge_tx *tx, const void *data, size_t samples,
			   int timeout_ms);

/**
 * iiobridge_tx_end() - say that no samples follow
 * @tx: the stream, to which at least one sample was sent
 *
 * The DAC plays up to the last sample, and the route stops by itself. Does not wait for that.
 *
 * Return: 0 or a negative enum iiobridge_result; IIOBRIDGE_ERROR_INVALID: there were no samples.
 */
int iiobridge_tx_end(struct iiobridge_tx *tx);

/**
 * iiobridge_tx_drain() - wait until all is played
 * @tx: a stream behind iiobridge_tx_end() or iiobridge_tx_repeat()
 * @timeout_ms: how long to wait
 *
 * Return: 1 when the DAC has played all, or the board repeats it; 0 when it has not yet;
 * IIOBRIDGE_ERROR_TIMEOUT: the board plays no more and does not come to the end; or as
 * iiobridge_tx_acquire().
 */
int iiobridge_tx_drain(struct iiobridge_tx *tx, int timeout_ms);

/**
 * iiobridge_tx_stop() - stop the route
 * @tx: the stream, whether it runs or not
 *
 * What the DAC has not played is dropped. Asks for the final statistics and takes the last records.
 * What is written then begins a new run.
 *
 * Return: 0 or a negative enum iiobridge_result; a board that is gone is none.
 */
int iiobridge_tx_stop(struct iiobridge_tx *tx);

/**
 * iiobridge_tx_repeat() - send a waveform that the board repeats until the route is stopped
 * @tx: a stream to which nothing was sent in this run
 * @data: the samples
 * @samples: their number; all of them must fit the blocks of the route
 *
 * The board has only whole blocks, but for the last one: so as many copies as fit are sent, and
 * there is no gap between them. Where the kernel repeats (IIOBRIDGE_REPEATER_KERNEL) and the
 * waveform fits a block, each block has the same. Waits until all is sent; iiobridge_tx_drain()
 * then waits until the board repeats it, and needs no host any more.
 *
 * Return: 0 or a negative enum iiobridge_result; IIOBRIDGE_ERROR_INVALID: the waveform is empty, or
 * too long, and the sentence says what fits.
 */
int iiobridge_tx_repeat(struct iiobridge_tx *tx, const void *data, size_t samples);

/**
 * iiobridge_tx_repeater() - who repeats the waveform
 * @tx: the stream
 *
 * Return: enum iiobridge_repeater; IIOBRIDGE_REPEATER_NONE while nobody does.
 */
int iiobridge_tx_repeater(struct iiobridge_tx *tx);

/**
 * iiobridge_tx_detach() - release the stream, and leave the board repeating
 * @tx: a stream for which iiobridge_tx_drain() returned 1 behind iiobridge_tx_repeat()
 */
void iiobridge_tx_detach(struct iiobridge_tx *tx);

/**
 * iiobridge_tx_played() - how much the DAC has played
 * @tx: the stream
 *
 * Return: samples since the start, as the board said last; of a waveform, with its repetitions.
 */
uint64_t iiobridge_tx_played(struct iiobridge_tx *tx);

/**
 * struct iiobridge_underflow - a moment in which the DAC had nothing to play
 * @sample: samples that were played before it in this run
 * @missed: samples that it missed; 0 when the board does not know how many
 * @time_ns: when the DAC went on, board's time; 0 when it is not known
 * @reserved: 0
 */
struct iiobridge_underflow {
	uint64_t sample;
	uint64_t missed;
	uint64_t time_ns;
	uint64_t reserved;
};

/**
 * iiobridge_tx_next_underflow() - take the oldest underflow that was not taken
 * @tx: the stream
 * @timeout_ms: how long to wait for one
 * @underflow: gets it
 *
 * May be called by another thread than the one that writes. After 65536 of them only the
 * statistics count on.
 *
 * Return: 1; 0 when there is none in time; IIOBRIDGE_ERROR_CANCELLED; IIOBRIDGE_ERROR_ENDED; or
 * what ended the stream.
 */
int iiobridge_tx_next_underflow(struct iiobridge_tx *tx, int timeout_ms,
				struct iiobridge_underflow *underflow);

/** iiobridge_tx_next_record() - as iiobridge_rx_next_record() */
int iiobridge_tx_next_record(struct iiobridge_tx *tx, struct iiobridge_block_record *record);

/** iiobridge_tx_statistics() - as iiobridge_rx_statistics() */
int iiobridge_tx_statistics(struct iiobridge_tx *tx, struct iiobridge_statistics_info *statistics);

/** iiobridge_tx_fd() - as iiobridge_rx_fd(), for iiobridge_tx_acquire() and iiobridge_tx_drain() */
int iiobridge_tx_fd(const struct iiobridge_tx *tx);

/**
 * iiobridge_tx_cancel() - as iiobridge_rx_cancel()
 * @tx: the stream, which runs on
 *
 * Ends a wait of the thread that writes, or drains, and one of a thread in
 * iiobridge_tx_next_underflow().
 */
void iiobridge_tx_cancel(struct iiobridge_tx *tx);

/* ---- conversion ---- */

/** struct iiobridge_conversion - values of samples as numbers of a program; opaque */
struct iiobridge_conversion;

/**
 * enum iiobridge_format - numbers of a program, in the host's byte order
 *
 * An integer is the converter's own number with its sign extended; where it has more valid bits
 * than the format, the lowest are left out. A float is that number divided by full scale, which is
 * the weight of the highest valid bit: so it is from -1 to just below 1. Unsigned values get the
 * middle of their range subtracted.
 */
enum iiobridge_format {
	IIOBRIDGE_FORMAT_S8,
	IIOBRIDGE_FORMAT_S16,
	IIOBRIDGE_FORMAT_S32,
	IIOBRIDGE_FORMAT_F32,
};

/**
 * struct iiobridge_value - where a value lies in a sample, and what it is
 * @offset: bytes from the beginning of the sample
 * @bits: valid bits, from 1 to @storage_bits
 * @storage_bits: 8, 16, 32 or 64
 * @shift: right shift that brings the valid bits to bit 0
 * @is_signed: two's complement; else unsigned
 * @is_big_endian: order of its bytes
 * @is_float: an IEEE 754 number of 32 or 64 bits, whose full scale is 1
 */
struct iiobridge_value {
	size_t offset;
	unsigned int bits;
	unsigned int storage_bits;
	unsigned int shift;
	bool is_signed;
	bool is_big_endian;
	bool is_float;
};

/**
 * iiobridge_conversion_new() - prepare to convert samples of any layout
 * @values: the values of a sample that are wanted, in the order in which the program has them
 * @count: their number, at least 1
 * @sample_size: bytes from one sample to the next
 * @format: enum iiobridge_format
 * @conversion: gets the conversion; to be given to iiobridge_conversion_free()
 *
 * Return: 0 or a negative enum iiobridge_result; IIOBRIDGE_ERROR_INVALID: a value is none that can
 * be converted, or does not fit the sample.
 */
int iiobridge_conversion_new(const struct iiobridge_value *values, size_t count, size_t sample_size,
			     int format, struct iiobridge_conversion **conversion);

/**
 * iiobridge_conversion_of_route() - prepare to convert samples of a route
 * @route: the route of a stream
 * @channels: numbers of the channels that are wanted, in the order in which the program has them
 * @count: their number, at least 1
 * @format: enum iiobridge_format
 * @conversion: gets the conversion; to be given to iiobridge_conversion_free()
 *
 * Return: as iiobridge_conversion_new(); also when a channel is not in the samples.
 */
int iiobridge_conversion_of_route(const struct iiobridge_route *route, const unsigned int *channels,
				  size_t count, int format,
				  struct iiobridge_conversion **conversion);

/**
 * iiobridge_conversion_free() - release a conversion
 * @conversion: the conversion, or NULL
 */
void iiobridge_conversion_free(struct iiobridge_conversion *conversion);

/**
 * iiobridge_conversion_full_scale() - the number that stands for full scale
 * @conversion: the conversion
 * @index: place in the values
 *
 * Return: 1 for floats; of integers the largest magnitude that comes, such as 2048 of 12 bits.
 */
double iiobridge_conversion_full_scale(const struct iiobridge_conversion *conversion, size_t index);

/**
 * iiobridge_conversion_unpack() - samples to numbers, those of a sample one behind the other
 * @conversion: the conversion
 * @samples: the samples, without alignment
 * @count: number of samples
 * @numbers: gets count times the number of values
 */
void iiobridge_conversion_unpack(const struct iiobridge_conversion *conversion, const void *samples,
				 size_t count, void *numbers);

/**
 * iiobridge_conversion_unpack_planar() - samples to numbers, an array for each value
 * @conversion: the conversion
 * @samples: the samples, without alignment
 * @count: number of samples
 * @numbers: for each value an array that gets @count numbers
 */
void iiobridge_conversion_unpack_planar(const struct iiobridge_conversion *conversion,
					const void *samples, size_t count, void *const *numbers);

/**
 * iiobridge_conversion_pack() - numbers to samples, the reverse of iiobridge_conversion_unpack()
 * @conversion: the conversion
 * @numbers: the numbers; what is beyond full scale becomes full scale, a float that is none becomes
 * 0
 * @count: number of samples
 * @samples: gets them; what is not of a value, and a bit of one that is not valid, becomes 0
 */
void iiobridge_conversion_pack(const struct iiobridge_conversion *conversion, const void *numbers,
			       size_t count, void *samples);

/**
 * iiobridge_conversion_pack_planar() - numbers to samples, an array for each value
 * @conversion: the conversion
 * @numbers: for each value an array of @count numbers, as for iiobridge_conversion_pack()
 * @count: number of samples
 * @samples: gets them, as for iiobridge_conversion_pack()
 */
void iiobridge_conversion_pack_planar(const struct iiobridge_conversion *conversion,
				      const void *const *numbers, size_t count, void *samples);

#ifdef __cplusplus
}
#endif

#endif
