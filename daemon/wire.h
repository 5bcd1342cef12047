/* SPDX-License-Identifier: GPL-2.0-or-later */
/**
 * DOC: the protocol's structures in the wire's byte order
 *
 * Each function converts a structure in place, from the processor's byte order to little-endian or
 * back, which is the same.
 */
#ifndef IIOBRIDGE_WIRE_H
#define IIOBRIDGE_WIRE_H

#include "iiobridge/protocol.h"

/** wire_device_info() - convert an answer to IIOBRIDGE_GET_DEVICE */
void wire_device_info(struct iiobridge_device_info *info);

/** wire_route_info() - convert an answer to IIOBRIDGE_GET_ROUTE */
void wire_route_info(struct iiobridge_route_info *info);

/** wire_channel_info() - convert an answer to IIOBRIDGE_GET_CHANNEL */
void wire_channel_info(struct iiobridge_channel_info *info);

/** wire_parameters() - convert the data of IIOBRIDGE_SET_PARAMETERS */
void wire_parameters(struct iiobridge_parameters *parameters);

/** wire_finish() - convert the data of IIOBRIDGE_FINISH */
void wire_finish(struct iiobridge_finish *finish);

/** wire_statistics() - convert an answer to IIOBRIDGE_GET_STATISTICS */
void wire_statistics(struct iiobridge_statistics *statistics);

/** wire_record() - convert a record */
void wire_record(struct iiobridge_record *record);

/** wire_error() - convert an answer to IIOBRIDGE_GET_ERROR */
void wire_error(struct iiobridge_error *error);

#endif
