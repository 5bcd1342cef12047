// SPDX-License-Identifier: GPL-2.0-only
#include <linux/bits.h>
#include <linux/err.h>
#include <linux/mod_devicetable.h>
#include <linux/module.h>
#include <linux/platform_device.h>
#include <linux/spi/spi.h>

#include "spi.h"

/* What their drivers wait for and never write */
#define AD9652_ID	  0x01
#define AD9739A_ID	  0x35
#define AD9739A_MU_STATUS 0x2a /* the clock's phase is found */
#define AD9739A_RECEIVER  0x21 /* and that of the data */

/* By chip select */
static struct chip {
	unsigned int address_bytes;
	u8 registers[0x100];
} chips[] = {
	{ .address_bytes = 2, .registers = { [AD9652_ID] = 0xc1 } },
	{
		.address_bytes = 1,
		.registers = {
			[AD9739A_ID] = 0x24,
			[AD9739A_MU_STATUS] = BIT(0),
			[AD9739A_RECEIVER] = BIT(3) | BIT(0),
		},
	},
};

/* A message is an address, high byte first, with the top bit for reading, and one byte of data. */
static void byte_move(struct chip *chip, unsigned int place, u16 *address, const u8 *out, u8 *in)
{
	u16 top = BIT(8 * chip->address_bytes - 1);
	u8 *data = &chip->registers[*address & (top - 1) & 0xff];
	bool reads = *address & top;

	if (place < chip->address_bytes)
		*address = *address << 8 | (out ? *out : 0);
	else if (in && reads)
		*in = *data;
	else if (out && !reads)
		*data = *out;
}

static int message_move(struct spi_controller *controller, struct spi_message *message)
{
	struct chip *chip = &chips[spi_get_chipselect(message->spi, 0)];
	struct spi_transfer *transfer;
	unsigned int place = 0;
	u16 address = 0;

	list_for_each_entry (transfer, &message->transfers, transfer_list) {
		const u8 *out = transfer->tx_buf;
		u8 *in = transfer->rx_buf;

		for (unsigned int i = 0; i < transfer->len; i++)
			byte_move(chip, place++, &address, out ? out + i : NULL,
				  in ? in + i : NULL);
		message->actual_length += transfer->len;
	}
	message->status = 0;
	spi_finalize_current_message(controller);

	return 0;
}

static int controller_probe(struct platform_device *pdev)
{
	struct spi_controller *controller = devm_spi_alloc_host(&pdev->dev, 0);

	if (!controller)
		return -ENOMEM;
	controller->num_chipselect = ARRAY_SIZE(chips);
	controller->transfer_one_message = message_move;
	controller->dev.of_node = pdev->dev.of_node;

	return devm_spi_register_controller(&pdev->dev, controller);
}

static const struct of_device_id controller_ids[] = {
	{ .compatible = "axisim-spi" },
	{},
};

struct platform_driver spi_driver = {
	.probe = controller_probe,
	.driver = { .name = "axisim-spi", .of_match_table = controller_ids },
};
