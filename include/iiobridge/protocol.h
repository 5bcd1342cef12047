/* SPDX-License-Identifier: MIT */
/**
 * DOC: the iiobridge USB protocol, version 1
 *
 * A board that runs iiobridged has one vendor-specific interface. The interface's string is
 * %IIOBRIDGE_INTERFACE_NAME and its class triple %IIOBRIDGE_CLASS, %IIOBRIDGE_SUBCLASS,
 * %IIOBRIDGE_PROTOCOL; these identify it, not the vendor and product id of the device.
 *
 * The interface has one bulk endpoint for each end of a route that is on USB, which carries samples
 * and nothing else, in whole blocks; and one bulk IN endpoint that carries records, which say what
 * became of each block (struct iiobridge_record). A block that is sent before it is full, of a
 * capture with IIOBRIDGE_COPY_EARLY, ends with a short packet or one without data. Everything else
 * is said in vendor requests to the interface on the control endpoint:
 *
 *	bmRequestType  vendor | interface, and the direction that the request names
 *	bRequest       enum iiobridge_request
 *	wValue         route number, 0-based; IIOBRIDGE_GET_CHANNEL: route | channel << 8;
 *		       requests about controls: number of the control, 0-based
 *	wIndex         interface number
 *	wLength        OUT: exactly the size of the request's structure, or 0; IN: as much of it as
 *		       the host wants, at least 1
 *
 * A request that the board cannot carry out is answered with a STALL; IIOBRIDGE_GET_ERROR then
 * says why. Numbers are little-endian, text is UTF-8 and always ends in a NUL byte.
 *
 * Structures of answers may grow at their end with the minor version. A host that knows less of one
 * asks for less; one that knows more gets fewer bytes than it asked for.
 *
 * This file needs nothing but <stdint.h> and compiles as C99 and as C++.
 */
#ifndef IIOBRIDGE_PROTOCOL_H
#define IIOBRIDGE_PROTOCOL_H

#include <stdint.h>

#define IIOBRIDGE_INTERFACE_NAME "iiobridge"
#define IIOBRIDGE_CLASS		 0xff
#define IIOBRIDGE_SUBCLASS	 0x49
#define IIOBRIDGE_PROTOCOL	 0x01

/* Under Windows, which binds WinUSB by itself, the class of device interfaces to look for. */
#define IIOBRIDGE_INTERFACE_GUID "{74453CC2-8531-4D75-8C40-B6A7777FD453}"

/* A host refuses another major version; a minor version only adds. */
#define IIOBRIDGE_PROTOCOL_MAJOR 1
#define IIOBRIDGE_PROTOCOL_MINOR 4

#define IIOBRIDGE_MAX_ROUTES   16
#define IIOBRIDGE_MAX_CHANNELS 32
#define IIOBRIDGE_MAX_CONTROLS 128

/**
 * enum iiobridge_request - bRequest
 * @IIOBRIDGE_GET_DEVICE: IN, struct iiobridge_device_info; wValue is 0
 * @IIOBRIDGE_GET_ROUTE: IN, struct iiobridge_route_info
 * @IIOBRIDGE_GET_CHANNEL: IN, struct iiobridge_channel_info
 * @IIOBRIDGE_SET_PARAMETERS: OUT, struct iiobridge_parameters: what the next start of the route
 *	uses. FunctionFS cannot stall a request once its data has been read, so the values are
 *	judged by the next IIOBRIDGE_START. They hold until the host sets others or the USB
 *	configuration is left.
 * @IIOBRIDGE_START: OUT, no data: start the route. Its status stage ends when the route runs. A
 *	route that is running is stopped first: old blocks are flushed and counting begins at 0;
 *	but a start that is refused for its parameters leaves it running.
 * @IIOBRIDGE_STOP: OUT, no data: stop the route. A stopped route stays stopped; not an error.
 * @IIOBRIDGE_FINISH: OUT, struct iiobridge_finish: the host is about to send the last block of a
 *	playback. The route stops by itself when the DAC has played it, or repeats all of it. A bad
 *	value stops it, too, as a fault of the route, because the request cannot be stalled any
 *	more.
 * @IIOBRIDGE_GET_STATISTICS: IN, struct iiobridge_statistics
 * @IIOBRIDGE_GET_ERROR: IN, struct iiobridge_error: the last request that was answered with a
 *	STALL, or the last fault of a route, whichever came later; wValue is 0
 * @IIOBRIDGE_READ_CONTROL: OUT, no data: read the value, and what it may be, from its driver again;
 *	wValue %IIOBRIDGE_ALL_CONTROLS: of all of them. It is acknowledged before that is done:
 *until then the control is IIOBRIDGE_CONTROL_PENDING. Since version 1.3, as all about controls
 * @IIOBRIDGE_SET_CONTROL: OUT, struct iiobridge_control_value: give a control a value, and read
 *	back what the driver took; the host hears of it as of the one before
 * @IIOBRIDGE_GET_CONTROL: IN, struct iiobridge_control_info
 * @IIOBRIDGE_GET_CHANGES: IN, a byte for each control, in their order: the @changes of it. It has
 *	the board look for more changes, if it has not just done so
 * @IIOBRIDGE_GET_TIME: IN, struct iiobridge_time; wValue is 0. Since version 1.4
 */
enum iiobridge_request {
	IIOBRIDGE_GET_DEVICE = 1,
	IIOBRIDGE_GET_ROUTE = 2,
	IIOBRIDGE_GET_CHANNEL = 3,
	IIOBRIDGE_SET_PARAMETERS = 4,
	IIOBRIDGE_START = 5,
	IIOBRIDGE_STOP = 6,
	IIOBRIDGE_GET_STATISTICS = 7,
	IIOBRIDGE_GET_ERROR = 8,
	IIOBRIDGE_FINISH = 9,
	IIOBRIDGE_READ_CONTROL = 10,
	IIOBRIDGE_SET_CONTROL = 11,
	IIOBRIDGE_GET_CONTROL = 12,
	IIOBRIDGE_GET_CHANGES = 13,
	IIOBRIDGE_GET_TIME = 14,
};

#define IIOBRIDGE_ALL_CONTROLS 0xffff

/**
 * struct iiobridge_device_info - answer to IIOBRIDGE_GET_DEVICE
 * @version_major: IIOBRIDGE_PROTOCOL_MAJOR of the board
 * @version_minor: IIOBRIDGE_PROTOCOL_MINOR of the board
 * @route_count: number of routes
 * @endpoint_records: address of the endpoint that the host reads records from
 * @control_count: number of controls, IIOBRIDGE_MAX_CONTROLS at most; since version 1.3
 * @reserved: 0
 * @software: version of iiobridged
 * @model: what the board calls itself
 */
struct iiobridge_device_info {
	uint16_t version_major;
	uint16_t version_minor;
	uint8_t route_count;
	uint8_t endpoint_records;
	uint8_t control_count;
	uint8_t reserved;
	char software[24];
	char model[64];
};

/**
 * struct iiobridge_time - answer to IIOBRIDGE_GET_TIME
 * @time_ns: CLOCK_MONOTONIC of the board when it made the answer, nanoseconds: the clock of the
 *	records
 */
struct iiobridge_time {
	uint64_t time_ns;
};

/** enum iiobridge_direction - where the samples of a route go */
enum iiobridge_direction {
	IIOBRIDGE_CAPTURE = 0,	 /* ADC to host */
	IIOBRIDGE_PLAYBACK = 1,	 /* host to DAC */
	IIOBRIDGE_REPEATER = 2,	 /* ADC to DAC, not over USB */
	IIOBRIDGE_LINK_TEST = 3, /* host to host */
};

/** enum iiobridge_state - whether a route runs */
enum iiobridge_state {
	IIOBRIDGE_STOPPED = 0,
	IIOBRIDGE_RUNNING = 1,
};

/** enum iiobridge_transfer - how a route moves its blocks */
enum iiobridge_transfer {
	IIOBRIDGE_DMABUF = 0, /* the same DMABUF on both sides, no copy */
	IIOBRIDGE_COPY = 1,   /* read() and write() */
	/* The same, and blocks may be sent before they are full; since version 1.2 */
	IIOBRIDGE_COPY_EARLY = 2,
};

/** enum iiobridge_cyclic - who is to repeat what a host sends with IIOBRIDGE_FINISH_REPEAT */
enum iiobridge_cyclic {
	IIOBRIDGE_CYCLIC_DAEMON = 0, /* iiobridged gives the blocks to the DAC again and again */
	IIOBRIDGE_CYCLIC_KERNEL = 1, /* the kernel, if it can, with IIOBRIDGE_FINISH_ALIKE */
};

/** enum iiobridge_repeating - who repeats it at the moment */
enum iiobridge_repeating {
	IIOBRIDGE_REPEATING_NOTHING = 0,
	IIOBRIDGE_REPEATING_DAEMON = 1,
	IIOBRIDGE_REPEATING_KERNEL = 2, /* which tells nobody how often */
};

/**
 * struct iiobridge_route_info - answer to IIOBRIDGE_GET_ROUTE
 * @direction: enum iiobridge_direction
 * @state: enum iiobridge_state
 * @transfer: enum iiobridge_transfer
 * @channel_count: number of channels of the IIO device that can be part of a scan, 0 when the
 *	device is not there
 * @endpoint_in: address of the endpoint that the host reads, 0 where there is none
 * @endpoint_out: address of the endpoint that the host writes, 0 where there is none
 * @cyclic: enum iiobridge_cyclic; since version 1.1
 * @repeating: enum iiobridge_repeating; since version 1.1
 * @channel_mask: channels that a scan holds, bit n is channel n
 * @block_size: bytes in a block: the running route's, or what the next start will use
 * @block_size_max: largest block that a start may ask for, bytes
 * @block_count: number of blocks
 * @bytes_per_scan: one sample of each channel in @channel_mask, with padding
 * @block_step: what a block is a multiple of, bytes; 0 from a board that does not tell it
 * @sample_rate_millihertz: scans per 1000 seconds, 0 when the device does not say
 * @name: name of the route in the board's configuration
 * @device: name of the IIO device, empty where there is none
 *
 * @channel_mask, @block_size, @bytes_per_scan and @block_step are those of the running route, or
 * those that the next start will use; 0 when a start would be refused.
 */
struct iiobridge_route_info {
	uint8_t direction;
	uint8_t state;
	uint8_t transfer;
	uint8_t channel_count;
	uint8_t endpoint_in;
	uint8_t endpoint_out;
	uint8_t cyclic;
	uint8_t repeating;
	uint32_t channel_mask;
	uint32_t block_size;
	uint32_t block_size_max;
	uint32_t block_count;
	uint32_t bytes_per_scan;
	uint32_t block_step;
	uint64_t sample_rate_millihertz;
	char name[32];
	char device[64];
};

/**
 * struct iiobridge_channel_info - answer to IIOBRIDGE_GET_CHANNEL
 * @index: the channel's place in a scan (IIO's scan index)
 * @big_endian: 1 when its samples are big-endian
 * @is_signed: 1 when its samples are signed
 * @bits: valid bits of a sample
 * @storage_bits: bits that a sample takes in the scan
 * @shift: right shift that brings the valid bits to bit 0
 * @repeat: number of values in a sample, 1 for most
 * @reserved: 0
 * @id: IIO's channel id, such as voltage0
 *
 * See Documentation/ABI/testing/sysfs-bus-iio of the kernel, in_voltageY_type.
 */
struct iiobridge_channel_info {
	uint16_t index;
	uint8_t big_endian;
	uint8_t is_signed;
	uint8_t bits;
	uint8_t storage_bits;
	uint8_t shift;
	uint8_t repeat;
	uint8_t reserved[8];
	char id[32];
};

/**
 * enum iiobridge_parameter_flags - how the next start of a route shall be
 * @IIOBRIDGE_PROMPT_RECORDS: the record of each block is sent as soon as the block was delivered,
 *	and does not wait for others. It costs the board a transfer for each block. Since version
 *	1.4; a board of an earlier one refuses the start
 */
enum iiobridge_parameter_flags {
	IIOBRIDGE_PROMPT_RECORDS = 1,
};

/**
 * struct iiobridge_parameters - data of IIOBRIDGE_SET_PARAMETERS
 * @channel_mask: channels of a scan, bit n is channel n; 0 means as configured
 * @block_size: bytes in a block; 0 means as configured
 * @flags: enum iiobridge_parameter_flags; 0 before version 1.4
 * @reserved: 0
 */
struct iiobridge_parameters {
	uint32_t channel_mask;
	uint32_t block_size;
	uint32_t flags;
	uint32_t reserved;
};

/* Flags of struct iiobridge_finish: play all of it again and again; and each block holds all of it.
 */
#define IIOBRIDGE_FINISH_REPEAT 1u
#define IIOBRIDGE_FINISH_ALIKE	2u

/**
 * struct iiobridge_finish - data of IIOBRIDGE_FINISH
 * @bytes: bytes since the start that count, a multiple of the scan and more than what the host has
 *	sent when it sends this
 * @flags: 0, IIOBRIDGE_FINISH_REPEAT, or both flags
 * @reserved: 0
 *
 * On the wire the last block is as long as the others; what is in it beyond @bytes is not played.
 * A run ends once: a second one is a bad value.
 *
 * With IIOBRIDGE_FINISH_REPEAT the route does not stop after @bytes, but begins with the first byte
 * again, without a gap, until it is stopped. All of it must be in the route's blocks at once: at
 * least 2 of them and at most block_count, sent since the start and nothing before. From the last
 * block on the route needs no host: it goes on when the host's program ends and when the cable is
 * unplugged.
 *
 * With IIOBRIDGE_FINISH_ALIKE, too, each block holds the same, from its begin on, and as many bytes
 * of each count as of the last one: what repeats fits one block. It is for routes whose @cyclic is
 * IIOBRIDGE_CYCLIC_KERNEL: the kernel is asked to repeat one of the blocks; where it does not, they
 * are played one after the other, which is the same. What the kernel repeats counts as one block,
 * which is delivered when the route is stopped.
 */
struct iiobridge_finish {
	uint64_t bytes;
	uint32_t flags;
	uint32_t reserved;
};

/**
 * struct iiobridge_statistics - answer to IIOBRIDGE_GET_STATISTICS
 * @state: enum iiobridge_state
 * @estimated: 1 when @scans_lost is computed from completion times and the sample rate, 0 when
 *	the IIO device counts them itself
 * @starts: how often the route was started since the daemon started
 * @blocks_filled: blocks that were filled by the ADC or the host
 * @blocks_drained: blocks that were delivered to the host or the DAC
 * @blocks_failed: filled blocks that could not be delivered
 * @bytes_drained: bytes in @blocks_drained
 * @gaps: how often the ADC had no block to fill between two blocks that it filled, or the DAC
 *	none to play between two blocks that it played (an underrun)
 * @scans_lost: scans that were lost, or missed, in @gaps
 * @records_lost: records that were dropped because the host did not read them in time
 *
 * All but @starts count from the last start.
 */
struct iiobridge_statistics {
	uint32_t state;
	uint32_t estimated;
	uint64_t starts;
	uint64_t blocks_filled;
	uint64_t blocks_drained;
	uint64_t blocks_failed;
	uint64_t bytes_drained;
	uint64_t gaps;
	uint64_t scans_lost;
	uint64_t records_lost;
};

/** enum iiobridge_error_code - what kind of thing went wrong */
enum iiobridge_error_code {
	IIOBRIDGE_OK = 0,	      /* nothing yet */
	IIOBRIDGE_BAD_REQUEST = 1,    /* no such request in this version */
	IIOBRIDGE_BAD_DIRECTION = 2,  /* an IN request sent as OUT, or the reverse */
	IIOBRIDGE_BAD_LENGTH = 3,     /* wLength is not one that the request can have */
	IIOBRIDGE_BAD_ROUTE = 4,      /* no such route */
	IIOBRIDGE_BAD_CHANNEL = 5,    /* no such channel */
	IIOBRIDGE_BAD_PARAMETERS = 6, /* a value of struct iiobridge_parameters */
	IIOBRIDGE_NO_DEVICE = 7,      /* the IIO device is not there */
	IIOBRIDGE_NO_MEMORY = 8,      /* the blocks could not be had */
	IIOBRIDGE_FAULT = 9,	      /* the kernel refused or a transfer failed */
	IIOBRIDGE_BAD_CONTROL = 10,   /* no such control */
	IIOBRIDGE_NOT_ALLOWED = 11,   /* the board's configuration does not let a host do it */
};

/**
 * struct iiobridge_error - answer to IIOBRIDGE_GET_ERROR
 * @code: enum iiobridge_error_code
 * @request: bRequest that failed, 0 for a fault of a running route
 * @reserved: 0
 * @value: wValue of the request, or the number of the route
 * @message: a sentence for the user
 */
struct iiobridge_error {
	uint32_t code;
	uint8_t request;
	uint8_t reserved;
	uint16_t value;
	char message[248];
};

/**
 * enum iiobridge_role - what a control is for
 *
 * All but the last are quantities of a radio, which a host can use without knowing the board.
 */
enum iiobridge_role {
	IIOBRIDGE_ROLE_ATTRIBUTE = 0,	/* any other attribute of an IIO device */
	IIOBRIDGE_ROLE_FREQUENCY = 1,	/* of the local oscillator, Hz */
	IIOBRIDGE_ROLE_SAMPLE_RATE = 2, /* Hz */
	IIOBRIDGE_ROLE_BANDWIDTH = 3,	/* of the analog filter, both sidebands, Hz */
	IIOBRIDGE_ROLE_GAIN = 4,	/* dB; of a transmitter 0 or less, an attenuation */
	IIOBRIDGE_ROLE_GAIN_MODE = 5,	/* who sets the gain: "manual", or a gain control */
	IIOBRIDGE_ROLE_ANTENNA = 6,	/* the port that is connected */
	IIOBRIDGE_ROLE_RSSI = 7, /* strength of the received signal, dB as the driver has it */
	IIOBRIDGE_ROLE_TEMPERATURE = 8, /* degrees Celsius */
};

/** enum iiobridge_control_kind - what its values are */
enum iiobridge_control_kind {
	IIOBRIDGE_CONTROL_NUMBER = 0,
	IIOBRIDGE_CONTROL_CHOICE = 1, /* text, one of @choices */
	IIOBRIDGE_CONTROL_TEXT = 2,   /* text, as the driver takes it */
};

/** enum iiobridge_control_state - how its value is to be taken */
enum iiobridge_control_state {
	IIOBRIDGE_CONTROL_KNOWN = 0,   /* the driver said so, when it was last read or set */
	IIOBRIDGE_CONTROL_PENDING = 1, /* it is being read or set: ask again */
	IIOBRIDGE_CONTROL_FAILED = 2,  /* it could not be; @message says why */
};

/* Bits of what a host may do with a control. */
#define IIOBRIDGE_CONTROL_READ	0x01u
#define IIOBRIDGE_CONTROL_WRITE 0x02u

/* Route or channel of a control that belongs to none, or to all of them. */
#define IIOBRIDGE_CONTROL_OF_ALL 0xff

/**
 * struct iiobridge_control_value - data of IIOBRIDGE_SET_CONTROL
 * @number: in millionths of the control's unit; 0 where its values are text
 * @text: empty where its values are numbers
 */
struct iiobridge_control_value {
	int64_t number;
	char text[64];
};

/**
 * struct iiobridge_control_info - answer to IIOBRIDGE_GET_CONTROL
 * @state: enum iiobridge_control_state
 * @changes: how often its value was found to be another than it was, without a request to set it:
 *	another program did it, a gain control, or the setting of another control; low 8 bits
 * @kind: enum iiobridge_control_kind
 * @role: enum iiobridge_role
 * @access: IIOBRIDGE_CONTROL_READ, IIOBRIDGE_CONTROL_WRITE
 * @route: number of the route whose samples it is about, or IIOBRIDGE_CONTROL_OF_ALL
 * @channel: number of the receiver or transmitter, from 0, or IIOBRIDGE_CONTROL_OF_ALL
 * @has_range: @minimum, @step and @maximum are known
 * @value: the value; after a failure the last that is known
 * @message: a sentence, when @state is IIOBRIDGE_CONTROL_FAILED
 * @minimum: millionths of the unit
 * @step: the same; 0: any number between
 * @maximum: the same
 * @unit: "Hz", "dB", "°C", or empty
 * @name: what people call it; no other control of the route has this name
 * @choice_count: of values that the driver lists, also numbers
 * @choices_size: bytes of @choices that are used
 * @choices: these values, each ends with a NUL byte; numbers in the unit
 *
 * A host that waits for a value asks for no more than @value.
 */
struct iiobridge_control_info {
	uint8_t state;
	uint8_t changes;
	uint8_t kind;
	uint8_t role;
	uint8_t access;
	uint8_t route;
	uint8_t channel;
	uint8_t has_range;
	struct iiobridge_control_value value;
	char message[248];
	int64_t minimum;
	int64_t step;
	int64_t maximum;
	char unit[8];
	char name[64];
	uint16_t choice_count;
	uint16_t choices_size;
	uint32_t reserved;
	char choices[1024];
};

/**
 * enum iiobridge_record_flags - what a record says beside its numbers
 * @IIOBRIDGE_RECORD_GAP: the ADC had no block to fill just before this one, and lost scans
 * @IIOBRIDGE_RECORD_LATE: the block came late to the DAC, which had none to play just before it
 * @IIOBRIDGE_RECORD_END: the run has ended; the record is about no block. @sequence and
 *	@first_scan are what the next block would have had, @bytes is 0 and both times are 0.
 * @IIOBRIDGE_RECORD_TUNED: a control of the route was set while the block was filled, or before it
 *	and behind the block of the record before: from some sample in it on the signal is another.
 *	Since version 1.3
 * @IIOBRIDGE_RECORD_RATE: and its sample rate is another. Since version 1.3
 */
enum iiobridge_record_flags {
	IIOBRIDGE_RECORD_GAP = 1,
	IIOBRIDGE_RECORD_LATE = 2,
	IIOBRIDGE_RECORD_END = 4,
	IIOBRIDGE_RECORD_TUNED = 8,
	IIOBRIDGE_RECORD_RATE = 16,
};

/**
 * struct iiobridge_record - what became of a block
 * @route: number of the route
 * @flags: enum iiobridge_record_flags
 * @reserved: 0
 * @run: low 32 bits of the route's statistics.starts: an older run's records may come first
 * @sequence: number of the block in the run, from 0
 * @first_scan: place of the block's first scan on the converter's clock: the scans of all blocks
 *	before it in the run, and those that were lost or missed between them
 * @filled_ns: when the block was full: the kernel's time of completion, CLOCK_MONOTONIC of the
 *	board in nanoseconds
 * @drained_ns: when the host had received it, or the DAC had played it; the same clock
 * @bytes: bytes of the block that count
 * @reserved2: 0
 *
 * There is one for each block that was delivered, in order, also when no end of the route is on
 * USB, and one at the end of the run. The endpoint carries whole records, at most
 * IIOBRIDGE_RECORDS_MAX in a transfer; as a transfer's length is never a multiple of a packet's,
 * its last packet ends it. They are sent some 20 to 60 ms after the event, several at once, or at
 * once with IIOBRIDGE_PROMPT_RECORDS. Samples never wait for records: when the host does not read
 * them the oldest are dropped, and counted.
 */
struct iiobridge_record {
	uint8_t route;
	uint8_t flags;
	uint16_t reserved;
	uint32_t run;
	uint64_t sequence;
	uint64_t first_scan;
	uint64_t filled_ns;
	uint64_t drained_ns;
	uint32_t bytes;
	uint32_t reserved2;
};

#define IIOBRIDGE_RECORDS_MAX 63

#endif
