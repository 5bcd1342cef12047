// SPDX-License-Identifier: GPL-2.0-or-later
/* A scan is as long as the kernel's, whatever libiio says. */
#include <errno.h>
#include <iio.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "iio/converter.h"

/* Formats of the channels of the only device, with scan indices in their order; NULL ends them. */
static const char *const *formats;

/* libiio's parser complains of a context without one. */
#define DTD                                                                           \
	"<!DOCTYPE context [<!ELEMENT context ANY><!ELEMENT device ANY>"              \
	"<!ELEMENT channel ANY><!ELEMENT scan-element EMPTY>"                         \
	"<!ATTLIST context name CDATA ''><!ATTLIST device id CDATA '' name CDATA ''>" \
	"<!ATTLIST channel id CDATA '' type CDATA ''>"                                \
	"<!ATTLIST scan-element index CDATA '' format CDATA ''>]>"

/* In place of the board's own devices. */
struct iio_context *iio_create_local_context(void)
{
	char xml[2048];
	int length = snprintf(xml, sizeof(xml),
			      DTD "<context name=\"xml\"><device id=\"iio:device0\" name=\"adc\">");

	for (int i = 0; formats[i]; i++)
		length += snprintf(xml + length, sizeof(xml) - (size_t)length,
				   "<channel id=\"voltage%d\" type=\"input\"><scan-element "
				   "index=\"%d\" format=\"%s&gt;&gt;0\"/></channel>",
				   i, i, formats[i]);
	snprintf(xml + length, sizeof(xml) - (size_t)length, "</device></context>");
	return iio_create_xml_context_mem(xml, strlen(xml));
}

/* Scans of the channels in @mask, of a device with these formats, have so many bytes. */
static void scans_have(uint32_t bytes, uint32_t mask, const char *const *of)
{
	struct converter *converter;
	struct error error;

	formats = of;
	assert_int_equal(converter_open(&converter, "adc", false, &error), 0);
	assert_int_equal(converter_scan_size(converter, mask), bytes);
	converter_close(converter);
}

#define FORMATS(...)              \
	(const char *const[])     \
	{                         \
		__VA_ARGS__, NULL \
	}

static void samples_of_one_size_have_no_padding(void **state)
{
	(void)state;
	scans_have(6, 0x7, FORMATS("le:s16/16", "le:s16/16", "le:s16/16"));
	scans_have(4, 0x5, FORMATS("le:s16/16", "le:s16/16", "le:s16/16"));
	scans_have(12, 0x7, FORMATS("be:s24/32", "be:s24/32", "be:s24/32"));
}

static void a_sample_lies_at_a_multiple_of_its_size(void **state)
{
	const char *const *const mixed = FORMATS("le:s16/16", "le:s32/32", "le:u8/8", "le:s16/16");

	(void)state;
	scans_have(12, 0xf, mixed);
	scans_have(8, 0x3, mixed);
	scans_have(4, 0xc, mixed);
	scans_have(1, 0x4, mixed);
}

static void a_scan_is_a_multiple_of_its_largest_sample(void **state)
{
	(void)state;
	scans_have(8, 0x3, FORMATS("le:s32/32", "le:s16/16"));
	scans_have(4, 0x3, FORMATS("le:s16/16", "le:u8/8"));
	scans_have(16, 0x3, FORMATS("le:s64/64", "le:u8/8"));
}

static void a_timestamp_ends_a_scan(void **state)
{
	const char *const *const stamped = FORMATS("le:s16/16", "le:s16/16", "le:s64/64");

	(void)state;
	scans_have(16, 0x7, stamped);
	scans_have(16, 0x5, stamped);
	scans_have(8, 0x4, stamped);
	scans_have(24, 0xf, FORMATS("be:s24/32", "be:s24/32", "be:s24/32", "le:s64/64"));
}

/* A sample is all of its values. */
static void values_that_are_repeated_are_one_sample(void **state)
{
	(void)state;
	scans_have(16, 0x1, FORMATS("le:s32/32X4"));
	scans_have(32, 0x3, FORMATS("le:s16/16", "le:s32/32X4"));
	scans_have(16, 0x3, FORMATS("le:s16/16X4", "le:s16/16"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(samples_of_one_size_have_no_padding),
		cmocka_unit_test(a_sample_lies_at_a_multiple_of_its_size),
		cmocka_unit_test(a_scan_is_a_multiple_of_its_largest_sample),
		cmocka_unit_test(a_timestamp_ends_a_scan),
		cmocka_unit_test(values_that_are_repeated_are_one_sample),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
