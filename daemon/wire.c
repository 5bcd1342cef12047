// SPDX-License-Identifier: GPL-2.0-or-later
#include "wire.h"

#include <endian.h>

#define SWAP16(field) ((field) = htole16(field))
#define SWAP32(field) ((field) = htole32(field))
#define SWAP64(field) ((field) = htole64(field))

void wire_device_info(struct iiobridge_device_info *info)
{
	SWAP16(info->version_major);
	SWAP16(info->version_minor);
}

void wire_route_info(struct iiobridge_route_info *info)
{
	SWAP32(info->channel_mask);
	SWAP32(info->block_size);
	SWAP32(info->block_size_max);
	SWAP32(info->block_count);
	SWAP32(info->bytes_per_scan);
	SWAP32(info->block_step);
	SWAP64(info->sample_rate_millihertz);
}

void wire_channel_info(struct iiobridge_channel_info *info)
{
	SWAP16(info->index);
}

void wire_parameters(struct iiobridge_parameters *parameters)
{
	SWAP32(parameters->channel_mask);
	SWAP32(parameters->block_size);
	SWAP32(parameters->reserved[0]);
	SWAP32(parameters->reserved[1]);
}

void wire_finish(struct iiobridge_finish *finish)
{
	SWAP64(finish->bytes);
	SWAP32(finish->flags);
	SWAP32(finish->reserved);
}

void wire_statistics(struct iiobridge_statistics *statistics)
{
	SWAP32(statistics->state);
	SWAP32(statistics->estimated);
	SWAP64(statistics->starts);
	SWAP64(statistics->blocks_filled);
	SWAP64(statistics->blocks_drained);
	SWAP64(statistics->blocks_failed);
	SWAP64(statistics->bytes_drained);
	SWAP64(statistics->gaps);
	SWAP64(statistics->scans_lost);
	SWAP64(statistics->records_lost);
}

void wire_record(struct iiobridge_record *record)
{
	SWAP32(record->run);
	SWAP64(record->sequence);
	SWAP64(record->first_scan);
	SWAP64(record->filled_ns);
	SWAP64(record->drained_ns);
	SWAP32(record->bytes);
}

void wire_error(struct iiobridge_error *error)
{
	SWAP32(error->code);
	SWAP16(error->value);
}
