// SPDX-License-Identifier: GPL-2.0-or-later
#include "udc.h"

#include <stdio.h>
#include <string.h>

#include "config/config.h"
#include "core/text.h"

#define GADGET_NAME_KEY "USB_UDC_NAME="

/*
 * A driver is known by one of two names. That of the gadget is in the controller's uevent file, and
 * does not depend on what the controller is built into: dwc3 and cdns3 show a driver's name of
 * their own there on some systems, and cdns3 and cdnsp the same on others
 * (cdns3_plat_gadget_init()). chipidea and dwc2 have the device's name in its place; they are known
 * by the driver of the controller's device.
 *
 * All is read from Linux 6.12.117 and 7.3.4. Unless it says otherwise, a driver moves exactly the
 * length that was asked for, whatever the list's.
 */
static const struct {
	const char *gadget; /* usb_gadget.name */
	const char *driver;
	struct port_limits limits;
} drivers[] = {
	{
		/*
		 * drivers/usb/dwc3/gadget.c, dwc3_prepare_one_trb(): 24 bits of length an entry
		 * (DWC3_TRB_SIZE_MASK), and no word when there are more. A list that is longer than
		 * the ring of 256 goes in parts (dwc3_prepare_trbs_sg()).
		 */
		.gadget = "dwc3-gadget",
		.limits = { .longest_entry = (1u << 24) - 1 },
	},
	{
		/*
		 * drivers/usb/chipidea/udc.c, prepare_td_for_sg(): it sends whole entries. It cuts
		 * them at 20 KiB, which are whole packets (prepare_td_per_sg()).
		 */
		.driver = "ci_hdrc",
		.limits = { .whole_entries = true },
	},
	{
		/*
		 * drivers/usb/cdns3/cdns3-gadget.c, cdns3_ep_run_transfer(): it sends whole entries
		 * with 17 bits of length each (TRB_LEN()), and no word when there are more; a list
		 * that is longer than the ring of TRBS_PER_SEGMENT without its link never begins.
		 * At super speed there are 7 bits for the packets of a transfer
		 * (TRB_TDL_SS_SIZE()), which the controller checks.
		 */
		.gadget = "usb-ss-gadget",
		.limits = { .longest_block = 127 * 1024,
			    .longest_entry = (1u << 17) - 1,
			    .entries = 599,
			    .whole_entries = true },
	},
	{
		/*
		 * drivers/usb/cdns3/cdnsp-ring.c, cdnsp_queue_bulk_tx(): it cuts entries at 64 KiB,
		 * and its ring grows (cdnsp_prepare_ring()).
		 */
		.gadget = "cdnsp-gadget",
	},
	{
		/*
		 * drivers/usb/dwc2/gadget.c, dwc2_gadget_config_nonisoc_xfer_ddma(): it sends whole
		 * entries, cut at 65024 bytes, the whole packets of high speed in
		 * DEV_DMA_NBYTES_LIMIT, and writes behind its MAX_DMA_DESC_NUM_GENERIC descriptors
		 * when there are more. It adds an entry's offset to an address that has it already.
		 */
		.driver = "dwc2",
		.limits = { .entries = 64,
			    .cut = 65024,
			    .whole_entries = true,
			    .no_offsets = true },
	},
	{
		/* drivers/usb/musb/musb_gadget.c: no sg_supported. */
		.driver = "musb-hdrc",
		.limits = { .refusal = "its driver does no scatter-gather" },
	},
	{
		/* The simulated bus of the tests; the kernel's own has no sg_supported. */
		.driver = "dummy_udc",
	},
};

/* The name that the driver gave the gadget, empty when there is none. */
static void find_gadget_name(const char *udc, char *name, size_t size)
{
	char path[128], line[128];
	FILE *file;

	name[0] = '\0';
	snprintf(path, sizeof(path), UDC_CLASS "/%s/uevent", udc);
	file = fopen(path, "re");
	while (file && fgets(line, sizeof(line), file)) {
		line[strcspn(line, "\n")] = '\0';
		if (strncmp(line, GADGET_NAME_KEY, strlen(GADGET_NAME_KEY)) == 0)
			text_copy(name, size, line + strlen(GADGET_NAME_KEY));
	}
	if (file)
		fclose(file);
}

/* The name of the driver of the controller's device, empty when there is none. */
static void find_driver_name(const char *udc, char *name, size_t size)
{
	char path[128];

	snprintf(path, sizeof(path), UDC_CLASS "/%s/device/driver", udc);
	text_read_link(path, name, size);
}

static bool is_named(const char *known, const char *name)
{
	return known && strcmp(known, name) == 0;
}

void udc_find_limits(const char *name, struct port_limits *limits)
{
	char gadget[CONFIG_TEXT_SIZE], driver[CONFIG_TEXT_SIZE];

	find_gadget_name(name, gadget, sizeof(gadget));
	find_driver_name(name, driver, sizeof(driver));
	for (size_t i = 0; i < sizeof(drivers) / sizeof(drivers[0]); i++)
		if (is_named(drivers[i].gadget, gadget) || is_named(drivers[i].driver, driver)) {
			*limits = drivers[i].limits;
			return;
		}
	*limits = (struct port_limits){
		.refusal = "it is not known what its driver does with scatter lists",
	};
}
