/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * endpoint.h - where a ZeroMQ publisher is found: tcp://ADDRESS:PORT or ipc://FILE
 */
#ifndef HOST_FILES_ENDPOINT_H
#define HOST_FILES_ENDPOINT_H

#include <stdint.h>

struct failure;

/* What an output's name begins with when it is an endpoint. */
#define ENDPOINT_PREFIX "zmq:"

/**
 * endpoint_of() - whether the name of an output means a publisher
 * @output: the name, or NULL
 *
 * Return: the endpoint, which is what follows %ENDPOINT_PREFIX; NULL where it is none.
 */
const char *endpoint_of(const char *output);

/**
 * endpoint_check() - see whether an endpoint is one
 * @endpoint: the endpoint
 * @failure: gets the reason of an error
 *
 * Return: 0; -EINVAL: it is none.
 */
int endpoint_check(const char *endpoint, struct failure *failure);

/**
 * endpoint_is_free() - see whether an endpoint's file may be made anew
 * @endpoint: the endpoint, checked
 *
 * ZeroMQ removes whatever has the name of the file. That nobody is bound to an endpoint without one
 * is for zmq_bind(3) to say.
 *
 * Return: 0; -EEXIST: there is a file that is no socket; -EADDRINUSE: another program listens.
 */
int endpoint_is_free(const char *endpoint);

/**
 * endpoint_remove() - remove the file of an endpoint, which ZeroMQ leaves behind
 * @endpoint: the endpoint, to which this program is bound; nothing happens where it has no file
 */
void endpoint_remove(const char *endpoint);

/**
 * endpoint_unread() - what the kernel still has for the subscribers of this program
 * @endpoint: the endpoint that it is bound to
 *
 * Return: bytes that the kernel of the other machine has not acknowledged; for ipc, memory of those
 * that the subscribers have not read.
 */
uint64_t endpoint_unread(const char *endpoint);

#endif
