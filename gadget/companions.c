// SPDX-License-Identifier: GPL-2.0-or-later
#include "companions.h"

#include <fcntl.h>
#include <netinet/ether.h>
#include <stdio.h>
#include <string.h>
#include <systemd/sd-id128.h>
#include <unistd.h>
#include <usbg/function/ms.h>
#include <usbg/function/net.h>

#include "core/log.h"
#include "usbg_failed.h"

/* For sd_id128_get_machine_app_specific(), as for the serial number */
#define NETWORK_ID SD_ID128_MAKE(1d, 62, 9a, 05, c4, 7e, 41, 0b, a9, 33, 86, d5, 2f, e8, 70, 4c)

static const struct kind {
	usbg_function_type type;
	const char *name, *module;
} kinds[] = {
	[FUNCTION_ACM] = { USBG_F_ACM, "acm", "usb_f_acm" },
	[FUNCTION_ECM] = { USBG_F_ECM, "ecm", "usb_f_ecm" },
	[FUNCTION_FFS] = { USBG_F_FFS, "ffs", "usb_f_fs" },
	[FUNCTION_MASS_STORAGE] = { USBG_F_MASS_STORAGE, "mass_storage", "usb_f_mass_storage" },
	[FUNCTION_NCM] = { USBG_F_NCM, "ncm", "usb_f_ncm" },
};

/*
 * The kernel's own addresses are random: hosts would see another network device at every start.
 * @number tells the addresses of one machine apart.
 */
static int make_address(const char *text, unsigned int number, struct ether_addr *address)
{
	sd_id128_t id;
	int ret;

	if (text[0])
		return ether_aton_r(text, address) ? 0 : -EINVAL;
	ret = sd_id128_get_machine_app_specific(NETWORK_ID, &id);
	if (ret < 0)
		return log_errno(ret, "cannot make a network address from /etc/machine-id: %m; set "
				      "dev_addr and host_addr in the configuration");
	memcpy(address->ether_addr_octet, id.bytes, ETH_ALEN);
	address->ether_addr_octet[0] = 0x02; /* administered locally, of one device */
	address->ether_addr_octet[ETH_ALEN - 1] ^= (uint8_t)number;
	return 0;
}

static int set_up_network(usbg_function *function, const struct function_config *config,
			  unsigned int place)
{
	usbg_f_net *network = usbg_to_net_function(function);
	struct ether_addr device, host;
	int ret = make_address(config->dev_addr, 2 * place, &device);

	if (!ret)
		ret = make_address(config->host_addr, 2 * place + 1, &host);
	if (ret < 0)
		return ret;
	ret = usbg_f_net_set_dev_addr(network, &device);
	if (!ret)
		ret = usbg_f_net_set_host_addr(network, &host);
	return ret ? usbg_failed(ret, "cannot set the addresses of gadget.functions[%u]", place)
		   : 0;
}

/* By this Windows binds its own driver of such networks. */
static int name_network_driver(usbg_function *function)
{
	char compatible_id[] = "WINNCM", none[] = "";
	struct usbg_function_os_desc descriptor = { .compatible_id = compatible_id,
						    .sub_compatible_id = none };
	int ret = usbg_set_interf_os_desc(function, "ncm", &descriptor);

	return ret ? usbg_failed(ret, "cannot set the driver of a network under Windows") : 0;
}

static int set_up_storage(usbg_function *function, const struct function_config *config)
{
	usbg_f_ms *storage = usbg_to_ms_function(function);
	/* The kernel would take a file that cannot be written to, and let the host find out. */
	int fd = open(config->file, (config->ro ? O_RDONLY : O_RDWR) | O_CLOEXEC);
	int ret;

	if (fd < 0)
		return log_errno(errno, "cannot open \"%s\" for function \"mass-storage\"%s: %m",
				 config->file, config->ro ? "" : " to read and write it");
	close(fd);
	ret = usbg_f_ms_set_lun_ro(storage, 0, config->ro);
	if (!ret)
		ret = usbg_f_ms_set_lun_file(storage, 0, config->file);
	return ret ? usbg_failed(ret, "the kernel refuses \"%s\" for function \"mass-storage\"",
				 config->file)
		   : 0;
}

static int set_attributes(usbg_function *function, const struct function_config *config,
			  unsigned int place)
{
	int ret;

	switch (config->type) {
	case FUNCTION_NCM:
		ret = name_network_driver(function);
		return ret < 0 ? ret : set_up_network(function, config, place);
	case FUNCTION_ECM:
		return set_up_network(function, config, place);
	case FUNCTION_MASS_STORAGE:
		return set_up_storage(function, config);
	default:
		return 0;
	}
}

static int create(usbg_gadget *gadget, usbg_config *usb_config,
		  const struct function_config *config, unsigned int place)
{
	const struct kind *kind = &kinds[config->type];
	usbg_function *function;
	char instance[CONFIG_NAME_SIZE];
	int ret;

	if (config->type == FUNCTION_FFS)
		snprintf(instance, sizeof(instance), "%s", config->name);
	else
		snprintf(instance, sizeof(instance), "%u", place);
	ret = usbg_create_function(gadget, kind->type, instance, NULL, &function);
	if (ret)
		return usbg_failed(ret,
				   "cannot make function \"%s.%s\"; has the kernel the module %s?",
				   kind->name, instance, kind->module);
	ret = set_attributes(function, config, place);
	if (ret < 0)
		return ret;
	ret = usbg_add_config_function(usb_config, instance, function);
	return ret ? usbg_failed(ret, "cannot add function \"%s.%s\" to the gadget", kind->name,
				 instance)
		   : 0;
}

int companions_create(usbg_gadget *gadget, usbg_config *config,
		      const struct functions_config *functions)
{
	for (unsigned int i = 0; i < functions->count; i++) {
		int ret = create(gadget, config, &functions->functions[i], i);

		if (ret < 0)
			return ret;
	}
	return 0;
}
