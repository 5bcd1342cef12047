// SPDX-License-Identifier: GPL-2.0-or-later
/* A configuration is read as written, and a faulty one is refused with place, key and reason. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "config/config.h"

static int load(const char *text, struct bridge_config *config, char *error, size_t size)
{
	char path[] = "/tmp/iiobridge-test-XXXXXX";
	int fd = mkstemp(path);
	int ret;

	assert_true(fd >= 0);
	assert_int_equal(write(fd, text, strlen(text)), strlen(text));
	close(fd);
	ret = config_load(path, config, error, size);
	unlink(path);
	return ret;
}

static void sizes_are_read_as_people_write_them(void **state)
{
	uint64_t size;

	(void)state;
	assert_int_equal(config_parse_size("65536", &size), 0);
	assert_int_equal(size, 65536);
	assert_int_equal(config_parse_size("64 KiB", &size), 0);
	assert_int_equal(size, 65536);
	assert_int_equal(config_parse_size("3MiB", &size), 0);
	assert_int_equal(size, 3 << 20);
	assert_int_equal(config_parse_size("1 GiB", &size), 0);
	assert_int_equal(size, 1 << 30);
	assert_int_equal(config_parse_size("", &size), -EINVAL);
	assert_int_equal(config_parse_size("-1", &size), -EINVAL);
	assert_int_equal(config_parse_size("1 MB", &size), -EINVAL);
	assert_int_equal(config_parse_size("1.5 MiB", &size), -EINVAL);
	assert_int_equal(config_parse_size("99999999999999999999", &size), -ERANGE);
	assert_int_equal(config_parse_size("99999999999999 GiB", &size), -ERANGE);
}

static void frequencies_have_units(void **state)
{
	uint64_t millihertz = 0;

	(void)state;
	assert_int_equal(config_parse_frequency("10 kHz", &millihertz), 0);
	assert_int_equal(millihertz, 10000000);
	assert_int_equal(config_parse_frequency("0.125Hz", &millihertz), 0);
	assert_int_equal(millihertz, 125);
	assert_int_equal(config_parse_frequency("1.5 MHz", &millihertz), 0);
	assert_int_equal(millihertz, 1500000000);
	assert_int_equal(config_parse_frequency("0 Hz", &millihertz), 0);
	assert_int_equal(millihertz, 0);
	assert_int_equal(config_parse_frequency("", &millihertz), -EINVAL);
	assert_int_equal(config_parse_frequency("1000", &millihertz), -EINVAL);
	assert_int_equal(config_parse_frequency("-1 Hz", &millihertz), -EINVAL);
	assert_int_equal(config_parse_frequency("1. Hz", &millihertz), -EINVAL);
	assert_int_equal(config_parse_frequency(".5 Hz", &millihertz), -EINVAL);
	assert_int_equal(config_parse_frequency("1 khz", &millihertz), -EINVAL);
	assert_int_equal(config_parse_frequency("0.0001 Hz", &millihertz), -ERANGE);
	assert_int_equal(config_parse_frequency("99999999999999999999 Hz", &millihertz), -ERANGE);
	assert_int_equal(config_parse_frequency("99999999999999 MHz", &millihertz), -ERANGE);
}

static void times_have_units(void **state)
{
	uint64_t microseconds = 0;

	(void)state;
	assert_int_equal(config_parse_time("100 ms", &microseconds), 0);
	assert_int_equal(microseconds, 100000);
	assert_int_equal(config_parse_time("2.5s", &microseconds), 0);
	assert_int_equal(microseconds, 2500000);
	assert_int_equal(config_parse_time("7 us", &microseconds), 0);
	assert_int_equal(microseconds, 7);
	assert_int_equal(config_parse_time("100", &microseconds), -EINVAL);
	assert_int_equal(config_parse_time("1 min", &microseconds), -EINVAL);
	assert_int_equal(config_parse_time("0.5 us", &microseconds), -ERANGE);
}

static void defaults_stand_where_nothing_is_said(void **state)
{
	struct bridge_config config;
	char error[512] = "";

	(void)state;
	assert_int_equal(load("routes = ( { name = \"rx\"; from = \"iio:adc\"; to = \"usb\"; } );",
			      &config, error, sizeof(error)),
			 0);
	assert_string_equal(config.gadget.udc, "auto");
	assert_int_equal(config.gadget.vendor_id, 0x1d6b);
	assert_int_equal(config.route_count, 1);
	assert_string_equal(config.routes[0].name, "rx");
	assert_string_equal(config.routes[0].from.device, "adc");
	assert_int_equal(config.routes[0].block_size, 1 << 20);
	assert_int_equal(config.routes[0].block_count, 8);
	assert_string_equal(config.routes[0].heap, "auto");
	assert_int_equal(config.gadget.burst, 15);
	assert_int_equal(config.process.priority, 0);
	assert_int_equal(config.process.cpus[0], 0);
	assert_int_equal(config.routes[0].attribute_count, 0);
	assert_int_equal(config.routes[0].channel_count, 0);
	assert_string_equal(config.routes[0].trigger, "");
	assert_int_equal(config.routes[0].trigger_millihertz, 0);
	assert_int_equal(config.routes[0].latency_us, 0);
	assert_int_equal(config.routes[0].transfer, CONFIG_TRANSFER_AUTO);
	assert_int_equal(config.routes[0].cyclic, CONFIG_CYCLIC_DAEMON);
	assert_int_equal(config.routes[0].start, CONFIG_START_ON_DEMAND);
}

static void every_key_is_read(void **state)
{
	struct bridge_config config;
	char error[512] = "";

	(void)state;
	assert_int_equal(
		load("gadget: { udc = \"dummy_udc.0\"; vendor_id = 0x456; product_id = "
		     "0xb673; manufacturer = \"A\"; product = \"B\"; serial = \"C-1\";\n"
		     "burst = 3; };\n"
		     "process: { priority = 50; cpus = \"0,2-3,64\"; };\n"
		     "routes = ( { name = \"rx\"; from = \"iio:adc\"; to = \"usb\";\n"
		     "channels = [ \"voltage0\", \"voltage1\" ]; block_size = \"64 KiB\";\n"
		     "blocks = 4; heap = \"linux,cma\"; loss_counter = \"lost\";\n"
		     "attributes = ( { name = \"mode\"; value = \"fast\"; },\n"
		     "{ device = \"phy\"; channel = \"voltage0\"; direction = \"output\";\n"
		     "name = \"gain\"; value = \"-10 dB\"; } );\n"
		     "controls = \"none\"; transceiver = \"phy-B\"; control_attributes = ( "
		     "{ name = \"a\"; }, { device = \"phy\"; channel = \"temp0\";\n"
		     "direction = \"input\"; name = \"a\"; control = \"b\"; access = \"read\"; } "
		     ");\n"
		     "start = \"always\"; transfer = \"dmabuf\"; trigger = \"my trigger\"; },\n"
		     "{ name = \"rx2\"; from = \"iio:adc2\"; to = \"usb\"; "
		     "trigger_frequency = \"2.5 kHz\"; latency = \"20 ms\"; block_size = 16384; "
		     "transfer = \"copy\"; } "
		     ");",
		     &config, error, sizeof(error)),
		0);
	assert_string_equal(config.gadget.udc, "dummy_udc.0");
	assert_int_equal(config.gadget.vendor_id, 0x456);
	assert_int_equal(config.gadget.product_id, 0xb673);
	assert_string_equal(config.gadget.serial, "C-1");
	assert_int_equal(config.gadget.burst, 3);
	assert_int_equal(config.process.priority, 50);
	assert_int_equal(config.process.cpus[0], 0xd);
	assert_int_equal(config.process.cpus[1], 1);
	assert_int_equal(config.routes[0].channel_count, 2);
	assert_string_equal(config.routes[0].channels[1], "voltage1");
	assert_int_equal(config.routes[0].block_size, 65536);
	assert_int_equal(config.routes[0].block_count, 4);
	assert_string_equal(config.routes[0].heap, "linux,cma");
	assert_string_equal(config.routes[0].loss_counter, "lost");
	assert_int_equal(config.routes[0].attribute_count, 2);
	assert_string_equal(config.routes[0].attributes[0].device, "");
	assert_string_equal(config.routes[0].attributes[0].channel, "");
	assert_string_equal(config.routes[0].attributes[0].name, "mode");
	assert_string_equal(config.routes[0].attributes[0].value, "fast");
	assert_string_equal(config.routes[0].attributes[1].device, "phy");
	assert_string_equal(config.routes[0].attributes[1].channel, "voltage0");
	assert_int_equal(config.routes[0].attributes[1].direction, CONFIG_DIRECTION_OUTPUT);
	assert_string_equal(config.routes[0].attributes[1].value, "-10 dB");
	assert_int_equal(config.routes[0].controls, CONFIG_ACCESS_NONE);
	assert_string_equal(config.routes[0].transceiver, "phy-B");
	assert_int_equal(config.routes[0].control_count, 2);
	assert_string_equal(config.routes[0].control_attributes[0].name, "a");
	assert_int_equal(config.routes[0].control_attributes[0].access, CONFIG_ACCESS_WRITE);
	assert_string_equal(config.routes[0].control_attributes[1].name, "b");
	assert_string_equal(config.routes[0].control_attributes[1].attribute.name, "a");
	assert_string_equal(config.routes[0].control_attributes[1].attribute.channel, "temp0");
	assert_int_equal(config.routes[0].control_attributes[1].access, CONFIG_ACCESS_READ);
	assert_int_equal(config.routes[0].start, CONFIG_START_ALWAYS);
	assert_int_equal(config.routes[0].transfer, CONFIG_TRANSFER_DMABUF);
	assert_string_equal(config.routes[0].trigger, "my trigger");
	assert_int_equal(config.routes[0].trigger_millihertz, 0);
	assert_string_equal(config.routes[1].trigger, "iiobridge-rx2");
	assert_int_equal(config.routes[1].trigger_millihertz, 2500000);
	assert_int_equal(config.routes[1].latency_us, 20000);
	assert_int_equal(config.routes[1].block_size, 16384);
	assert_int_equal(config.routes[1].transfer, CONFIG_TRANSFER_COPY);
}

static void load_valid(const char *text, struct bridge_config *config)
{
	char error[512] = "";

	if (load(text, config, error, sizeof(error)) < 0)
		fail_msg("%s", error);
}

static void functions_are_read_each_with_its_keys(void **state)
{
	struct bridge_config config;
	const struct functions_config *functions = &config.gadget.functions;
	static const char routes[] =
		"routes = ( { name = \"rx\"; from = \"iio:adc\"; to = \"usb\"; } );";
	char text[1024];

	(void)state;
	snprintf(text, sizeof(text), "gadget: { functions = ( ); };\n%s", routes);
	load_valid(text, &config);
	assert_int_equal(functions->count, 0);
	snprintf(text, sizeof(text),
		 "gadget: { functions = ( { type = \"acm\"; },\n"
		 "{ type = \"ncm\"; dev_addr = \"02:00:5e:00:53:01\"; },\n"
		 "{ type = \"ecm\"; host_addr = \"02:00:5E:00:53:02\"; },\n"
		 "{ type = \"mass-storage\"; file = \"/srv/disk\"; ro = true; },\n"
		 "{ type = \"ffs\"; name = \"iiod\"; mount = \"/dev/iio_ffs\"; "
		 "user = \"nobody\"; } ); };\n%s",
		 routes);
	load_valid(text, &config);
	assert_int_equal(functions->count, 5);
	assert_int_equal(functions->functions[0].type, FUNCTION_ACM);
	assert_int_equal(functions->functions[1].type, FUNCTION_NCM);
	assert_string_equal(functions->functions[1].dev_addr, "02:00:5e:00:53:01");
	assert_string_equal(functions->functions[1].host_addr, "");
	assert_int_equal(functions->functions[2].type, FUNCTION_ECM);
	assert_string_equal(functions->functions[2].host_addr, "02:00:5E:00:53:02");
	assert_int_equal(functions->functions[3].type, FUNCTION_MASS_STORAGE);
	assert_string_equal(functions->functions[3].file, "/srv/disk");
	assert_true(functions->functions[3].ro);
	assert_int_equal(functions->functions[4].type, FUNCTION_FFS);
	assert_string_equal(functions->functions[4].name, "iiod");
	assert_string_equal(functions->functions[4].mount, "/dev/iio_ffs");
	assert_string_equal(functions->functions[4].user, "nobody");
}

static void the_keys_that_differ_are_named(void **state)
{
	static const char before[] =
		"gadget: { udc = \"dummy_udc.0\"; };\n"
		"routes = ( { name = \"rx\"; from = \"iio:adc\"; to = \"usb\"; } );";
	static const char after[] =
		"gadget: { vendor_id = 1; serial = \"x\"; };\n"
		"routes = ( { name = \"rx\"; from = \"iio:adc\"; to = \"usb\";\n"
		"channels = [ \"voltage1\" ]; blocks = 9; heap = \"system\";\n"
		"start = \"always\"; } );";
	struct bridge_config one, other;
	char list[256];

	(void)state;
	load_valid(before, &one);
	load_valid(after, &other);
	gadget_config_changes(&one.gadget, &other.gadget, list, sizeof(list));
	assert_string_equal(list, "udc, vendor_id, serial");
	route_config_changes(&one.routes[0], &other.routes[0], list, sizeof(list));
	assert_string_equal(list, "channels, blocks, heap, start");
	route_config_changes(&other.routes[0], &one.routes[0], list, sizeof(list));
	assert_string_equal(list, "channels, blocks, heap, start");
	load_valid(after, &one);
	gadget_config_changes(&one.gadget, &other.gadget, list, sizeof(list));
	assert_string_equal(list, "");
	route_config_changes(&one.routes[0], &other.routes[0], list, sizeof(list));
	assert_string_equal(list, "");
}

static void the_shipped_file_is_valid(void **state)
{
	struct bridge_config config;
	char error[512] = "";

	(void)state;
	if (config_load("config/iiobridge.conf", &config, error, sizeof(error)) < 0)
		fail_msg("%s", error);
}

static void the_examples_for_boards_are_valid(void **state)
{
	static const char *const boards[] = { "adalm-pluto",	 "zedboard-fmcomms2",
					      "zcu102-fmcomms3", "raspberry-pi",
					      "beaglebone",	 "virtual-board" };

	(void)state;
	for (size_t i = 0; i < sizeof(boards) / sizeof(boards[0]); i++) {
		struct bridge_config config;
		char path[64], error[512] = "";

		snprintf(path, sizeof(path), "config/boards/%s.conf", boards[i]);
		if (config_load(path, &config, error, sizeof(error)) < 0)
			fail_msg("%s", error);
	}
}

static void a_missing_file_is_named(void **state)
{
	struct bridge_config config;
	char error[512] = "";

	(void)state;
	assert_int_equal(config_load("/nowhere/x.conf", &config, error, sizeof(error)), -ENOENT);
	assert_string_equal(error, "/nowhere/x.conf: No such file or directory");
}

#define ROUTE(rest)   "routes = (\n{ name = \"rx\"; from = \"iio:adc\"; to = \"usb\";\n" rest "} );"
#define PROCESS(rest) "process: {\n" rest "\n};\n" ROUTE("")
#define GADGET(rest)  "gadget: {\n" rest "\n};\n" ROUTE("")

/* Each faulty file, and what the sentence must hold: line, key, and what is allowed. */
static const struct {
	const char *text;
	const char *wanted[3];
} faults[] = {
	{ "", { ":1: ", "routes" } },
	{ "routes = (", { ":1: ", "syntax error" } },
	{ "routes = ( );", { ":1: routes: ", "from 1 to 16" } },
	{ "routes = 5;", { ":1: routes: ", "is a number", "a list" } },
	{ "routes = ( 5 );", { ":1: routes[0]: ", "is a number", "a group" } },
	{ "gadgets = { };", { ":1: gadgets: ", "no such key", "gadget, process, routes" } },
	{ GADGET("udc = 5;"), { ":2: gadget.udc: ", "is a number", "text" } },
	{ GADGET("udc = \"\";"), { ":2: gadget.udc: ", "empty" } },
	{ GADGET("udc = \"a/b\";"), { ":2: gadget.udc: ", "'/'", "letters, digits" } },
	{ GADGET("vendor_id = 0;"), { ":2: gadget.vendor_id: ", "from 1 to 65535" } },
	{ GADGET("vendor_id = 0x10000;"), { ":2: gadget.vendor_id: ", "65536", "to 65535" } },
	{ GADGET("product_id = -1;"), { ":2: gadget.product_id: ", "-1", "from 0 to 65535" } },
	{ GADGET("vendor_id = \"0x1d6b\";"), { ":2: gadget.vendor_id: ", "is text", "number" } },
	{ GADGET("vendor = 1;"), { ":2: gadget.vendor: ", "no such key", "vendor_id" } },
	{ GADGET("serial = \"01234567890123456789012345678901234567890123456789012345678901234\";"),
	  { ":2: gadget.serial: ", "65 bytes", "at most 63" } },
	{ "gadget = 1;", { ":1: gadget: ", "is a number", "a group" } },
	{ "routes = ( { from = \"iio:a\"; to = \"usb\"; } );", { ":1: routes[0]: ", "\"name\"" } },
	{ "routes = ( { name = \"a\"; to = \"usb\"; } );", { ":1: routes[0]: ", "\"from\"" } },
	{ "routes = ( { name = \"a\"; from = \"iio:a\"; } );", { ":1: routes[0]: ", "\"to\"" } },
	{ "routes = ( { name = \"a\"; from = \"adc\"; to = \"usb\"; } );",
	  { ":1: routes[0].from: ", "\"adc\"", "iio:NAME" } },
	{ "routes = ( { name = \"a\"; from = \"iio:adc\"; to = \"net\"; } );",
	  { ":1: routes[0].to: ", "\"net\"", "\"usb\"" } },
	{ "routes = ( { name = \"a\"; from = \"iio:x\"; to = \"iio:d\"; },\n"
	  "{ name = \"b\"; from = \"usb\"; to = \"iio:d\"; } );",
	  { ":2: routes[1].to: ", "sink of route \"a\"" } },
	{ "routes = ( { name = \"a b\"; from = \"iio:adc\"; to = \"usb\"; } );",
	  { ":1: routes[0].name: ", "' '", "letters, digits" } },
	{ ROUTE("block_size = 4095;"), { ":3: routes[0].block_size: ", "4095", "from 4096 to" } },
	{ ROUTE("block_size = 5000;"), { ":3: routes[0].block_size: ", "multiple of 1024" } },
	{ ROUTE("block_size = \"65 MiB\";"), { ":3: routes[0].block_size: ", "to 67108864" } },
	{ ROUTE("block_size = \"1 MB\";"), { ":3: routes[0].block_size: ", "\"1 MB\"", "MiB" } },
	{ ROUTE("block_size = 1.5;"), { ":3: routes[0].block_size: ", "fraction", "a number" } },
	{ ROUTE("block_size = 5000000000L;"), { ":3: routes[0].block_size: ", "5000000000" } },
	{ ROUTE("blocks = 1;"), { ":3: routes[0].blocks: ", "is 1", "from 2 to 1024" } },
	{ ROUTE("blocks = \"8\";"), { ":3: routes[0].blocks: ", "is text", "a number" } },
	{ ROUTE("blocks = true;"), { ":3: routes[0].blocks: ", "true or false", "a number" } },
	{ ROUTE("blocks = 8; blocks = 9;"), { ":3: ", "duplicate" } },
	{ ROUTE("heap = \"../mem\";"), { ":3: routes[0].heap: ", "'/'" } },
	{ ROUTE("start = \"now\";"), { ":3: routes[0].start: ", "\"now\"", "on-demand always" } },
	{ ROUTE("cyclic = \"dma\";"), { ":3: routes[0].cyclic: ", "\"dma\"", "daemon kernel" } },
	{ ROUTE("cyclic = \"kernel\";"),
	  { ":3: routes[0].cyclic: ", "a route from \"usb\" to an IIO device" } },
	{ ROUTE("trigger = 1;"), { ":3: routes[0].trigger: ", "a number", "text" } },
	{ ROUTE("trigger_frequency = 1000;"),
	  { ":3: routes[0].trigger_frequency: ", "a number", "\"10 kHz\"" } },
	{ ROUTE("trigger_frequency = \"0 Hz\";"),
	  { ":3: routes[0].trigger_frequency: ", "\"0 Hz\"", "from \"0.001 Hz\" to \"4 MHz\"" } },
	{ ROUTE("trigger_frequency = \"5 MHz\";"), { "\"5 MHz\"", "to \"4 MHz\"" } },
	{ ROUTE("trigger_frequency = \"10 Hertz\";"), { "\"10 Hertz\"", "to \"4 MHz\"" } },
	{ ROUTE("trigger = \"t\"; trigger_frequency = \"1 Hz\";"),
	  { ":3: routes[0].trigger_frequency: ", "no other name" } },
	{ "routes = ( { name = \"a\"; from = \"usb\"; to = \"iio:d\"; trigger = \"t\"; } );",
	  { ":1: routes[0].trigger: ", "from \"usb\" has no trigger" } },
	{ ROUTE("latency = 100;"), { ":3: routes[0].latency: ", "a number", "\"100 ms\"" } },
	{ ROUTE("latency = \"999 us\";"), { "\"999 us\"", "from \"1 ms\" to \"60 s\"" } },
	{ ROUTE("latency = \"61 s\";"), { "\"61 s\"", "from \"1 ms\" to \"60 s\"" } },
	{ ROUTE("latency = \"1 s\"; transfer = \"dmabuf\";"),
	  { ":3: routes[0].latency: ", "is copied", "\"dmabuf\"" } },
	{ "routes = ( { name = \"a\"; from = \"iio:a\"; to = \"iio:d\"; latency = \"1 s\"; } );",
	  { ":1: routes[0].latency: ", "from an IIO device to \"usb\"" } },
	{ ROUTE("transfer = \"mmap\";"),
	  { ":3: routes[0].transfer: ", "\"mmap\"", "auto dmabuf copy" } },
	{ ROUTE("transfer = \"\";"), { ":3: routes[0].transfer: ", "\"\"", "auto dmabuf copy" } },
	{ ROUTE("transfer = true;"), { ":3: routes[0].transfer: ", "true or false", "auto" } },
	{ ROUTE("channels = \"voltage0\";"), { ":3: routes[0].channels: ", "is text", "array" } },
	{ ROUTE("channels = [ ];"), { ":3: routes[0].channels: ", "0 channels", "from 1 to 32" } },
	{ ROUTE("channels = [ \"a\", \"a\" ];"), { ":3: routes[0].channels[1]: ", "twice" } },
	{ ROUTE("channels = [ 1, 2 ];"), { ":3: routes[0].channels[0]: ", "a number", "text" } },
	{ GADGET("burst = 16;"), { ":2: gadget.burst: ", "is 16", "from 0 to 15" } },
	{ PROCESS("priority = 100;"), { ":2: process.priority: ", "from 0 to 99" } },
	{ PROCESS("cpus = 1;"), { ":2: process.cpus: ", "a number", "\"0,2-3\"" } },
	{ PROCESS("cpus = \"\";"), { ":2: process.cpus: ", "\"\"", "\"0,2-3\"" } },
	{ PROCESS("cpus = \"0,\";"), { ":2: process.cpus: ", "\"0,\"", "\"0,2-3\"" } },
	{ PROCESS("cpus = \"3-2\";"), { ":2: process.cpus: ", "\"3-2\"" } },
	{ PROCESS("cpus = \"0 1\";"), { ":2: process.cpus: ", "\"0 1\"" } },
	{ PROCESS("cpus = \"1024\";"), { ":2: process.cpus: ", "from 0 to 1023" } },
	{ PROCESS("nice = 1;"), { ":2: process.nice: ", "no such key", "priority, cpus" } },
	{ ROUTE("controls = \"all\";"), { ":3: routes[0].controls: ", "write read none" } },
	{ ROUTE("control_attributes = ( { device = \"phy\"; } );"), { "name", "control" } },
	{ ROUTE("control_attributes = ( { name = \"a\"; value = \"1\"; } );"), { "value" } },
	{ ROUTE("control_attributes = ( { name = \"a\"; direction = \"input\"; } );"),
	  { "direction", "without a channel" } },
	{ ROUTE("control_attributes = ( { name = \"a\"; }, { name = \"b\"; control = \"a\"; } );"),
	  { "two controls \"a\"" } },
	{ ROUTE("control_attributes = ( { name = \"a\"; control = \"gain1\"; } );"),
	  { "\"gain1\" is what a control of a transceiver is called" } },
	{ ROUTE("attributes = 1;"), { ":3: routes[0].attributes: ", "a number", "a list" } },
	{ ROUTE("attributes = ( { name = \"a\"; } );"),
	  { ":3: routes[0].attributes[0]: ", "\"value\"", "every attribute" } },
	{ ROUTE("attributes = ( { value = \"a\"; } );"), { ":3: ", "\"name\"" } },
	{ ROUTE("attributes = ( { name = \"a\"; value = 1; } );"),
	  { ":3: routes[0].attributes[0].value: ", "a number", "text in quotes" } },
	{ ROUTE("attributes = ( { name = \"../a\"; value = \"1\"; } );"),
	  { ":3: routes[0].attributes[0].name: ", "'/'" } },
	{ ROUTE("attributes = ( { direction = \"input\"; name = \"a\"; value = \"1\"; } );"),
	  { ":3: routes[0].attributes[0].direction: ", "without a channel" } },
	{ "routes = ( { name = \"a\"; from = \"usb\"; to = \"usb\";\n"
	  "attributes = ( { name = \"a\"; value = \"1\"; } ); } );",
	  { ":2: routes[0].attributes: ", "without an IIO device" } },
	{ ROUTE("speed = 1;"), { ":3: routes[0].speed: ", "no such key", "block_size" } },
	{ "routes = ( { name = \"a\"; from = \"iio:x\"; to = \"usb\"; },\n"
	  "{ name = \"a\"; from = \"iio:y\"; to = \"usb\"; } );",
	  { ":2: routes[1].name: ", "another route" } },
	{ "routes = ( { name = \"a\"; from = \"iio:x\"; to = \"usb\"; },\n"
	  "{ name = \"b\"; from = \"iio:x\"; to = \"usb\"; } );",
	  { ":2: routes[1].from: ", "route \"a\"" } },
};

static void a_fault_is_told_with_line_key_and_reason(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(faults) / sizeof(faults[0]); i++) {
		struct bridge_config config;
		char error[512] = "";

		if (load(faults[i].text, &config, error, sizeof(error)) != -EINVAL)
			fail_msg("accepted: %s", faults[i].text);
		for (size_t w = 0; w < 3 && faults[i].wanted[w]; w++)
			if (!strstr(error, faults[i].wanted[w]))
				fail_msg("\"%s\" is not in the error \"%s\" of: %s",
					 faults[i].wanted[w], error, faults[i].text);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(sizes_are_read_as_people_write_them),
		cmocka_unit_test(frequencies_have_units),
		cmocka_unit_test(times_have_units),
		cmocka_unit_test(defaults_stand_where_nothing_is_said),
		cmocka_unit_test(every_key_is_read),
		cmocka_unit_test(functions_are_read_each_with_its_keys),
		cmocka_unit_test(the_keys_that_differ_are_named),
		cmocka_unit_test(the_shipped_file_is_valid),
		cmocka_unit_test(the_examples_for_boards_are_valid),
		cmocka_unit_test(a_missing_file_is_named),
		cmocka_unit_test(a_fault_is_told_with_line_key_and_reason),
	};

	return cmocka_run_group_tests_name("config", tests, NULL, NULL);
}
