/* SPDX-License-Identifier: GPL-2.0-or-later */
/**
 * DOC: the configuration file
 *
 * libconfig's syntax. Every key has a default; an unknown key, a wrong type or a value out of
 * range is an error. config/iiobridge.conf shows all keys.
 */
#ifndef IIOBRIDGE_CONFIG_H
#define IIOBRIDGE_CONFIG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "iiobridge/protocol.h"

#define CONFIG_NAME_SIZE       32 /* with the NUL, as in struct iiobridge_route_info */
#define CONFIG_TEXT_SIZE       64
#define CONFIG_BLOCK_SIZE_MIN  4096u
#define CONFIG_BLOCK_SIZE_MAX  (64u << 20)
#define CONFIG_BLOCK_SIZE_STEP 1024u /* largest packet of a bulk endpoint */
#define CONFIG_BURST_MAX       15
#define CONFIG_ATTRIBUTES_MAX  32
#define CONFIG_VALUE_SIZE      128
#define CONFIG_CONTROLS_MAX    16
#define CONFIG_CPUS_MAX	       1024

#define CONFIG_PATH_SIZE     108
#define CONFIG_ADDRESS_SIZE  18 /* six bytes as text */
#define CONFIG_MAX_FUNCTIONS 8	/* beside the bridge */

/** enum function_type - what a companion function is */
enum function_type {
	FUNCTION_ACM,	       /* serial line */
	FUNCTION_ECM,	       /* network, CDC ECM */
	FUNCTION_FFS,	       /* FunctionFS instance of another daemon */
	FUNCTION_MASS_STORAGE, /* disk */
	FUNCTION_NCM,	       /* network, CDC NCM */
};

/**
 * struct function_config - a companion function, beside the bridge in the same gadget
 * @type: what it is; the others are empty or false where it has no such key
 * @dev_addr: network address of the board's end; empty for one made from the machine's id
 * @host_addr: network address of the host's end; empty for one made from the machine's id
 * @file: file or block device that is the disk
 * @ro: the host may not write to it
 * @name: name of the FunctionFS instance
 * @mount: directory that it is mounted on
 * @user: user who owns its files, empty for root
 */
struct function_config {
	enum function_type type;
	char dev_addr[CONFIG_ADDRESS_SIZE];
	char host_addr[CONFIG_ADDRESS_SIZE];
	char file[CONFIG_PATH_SIZE];
	bool ro;
	char name[CONFIG_NAME_SIZE];
	char mount[CONFIG_PATH_SIZE];
	char user[CONFIG_NAME_SIZE];
};

/**
 * struct functions_config - the companion functions
 * @count: number of @functions
 * @functions: in the order of the file, in which they follow the bridge in the gadget
 */
struct functions_config {
	unsigned int count;
	struct function_config functions[CONFIG_MAX_FUNCTIONS];
};

/**
 * struct gadget_config - what the board looks like on USB
 * @udc: name in /sys/class/udc, or "auto" for the first one
 * @vendor_id: USB vendor id
 * @product_id: USB product id
 * @manufacturer: string of the device descriptor
 * @product: string of the device descriptor
 * @serial: string of the device descriptor, or "auto" for one made from the machine's id
 * @burst: bMaxBurst of the endpoints at super speed, up to CONFIG_BURST_MAX
 * @functions: what else is in the gadget
 */
struct gadget_config {
	char udc[CONFIG_TEXT_SIZE];
	uint16_t vendor_id;
	uint16_t product_id;
	char manufacturer[CONFIG_TEXT_SIZE];
	char product[CONFIG_TEXT_SIZE];
	char serial[CONFIG_TEXT_SIZE];
	uint32_t burst;
	struct functions_config functions;
};

/**
 * struct process_config - how the kernel's scheduler treats the daemon
 * @priority: of SCHED_FIFO, from 1 to 99; 0 for none
 * @cpus: bit n: it may run on CPU n; no bit at all: as it was started
 */
struct process_config {
	uint32_t priority;
	uint64_t cpus[CONFIG_CPUS_MAX / 64];
};

/**
 * struct end_config - one end of a route
 * @usb: it is the USB host
 * @device: or else the name of the IIO device that it is
 */
struct end_config {
	bool usb;
	char device[CONFIG_TEXT_SIZE];
};

/** enum config_direction - of a channel */
enum config_direction {
	CONFIG_DIRECTION_EITHER, /* the device has only one of that name */
	CONFIG_DIRECTION_INPUT,
	CONFIG_DIRECTION_OUTPUT,
};

/**
 * struct attribute_config - an attribute that gets a value when a route starts
 * @device: IIO device; empty for that of the route: in @from, or else in @to
 * @channel: id of the channel whose attribute it is; empty for one of the device
 * @direction: of the channel
 * @name: of the attribute
 * @value: what is written
 */
struct attribute_config {
	char device[CONFIG_TEXT_SIZE];
	char channel[CONFIG_NAME_SIZE];
	enum config_direction direction;
	char name[CONFIG_TEXT_SIZE];
	char value[CONFIG_VALUE_SIZE];
};

/* What a control is called by its role, enum iiobridge_role. */
extern const char *const config_role_names[IIOBRIDGE_ROLE_TEMPERATURE + 1];

/** enum config_access - what a host may do with controls */
enum config_access {
	CONFIG_ACCESS_WRITE, /* read and set them */
	CONFIG_ACCESS_READ,
	CONFIG_ACCESS_NONE,
};

/**
 * struct control_config - an attribute that is a control
 * @attribute: without a value
 * @name: of the control; empty: that of the attribute
 * @access: CONFIG_ACCESS_WRITE or CONFIG_ACCESS_READ
 */
struct control_config {
	struct attribute_config attribute;
	char name[CONFIG_TEXT_SIZE];
	enum config_access access;
};

/* What the daemon's own triggers are called: this, and the name of the route. */
#define CONFIG_TRIGGER_PREFIX "iiobridge-"

/* In millihertz, of which iio-trig-hrtimer of the kernel has 32 bits. */
#define CONFIG_TRIGGER_MAX 4000000000u

/* Microseconds that a sample may wait for a block to be full, where that is limited. */
#define CONFIG_LATENCY_MIN 1000u
#define CONFIG_LATENCY_MAX 60000000u

/** enum config_transfer - how the ends of a route get their blocks */
enum config_transfer {
	CONFIG_TRANSFER_AUTO,	/* as DMABUFs, or by copies where the kernel refuses these */
	CONFIG_TRANSFER_DMABUF, /* as DMABUFs or not at all */
	CONFIG_TRANSFER_COPY,	/* by copies */
};

/** enum config_cyclic - who repeats what a host has the DAC play again and again */
enum config_cyclic {
	CONFIG_CYCLIC_DAEMON, /* the daemon, which enqueues the blocks again */
	CONFIG_CYCLIC_KERNEL, /* the kernel, what fits one block, if it can */
};

/** enum config_start - when a route starts */
enum config_start {
	CONFIG_START_ON_DEMAND, /* when a host asks for it */
	CONFIG_START_ALWAYS,	/* without being asked */
};

/**
 * struct route_config - one way for samples
 * @name: what the host calls it
 * @from: what fills the blocks
 * @to: what drains them
 * @channel_count: number of @channels, 0 for all that the device has
 * @channels: ids of the channels of a scan, such as voltage0
 * @block_size: bytes in a block
 * @block_count: number of blocks
 * @heap: heap that the blocks come from, as for blocks_alloc()
 * @loss_counter: attribute of the device in @from that counts the scans it lost, empty if it has
 *none
 * @miss_counter: attribute of the device in @to that counts the scans it missed, empty if it has
 *none
 * @attribute_count: number of @attributes
 * @attributes: written in their order at each start, before the devices run
 * @controls: what a host may do with what is tuned of a known transceiver or of the converter
 * @transceiver: name of the IIO device that is tuned; empty: the first one that is known
 * @control_count: number of @control_attributes
 * @control_attributes: more that a host may read or set
 * @trigger: of the device in @from; empty: the one that it has, if it needs one
 * @trigger_millihertz: samples in 1000 seconds, by @trigger, which the daemon makes then; 0: it is
 *	somebody else's
 * @latency_us: how long a sample may wait for a block to be full, microseconds; 0: for ever
 * @transfer: how the ends get the blocks
 * @cyclic: who repeats a waveform
 * @start: CONFIG_START_ALWAYS: when a host has configured the gadget, or with the daemon if no end
 *is on USB
 */
struct route_config {
	char name[CONFIG_NAME_SIZE];
	struct end_config from;
	struct end_config to;
	unsigned int channel_count;
	char channels[IIOBRIDGE_MAX_CHANNELS][CONFIG_NAME_SIZE];
	uint32_t block_size;
	uint32_t block_count;
	char heap[CONFIG_TEXT_SIZE];
	char loss_counter[CONFIG_TEXT_SIZE];
	char miss_counter[CONFIG_TEXT_SIZE];
	unsigned int attribute_count;
	struct attribute_config attributes[CONFIG_ATTRIBUTES_MAX];
	enum config_access controls;
	char transceiver[CONFIG_TEXT_SIZE];
	unsigned int control_count;
	struct control_config control_attributes[CONFIG_CONTROLS_MAX];
	char trigger[CONFIG_TEXT_SIZE];
	uint32_t trigger_millihertz;
	uint32_t latency_us;
	enum config_transfer transfer;
	enum config_cyclic cyclic;
	enum config_start start;
};

/**
 * struct bridge_config - a whole configuration file
 * @gadget: the USB side
 * @process: the daemon itself
 * @route_count: number of @routes, at least 1
 * @routes: in the order of the file; a route's place is its number on the wire
 */
struct bridge_config {
	struct gadget_config gadget;
	struct process_config process;
	unsigned int route_count;
	struct route_config routes[IIOBRIDGE_MAX_ROUTES];
};

/**
 * config_load() - read and check a configuration file
 * @path: the file
 * @config: receives the values; undefined after an error
 * @error: receives a sentence with file, line, key, what is wrong and what is allowed
 * @error_size: bytes in @error
 *
 * Return: 0, or -ENOENT, -EACCES, … when the file cannot be read, -EINVAL when it is not a valid
 * configuration.
 */
int config_load(const char *path, struct bridge_config *config, char *error, size_t error_size);

/**
 * gadget_config_changes() - what another configuration says of the gadget that this one does not
 * @before: from config_load()
 * @after: from another
 * @list: receives the keys whose values differ, between commas; empty when there are none
 * @size: bytes in @list
 */
void gadget_config_changes(const struct gadget_config *before, const struct gadget_config *after,
			   char *list, size_t size);

/**
 * process_config_changes() - what another configuration says of the process that this one does not
 * @before: from config_load()
 * @after: from another
 * @list: receives the keys whose values differ, between commas; empty when there are none
 * @size: bytes in @list
 */
void process_config_changes(const struct process_config *before, const struct process_config *after,
			    char *list, size_t size);

/**
 * route_config_changes() - what another configuration says of a route that this one does not
 * @before: from config_load()
 * @after: from another
 * @list: receives the keys whose values differ, between commas; empty when there are none
 * @size: bytes in @list
 */
void route_config_changes(const struct route_config *before, const struct route_config *after,
			  char *list, size_t size);

/**
 * config_parse_size() - read a number of bytes as people write it
 * @text: digits and, after any space, one of B, KiB, MiB, GiB or nothing: "1 MiB", "65536"
 * @size: receives the number of bytes
 *
 * Return: 0, -EINVAL when @text is something else, -ERANGE when it does not fit.
 */
int config_parse_size(const char *text, uint64_t *size);

/**
 * config_parse_time() - read a time as people write it
 * @text: digits, with a fraction or without, and after any space one of us, ms, s: "100 ms"
 * @microseconds: receives it
 *
 * Return: 0, -EINVAL when @text is something else, -ERANGE when it is no whole number or does not
 * fit.
 */
int config_parse_time(const char *text, uint64_t *microseconds);

/**
 * config_parse_frequency() - read a frequency as people write it
 * @text: digits, with a fraction or without, and after any space one of Hz, kHz, MHz: "0.5 Hz"
 * @millihertz: receives the number of periods in 1000 seconds
 *
 * Return: 0, -EINVAL when @text is something else, -ERANGE when it is no whole number or does not
 * fit.
 */
int config_parse_frequency(const char *text, uint64_t *millihertz);

#endif
