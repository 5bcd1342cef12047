/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * interrupt.h - end in good order on Ctrl-C
 */
#ifndef HOST_INTERRUPT_H
#define HOST_INTERRUPT_H

#include <pthread.h>
#include <stdbool.h>

/**
 * interrupt_catch() - take SIGINT, SIGTERM and SIGHUP as a wish to end, and ignore SIGPIPE
 *
 * Each is taken once: a second one ends the program at once, should the end in good order hang.
 * SIGHUP stays ignored where it is, as under nohup(1). With SIGPIPE ignored, an output whose reader
 * went away is an error of write(2).
 */
void interrupt_catch(void);

/**
 * interrupt_at_death() - do something when a signal ends the program at once
 *
 * That is the second SIGINT or SIGTERM, and any other signal that ends the program and can be
 * caught. The wish does only what signal-safety(7) allows.
 */
void interrupt_at_death(void (*wish)(void));

/** interrupt_thread() - start a thread that gets no signals; false: no room for another one */
bool interrupt_thread(pthread_t *thread, void *(*work)(void *context), void *context);

/** interrupt_signal() - number of the signal that asked the program to end, 0 without one */
int interrupt_signal(void);

#endif
