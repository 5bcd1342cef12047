// SPDX-License-Identifier: GPL-2.0-or-later
#include "check_board.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <iio.h>
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/resource.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "core/bounce.h"
#include "core/heap.h"
#include "core/log.h"
#include "core/text.h"
#include "core/uapi.h"
#include "gadget/binding.h"
#include "gadget/udc.h"
#include "iio/buffer.h"
#include "iio/converter.h"
#include "iio/trigger.h"
#include "plan.h"
#include "systemd/json.h"

#define CONFIGFS_GADGETS "/sys/kernel/config/usb_gadget"
#define TEXT_SIZE	 512

/* What a line says of its thing. */
enum check_result {
	RESULT_OK,
	RESULT_NOTE,	/* something to know */
	RESULT_COPY,	/* it works, and the samples are copied */
	RESULT_MISSING, /* it does not work */
};

static const char *const results[] = {
	[RESULT_OK] = "ok",
	[RESULT_NOTE] = "note",
	[RESULT_COPY] = "copy",
	[RESULT_MISSING] = "missing",
};

struct check {
	const struct bridge_config *config;
	char udc[CONFIG_TEXT_SIZE]; /* that the gadget is for, empty for none */
	struct port_limits limits;  /* of that */
	struct json json;
	bool is_json;
	bool missing;
};

/*
 * Print a line. @name: of the thing among others of its kind, NULL where there is one. @remedy:
 * what to do about it, NULL for nothing.
 */
__attribute__((format(printf, 6, 7))) static void tell(struct check *check,
						       enum check_result result, const char *kind,
						       const char *name, const char *remedy,
						       const char *format, ...)
{
	char text[TEXT_SIZE];
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(text, sizeof(text), format, arguments);
	va_end(arguments);
	check->missing |= result == RESULT_MISSING;
	if (!check->is_json) {
		printf("%-8s %-11s %s%s%s\n", results[result], kind, name ? name : "",
		       name ? ": " : "", text);
		if (remedy)
			printf("%-8s %-11s -> %s\n", "", "", remedy);
		return;
	}
	json_begin_object(&check->json, NULL);
	json_string(&check->json, "result", results[result]);
	json_string(&check->json, "kind", kind);
	if (name)
		json_string(&check->json, "name", name);
	json_string(&check->json, "text", text);
	if (remedy)
		json_string(&check->json, "remedy", remedy);
	json_end_object(&check->json);
}

/* What each series of Linux brought, see docs/hardware.md and iiobridged(8). */
static void check_kernel(struct check *check)
{
	struct utsname system = { 0 };
	unsigned int major = 0, minor = 0;

	uname(&system);
	sscanf(system.release, "%u.%u", &major, &minor);
	if (major < 6 || (major == 6 && minor < 9))
		tell(check, RESULT_COPY, "kernel", NULL,
		     "Linux 6.12 or later passes DMABUFs at both ends",
		     "Linux %s has no DMABUFs, neither in FunctionFS (6.9) nor in IIO (6.12)",
		     system.release);
	else if (major == 6 && minor < 12)
		tell(check, RESULT_COPY, "kernel", NULL,
		     "Linux 6.12 or later passes DMABUFs at both ends",
		     "Linux %s has DMABUFs in FunctionFS, but not in IIO (6.12)", system.release);
	else
		tell(check, RESULT_OK, "kernel", NULL, NULL,
		     "Linux %s has DMABUFs in FunctionFS and in IIO", system.release);
	if (major > 6 || (major == 6 && minor >= 9))
		tell(check, RESULT_NOTE, "kernel", NULL,
		     "where that is not acceptable: the patches in docs/kernel of the sources",
		     "a gadget that is unbound while it streams can be an oops, see iiobridged(8)");
}

/* Whether /proc/filesystems has it. */
static bool has_file_system(const char *name)
{
	FILE *systems = fopen("/proc/filesystems", "re");
	char line[128];
	bool found = false;

	while (systems && !found && fgets(line, sizeof(line), systems)) {
		const char *tab = strchr(line, '\t');

		line[strcspn(line, "\n")] = '\0';
		found = tab && strcmp(tab + 1, name) == 0;
	}
	if (systems)
		fclose(systems);
	return found;
}

static void check_gadgets(struct check *check)
{
	if (access(CONFIGFS_GADGETS, F_OK) == 0)
		tell(check, RESULT_OK, "configfs", NULL, NULL, CONFIGFS_GADGETS);
	else
		tell(check, RESULT_MISSING, "configfs", NULL,
		     "modprobe libcomposite; mount -t configfs none /sys/kernel/config",
		     "there is no " CONFIGFS_GADGETS);
	if (has_file_system("functionfs"))
		tell(check, RESULT_OK, "FunctionFS", NULL, NULL, "loaded");
	else
		tell(check, RESULT_NOTE, "FunctionFS", NULL,
		     "modprobe usb_f_fs, or a kernel with CONFIG_USB_CONFIGFS_F_FS",
		     "not loaded; the kernel loads it with the gadget, if it has it");
}

static void read_attribute(const char *udc, const char *name, char *value, size_t size)
{
	char path[sizeof(UDC_CLASS) + 300];

	snprintf(path, sizeof(path), UDC_CLASS "/%s/%s", udc, name);
	text_read(AT_FDCWD, path, value, size);
}

/* What its driver can do, as part of a sentence. */
static void describe_limits(const struct port_limits *limits, char *text, size_t size)
{
	char item[96];

	text[0] = '\0';
	if (limits->longest_block) {
		snprintf(item, sizeof(item), "at most %u bytes", limits->longest_block);
		text_list(text, size, item);
	}
	if (limits->longest_entry) {
		snprintf(item, sizeof(item), "no piece beyond %u bytes", limits->longest_entry);
		text_list(text, size, item);
	}
	if (limits->entries) {
		snprintf(item, sizeof(item), "at most %u pieces", limits->entries);
		text_list(text, size, item);
	}
	if (limits->no_offsets)
		text_list(text, size, "none from udmabuf");
	if (limits->whole_entries)
		text_list(text, size, "whole blocks only");
}

static void check_udc(struct check *check, const char *name)
{
	char fastest[CONFIG_NAME_SIZE], speed[CONFIG_NAME_SIZE], user[CONFIG_TEXT_SIZE + 16];
	char limited[256];
	struct port_limits limits;
	bool used = binding_udc_user(name, user, sizeof(user));

	read_attribute(name, "maximum_speed", fastest, sizeof(fastest));
	read_attribute(name, "current_speed", speed, sizeof(speed));
	udc_find_limits(name, &limits);
	describe_limits(&limits, limited, sizeof(limited));
	if (limits.refusal)
		tell(check, RESULT_COPY, "UDC", name, NULL,
		     "up to %s, now %s, %s%s; takes no DMABUFs: %s", fastest, speed,
		     used ? "used by " : "free", used ? user : "", limits.refusal);
	else
		tell(check, RESULT_OK, "UDC", name, NULL,
		     "up to %s, now %s, %s%s; takes DMABUFs%s%s", fastest, speed,
		     used ? "used by " : "free", used ? user : "", limited[0] ? ": " : "", limited);
	if (check->udc[0] || (check->config && strcmp(check->config->gadget.udc, "auto") != 0 &&
			      strcmp(check->config->gadget.udc, name) != 0))
		return;
	text_copy(check->udc, sizeof(check->udc), name);
	check->limits = limits;
}

static void check_udcs(struct check *check)
{
	char wanted[CONFIG_TEXT_SIZE + 8] = "";
	DIR *udcs = opendir(UDC_CLASS);
	struct dirent *entry;

	while (udcs && (entry = readdir(udcs)))
		if (entry->d_name[0] != '.')
			check_udc(check, entry->d_name);
	if (udcs)
		closedir(udcs);
	if (check->udc[0])
		return;
	if (check->config && strcmp(check->config->gadget.udc, "auto") != 0)
		snprintf(wanted, sizeof(wanted), " \"%s\"", check->config->gadget.udc);
	tell(check, RESULT_MISSING, "UDC", NULL,
	     "load its driver; a controller for both roles must be in that of a device",
	     "there is no USB device controller%s in " UDC_CLASS, wanted);
}

static void check_memory(struct check *check)
{
	char heaps[256];

	heap_list(heaps, sizeof(heaps));
	if (strcmp(heaps, "none") == 0)
		tell(check, RESULT_COPY, "heaps", NULL,
		     "a kernel with CONFIG_DMABUF_HEAPS_SYSTEM, or CONFIG_UDMABUF",
		     "none, neither in /dev/dma_heap nor /dev/udmabuf: both ends copy");
	else
		tell(check, RESULT_OK, "heaps", NULL, NULL,
		     "%s; %llu MiB of memory available, %llu of %llu MiB contiguous (CMA), %llu of "
		     "%llu huge pages free",
		     heaps, (unsigned long long)meminfo_read("MemAvailable") >> 10,
		     (unsigned long long)meminfo_read("CmaFree") >> 10,
		     (unsigned long long)meminfo_read("CmaTotal") >> 10,
		     (unsigned long long)meminfo_read("HugePages_Free"),
		     (unsigned long long)meminfo_read("HugePages_Total"));
	if (bounce_is_seen())
		tell(check, RESULT_OK, "DMA", NULL, NULL,
		     "whether devices reach a block is seen at each start, by the bounce buffers "
		     "in use");
	else if (bounce_is_certain())
		tell(check, RESULT_OK, "DMA", NULL, NULL,
		     "all memory is below 4 GiB, which devices are taken to reach");
	else
		tell(check, RESULT_COPY, "DMA", NULL,
		     "run this as root; mount debugfs on /sys/kernel/debug",
		     "memory above 4 GiB, and " BOUNCE_KERNEL_COUNT " cannot be read: it is not "
		     "known whether devices reach it, and both ends copy");
}

/* Attach a block of a heap as a route would. Return: 0 or a negative errno, -EIO: out of reach. */
static int try_dmabuf(int buffer, const char *heap)
{
	struct bounce_watch bounces = { 0 };
	struct block block;
	struct error error;
	int ret = block_alloc(&block, 1 << 16, heap, &error);

	if (ret)
		return ret;
	bounce_watch_begin(&bounces);
	if (ioctl(buffer, IIO_BUFFER_DMABUF_ATTACH_IOCTL, &block.fd) < 0)
		ret = -errno;
	else if (bounce_watch_grew(&bounces))
		ret = -EIO;
	block_free(&block);
	return ret;
}

/* How the buffer of a converter takes blocks, with what a route would get from "auto". */
static enum check_result describe_buffer(struct converter *converter, char *text, size_t size)
{
	struct error error;
	int buffer, ret;

	if (!converter_has_dma(converter)) {
		text_copy(text, size, "its buffer is a queue of samples, which is copied");
		return RESULT_COPY;
	}
	buffer = buffer_open(converter, &error);
	if (buffer < 0) {
		snprintf(text, size, "its DMA buffer cannot be looked at now: %s",
			 strerror(-buffer));
		return RESULT_NOTE;
	}
	ret = try_dmabuf(buffer, HEAP_AUTO);
	close(buffer);
	if (!ret)
		text_copy(text, size, "its DMA buffer takes DMABUFs");
	else if (ret == -EIO)
		text_copy(text, size, "its DMA does not reach all memory");
	else
		snprintf(text, size, "its DMA buffer takes no DMABUFs: %s", strerror(-ret));
	return ret ? RESULT_COPY : RESULT_OK;
}

/* What starts its scans, where that is a trigger. Return: what to do, NULL for nothing. */
static const char *describe_trigger(const struct converter *converter, char *text, size_t size)
{
	char trigger[CONFIG_TEXT_SIZE];

	text[0] = '\0';
	if (!trigger_current(converter, trigger, sizeof(trigger)))
		return NULL;
	if (trigger[0]) {
		snprintf(text, size, ", triggered by \"%s\"", trigger);
		return NULL;
	}
	text_copy(text, size, ", no trigger");
	return "trigger or trigger_frequency of its route, see iiobridge.conf(5)";
}

static void check_converter(struct check *check, const char *id, bool output)
{
	char channels[192] = "", buffer[192], trigger[CONFIG_TEXT_SIZE + 32];
	struct converter *converter;
	const char *remedy;
	enum check_result result;
	unsigned int count;
	struct error error;
	uint64_t rate;

	if (converter_open(&converter, id, output, &error) < 0)
		return;
	count = converter_channel_count(converter);
	for (unsigned int i = 0; i < count; i++) {
		struct iiobridge_channel_info info;
		char item[96];

		converter_describe_channel(converter, i, &info);
		snprintf(item, sizeof(item), "%s %s:%c%u/%u>>%u", info.id,
			 info.big_endian ? "be" : "le", info.is_signed ? 's' : 'u', info.bits,
			 info.storage_bits, info.shift);
		text_list(channels, sizeof(channels), item);
	}
	rate = converter_read_rate(converter, "");
	remedy = describe_trigger(converter, trigger, sizeof(trigger));
	result = describe_buffer(converter, buffer, sizeof(buffer));
	tell(check, result, output ? "DAC" : "ADC", converter_name(converter), remedy,
	     "%s; %u bytes a sample of all, %llu.%03llu samples a second%s; %s", channels,
	     converter_scan_size(converter, converter_all_channels(converter)),
	     (unsigned long long)rate / 1000, (unsigned long long)rate % 1000, trigger, buffer);
	converter_close(converter);
}

static void check_converters(struct check *check)
{
	struct iio_context *context = iio_create_local_context();
	unsigned int count = context ? iio_context_get_devices_count(context) : 0;
	unsigned int found = 0;

	for (unsigned int i = 0; i < count; i++) {
		const struct iio_device *device = iio_context_get_device(context, i);
		unsigned int channels = iio_device_get_channels_count(device);
		bool scanned[2] = { false };

		for (unsigned int j = 0; j < channels; j++) {
			const struct iio_channel *channel = iio_device_get_channel(device, j);

			scanned[iio_channel_is_output(channel)] |=
				iio_channel_is_scan_element(channel);
		}
		for (unsigned int output = 0; output < 2; output++)
			if (scanned[output])
				check_converter(check, iio_device_get_id(device), output);
		found += scanned[0] + scanned[1];
	}
	if (context)
		iio_context_destroy(context);
	if (!found)
		tell(check, RESULT_MISSING, "converters", NULL,
		     "load the driver of one; its node must be in the device tree",
		     "there is no IIO device with a buffer");
}

/* A port that is only its limits. */
static int prepare_end(struct check *check, const struct end_config *config, bool output,
		       struct converter **converter, struct port *port, const char *route)
{
	struct error error;

	*converter = NULL;
	*port = (struct port){ .name = config->device };
	if (config->usb) {
		port->limits = check->limits;
		return 0;
	}
	if (converter_open(converter, config->device, output, &error) < 0) {
		tell(check, RESULT_MISSING, "route", route, NULL, "%s", error.text);
		return -1;
	}
	port->limits.step = converter_block_step(*converter);
	return 0;
}

static const char *end_name(const struct end_config *config)
{
	return config->usb ? "usb" : config->device;
}

static void tell_route(struct check *check, const struct route_config *config,
		       const struct plan *plan)
{
	const uint64_t bytes = (uint64_t)config->block_count * plan->block_size;
	const uint64_t available = meminfo_read("MemAvailable") << 10;
	bool copies = config->transfer == CONFIG_TRANSFER_COPY;

	if (bytes > available) {
		tell(check, RESULT_MISSING, "route", config->name,
		     "fewer or smaller blocks, see iiobridge.conf(5)",
		     "%u blocks of %u bytes are %llu MiB, %llu MiB of memory are available",
		     config->block_count, plan->block_size, (unsigned long long)bytes >> 20,
		     (unsigned long long)available >> 20);
		return;
	}
	tell(check, copies || plan->from_copies || plan->to_copies ? RESULT_COPY : RESULT_OK,
	     "route", config->name, NULL,
	     "%s to %s, %u blocks of %u bytes (a multiple of %u), %llu KiB from heap \"%s\"; %s",
	     end_name(&config->from), end_name(&config->to), config->block_count, plan->block_size,
	     plan->block_step, (unsigned long long)bytes >> 10, config->heap,
	     copies				    ? "copied, as configured"
	     : plan->from_copies && plan->to_copies ? "copied at both ends"
	     : plan->from_copies		    ? "copied from the first"
	     : plan->to_copies			    ? "copied to the second"
						    : "no copy, unless a device refuses");
}

static void check_route(struct check *check, const struct route_config *config)
{
	static const struct iiobridge_parameters as_configured;
	struct converter *from = NULL, *to = NULL;
	struct port from_port, to_port;
	struct error error;
	struct plan plan;
	bool copies = config->transfer == CONFIG_TRANSFER_COPY;

	if (prepare_end(check, &config->from, false, &from, &from_port, config->name) == 0 &&
	    prepare_end(check, &config->to, true, &to, &to_port, config->name) == 0) {
		const struct plan_end from_end = {
			.converter = from,
			.port = &from_port,
			.copies = copies,
		};
		const struct plan_end to_end = {
			.converter = to,
			.port = &to_port,
			.copies = copies,
		};

		if (plan_make(&plan, config, &as_configured, &from_end, &to_end, &error) < 0)
			tell(check, RESULT_MISSING, "route", config->name, NULL, "%s", error.text);
		else
			tell_route(check, config, &plan);
	}
	converter_close(from);
	converter_close(to);
}

static void check_limits(struct check *check)
{
	struct rlimit memory = { 0 }, priority = { 0 };
	char locked[64] = "any amount";

	getrlimit(RLIMIT_MEMLOCK, &memory);
	getrlimit(RLIMIT_RTPRIO, &priority);
	if (memory.rlim_cur != RLIM_INFINITY)
		snprintf(locked, sizeof(locked), "%llu KiB",
			 (unsigned long long)memory.rlim_cur >> 10);
	tell(check, RESULT_NOTE, "limits", NULL, NULL,
	     "this user, %u, may lock %s of memory, and have a real-time priority of up to %llu; "
	     "the service has limits of its own",
	     geteuid(), locked, (unsigned long long)priority.rlim_cur);
	if (geteuid() != 0)
		tell(check, RESULT_NOTE, "privileges", NULL, "run this as root",
		     "only root sees everything");
}

bool check_board(const struct bridge_config *config, const char *why, bool json)
{
	struct check check = {
		.config = config,
		.json.file = stdout,
		.is_json = json,
	};

	if (json)
		json_begin_array(&check.json, NULL);
	check_kernel(&check);
	check_gadgets(&check);
	check_udcs(&check);
	check_memory(&check);
	check_converters(&check);
	if (!config)
		tell(&check, RESULT_MISSING, "config", NULL,
		     "an example for a board is in /usr/share/iiobridge/boards", "%s", why);
	for (unsigned int i = 0; config && i < config->route_count; i++)
		check_route(&check, &config->routes[i]);
	check_limits(&check);
	if (json)
		json_end_array(&check.json);
	return !check.missing;
}
