// SPDX-License-Identifier: GPL-2.0-or-later
/* What a controller's driver can do with a scatter list decides how large blocks are, or that they
 * are copied. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "core/log.h"
#include "daemon/plan.h"
#include "gadget/udc.h"

#define KIB 1024u
#define MIB (1024u * KIB)

/* What sysfs shows of a controller. */
static const char *gadget_name, *driver_link;
static char uevent[128];

FILE *__real_fopen64(const char *path, const char *mode);
FILE *__wrap_fopen64(const char *path, const char *mode);
ssize_t __real_readlink(const char *path, char *buffer, size_t size);
ssize_t __wrap_readlink(const char *path, char *buffer, size_t size);

FILE *__wrap_fopen64(const char *path, const char *mode)
{
	if (strcmp(path, "/sys/class/udc/fe200000.usb/uevent") != 0)
		return __real_fopen64(path, mode);
	snprintf(uevent, sizeof(uevent), "USB_UDC_DRIVER=g1\nUSB_UDC_NAME=%s\n", gadget_name);
	return fmemopen(uevent, strlen(uevent), "r");
}

ssize_t __wrap_readlink(const char *path, char *buffer, size_t size)
{
	if (strcmp(path, "/sys/class/udc/fe200000.usb/device/driver") != 0)
		return __real_readlink(path, buffer, size);
	if (!driver_link) {
		errno = ENOENT;
		return -1;
	}
	return snprintf(buffer, size, "../../bus/platform/drivers/%s", driver_link);
}

/* A plan of a route from the host to the host, on that controller. */
static struct plan plan_for(const char *gadget, const char *driver, const char *heap, uint32_t size,
			    uint32_t step)
{
	const struct route_config config = { .name = "link", .block_size = size };
	const struct iiobridge_parameters parameters = { 0 };
	struct route_config with_heap = config;
	struct port from = { 0 }, to = { .limits.step = step };
	struct error error;
	struct plan plan;

	gadget_name = gadget;
	driver_link = driver;
	snprintf(with_heap.heap, sizeof(with_heap.heap), "%s", heap);
	udc_find_limits("fe200000.usb", &from.limits);
	assert_int_equal(plan_make(&plan, &with_heap, &parameters,
				   &(struct plan_end){ .port = &from },
				   &(struct plan_end){ .port = &to }, &error),
			 0);
	assert_int_equal(plan.block_size, plan.block_size_max);
	assert_false(plan.to_copies);
	return plan;
}

static void blocks_have(const char *gadget, const char *driver, const char *heap, uint32_t size,
			uint32_t step, uint32_t wanted)
{
	const struct plan plan = plan_for(gadget, driver, heap, size, step);

	assert_false(plan.from_copies);
	assert_int_equal(plan.block_size, wanted);
}

static void blocks_are_copied(const char *gadget, const char *driver, const char *heap)
{
	const struct plan plan = plan_for(gadget, driver, heap, 256 * KIB, 0);

	assert_true(plan.from_copies);
	assert_int_equal(plan.block_size, 256 * KIB);
}

static void chipidea_gets_whole_pages(void **state)
{
	(void)state;
	blocks_have("e0002000.usb", "ci_hdrc", "auto", 256 * KIB, 6, 21 * 12288);
	blocks_have("e0002000.usb", "ci_hdrc", "reserved", 64 * MIB, 0, 64 * MIB);
	blocks_have("e0002000.usb", "ci_hdrc", "udmabuf-huge", 5 * KIB, 0, 4 * KIB);
}

/* Whole pages are wider than any bus, but a step need not be a power of two. */
static void a_wide_bus_costs_no_bytes(void **state)
{
	(void)state;
	blocks_have("cdnsp-gadget", "cdnsp-pci", "system", 64 * KIB, 128, 64 * KIB);
	blocks_have("cdnsp-gadget", "cdnsp-pci", "system", 64 * KIB, 48, 5 * 12288);
}

static void dwc3_gets_no_entry_of_16_mib(void **state)
{
	(void)state;
	blocks_have("dwc3-gadget", "dwc3", "system", 64 * MIB, 0, 64 * MIB);
	blocks_have("dwc3-gadget", "dwc3", "reserved", 16 * MIB, 0, 16 * MIB - 4 * KIB);
	/* What is taken may be in one piece. */
	blocks_have("dwc3-gadget", "dwc3", "auto", 64 * MIB, 0, 16 * MIB - 4 * KIB);
	blocks_have("dwc3-gadget", "dwc3", "udmabuf-huge", 64 * MIB, 0, 16 * MIB - 4 * KIB);
}

static void dwc3_is_known_inside_of_others(void **state)
{
	(void)state;
	blocks_have("dwc3-gadget", "dwc3-qcom", "reserved", 16 * MIB, 0, 16 * MIB - 4 * KIB);
}

static void cdns3_gets_what_its_fields_hold(void **state)
{
	(void)state;
	blocks_have("usb-ss-gadget", "cdns-usb3", "system", MIB, 0, 124 * KIB);
	blocks_have("usb-ss-gadget", "cdns-usb3", "linux,cma", MIB, 0, 124 * KIB);
	blocks_have("usb-ss-gadget", "cdns-usb3", "system", 64 * KIB, 0, 64 * KIB);
}

static void cdnsp_gets_all(void **state)
{
	(void)state;
	blocks_have("cdnsp-gadget", "cdnsp-pci", "reserved", 64 * MIB, 0, 64 * MIB);
	/* The same driver's name as cdns3. */
	blocks_have("cdnsp-gadget", "cdns-usb3", "udmabuf", 64 * MIB, 0, 64 * MIB);
}

static void dwc2_gets_what_64_descriptors_hold(void **state)
{
	(void)state;
	blocks_have("fe980000.usb", "dwc2", "system", MIB, 0, 64 * 4 * KIB);
	blocks_have("fe980000.usb", "dwc2", "system", MIB, 6, 21 * 12288);
	blocks_have("fe980000.usb", "dwc2", "linux,cma", MIB, 0, MIB);
	blocks_have("fe980000.usb", "dwc2", "linux,cma", 8 * MIB, 0, 64 * 65024);
}

static void dwc2_gets_no_offsets(void **state)
{
	(void)state;
	blocks_are_copied("fe980000.usb", "dwc2", "udmabuf-huge");
	blocks_are_copied("fe980000.usb", "dwc2", "udmabuf");
}

static void no_scatter_gather_is_a_copy(void **state)
{
	(void)state;
	blocks_are_copied("musb-hdrc", "musb-hdrc", "auto");
}

static void an_unknown_driver_is_a_copy(void **state)
{
	(void)state;
	blocks_are_copied("newest-gadget", "newest", "auto");
	blocks_are_copied("", NULL, "auto");
	/* Part of a name is no name. */
	blocks_are_copied("dwc3-gadget2", "dwc", "auto");
}

/* A host that asks for a size must ask for one that can be. */
static void a_host_is_told_what_can_be(void **state)
{
	const struct route_config config = { .name = "link", .block_size = MIB, .heap = "auto" };
	const struct port from = { .limits = { .longest_block = 70 * KIB } };
	const struct port to = { 0 };
	const struct plan_end ends[] = { { .port = &from }, { .port = &to } };
	struct iiobridge_parameters parameters = { .block_size = 72 * KIB };
	struct error error;
	struct plan plan;

	(void)state;
	assert_int_equal(plan_make(&plan, &config, &parameters, &ends[0], &ends[1], &error),
			 -EINVAL);
	assert_non_null(strstr(error.text, "from 4096 to 69632 and a multiple of 4096"));
	parameters.block_size = 6 * KIB;
	assert_int_equal(plan_make(&plan, &config, &parameters, &ends[0], &ends[1], &error),
			 -EINVAL);
	parameters.block_size = 64 * KIB;
	assert_int_equal(plan_make(&plan, &config, &parameters, &ends[0], &ends[1], &error), 0);
	assert_int_equal(plan.block_size, 64 * KIB);
	assert_int_equal(plan.block_size_max, 68 * KIB);
	assert_ptr_equal(plan.limited_by, &from);
}

/* An end that copies anyway limits nothing. */
static void a_copy_has_no_limits(void **state)
{
	const struct route_config config = { .name = "link", .block_size = MIB, .heap = "auto" };
	const struct port from = { .limits = { .longest_block = 70 * KIB } };
	const struct port to = { 0 };
	const struct iiobridge_parameters parameters = { 0 };
	struct error error;
	struct plan plan;

	(void)state;
	assert_int_equal(plan_make(&plan, &config, &parameters,
				   &(struct plan_end){ .port = &from, .copies = true },
				   &(struct plan_end){ .port = &to }, &error),
			 0);
	assert_int_equal(plan.block_size, MIB);
	assert_true(plan.from_copies);
	assert_false(plan.to_copies);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(chipidea_gets_whole_pages),
		cmocka_unit_test(a_wide_bus_costs_no_bytes),
		cmocka_unit_test(dwc3_gets_no_entry_of_16_mib),
		cmocka_unit_test(dwc3_is_known_inside_of_others),
		cmocka_unit_test(cdns3_gets_what_its_fields_hold),
		cmocka_unit_test(cdnsp_gets_all),
		cmocka_unit_test(dwc2_gets_what_64_descriptors_hold),
		cmocka_unit_test(dwc2_gets_no_offsets),
		cmocka_unit_test(no_scatter_gather_is_a_copy),
		cmocka_unit_test(an_unknown_driver_is_a_copy),
		cmocka_unit_test(a_host_is_told_what_can_be),
		cmocka_unit_test(a_copy_has_no_limits),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
