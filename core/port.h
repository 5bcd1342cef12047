/* SPDX-License-Identifier: GPL-2.0-or-later */
/**
 * DOC: blocks and ports
 *
 * A block is one DMABUF, or memory of this program where neither device takes DMABUFs. A port is
 * anything that can DMA to or from a block: an IIO buffer or a USB endpoint. A filling port writes
 * blocks, a draining port reads them. A ring (ring.h) takes blocks from one to the other and
 * knows nothing else about them.
 *
 * A port is used in this order: open, attach every block, submit, start, then submit and reap as
 * long as it runs, close. The order is the kernel's: an IIO buffer loses blocks that were submitted
 * before a later one was attached (iio_dma_buffer_attach_dmabuf() in
 * drivers/iio/buffer/industrialio-buffer-dma.c frees the list of queued blocks).
 */
#ifndef IIOBRIDGE_PORT_H
#define IIOBRIDGE_PORT_H

#include <errno.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "error.h"

/* How many blocks a run may have. */
#define BLOCKS_MIN 2
#define BLOCKS_MAX 1024

/**
 * struct block - memory that devices share
 * @fd: file descriptor of the DMABUF, -1 when there is none
 * @size: bytes
 * @memory: where this program sees it, NULL when it does not: only ports that copy need it
 */
struct block {
	int fd;
	uint32_t size;
	void *memory;
};

/**
 * struct completion - how a block came back; times are CLOCK_MONOTONIC
 * @status: 0 when the data moved, a negative errno when it did not
 * @early: the block was complete when its fence was exported: the kernel's @status is unknown, and
 *	@time_ns is that of the export
 * @submitted_ns: just before the block was submitted
 * @queued_ns: just after it was submitted
 * @time_ns: the kernel's time of completion
 * @gap: the device had no block just before this one, although it had one before; only real-time
 *	ports have gaps
 * @scans_lost: scans that the device lost, or missed, in the gap
 * @length: bytes in the block that count, of a port that fills and @cuts; 0 of others
 */
struct completion {
	int status;
	bool early;
	bool gap;
	uint64_t scans_lost;
	uint32_t length;
	uint64_t submitted_ns;
	uint64_t queued_ns;
	uint64_t time_ns;
};

/**
 * struct port_limits - what the device of a port can do with a block; 0 where it has no limit
 * @step: a block is a whole number of so many bytes, whoever moves it; so is the part of the last
 *	one that counts, where it passes DMABUFs
 * @refusal: why it takes no DMABUFs, part of a sentence; NULL when it takes them, within the limits
 *	that follow
 * @longest_block: bytes
 * @longest_entry: bytes in an entry of the DMABUF's scatter list
 * @entries: in the list; what the driver cuts at @cut counts as several
 * @cut: bytes, a page or more
 * @whole_entries: it moves whole entries, even those in which a shorter length ends
 * @no_offsets: an entry must begin where the kernel's memory of it (a folio) begins
 *
 * Few drivers look at what they are given: what is beyond these moves wrong samples, and the fence
 * says success.
 */
struct port_limits {
	uint32_t step;
	const char *refusal;
	uint32_t longest_block;
	uint32_t longest_entry;
	uint32_t entries;
	uint32_t cut;
	bool whole_entries;
	bool no_offsets;
};

struct port;

/**
 * struct port_ops - what a kind of port can do
 *
 * All return 0 or a negative errno, with the reason in @error of the port, but for those that are
 * said to have none.
 *
 * @open: make the port ready for attach. -EAGAIN, without a reason: it is still closed, and its
 *	owner will tell when to try again
 * @attach: let the port use @block; not after the first submit. -EOPNOTSUPP, without a reason: the
 *	device takes no DMABUFs, as @refusal of the port says; only a port that copies can serve it.
 *	-EIO, without a reason: the kernel cannot let the device reach the memory
 *	(dma_map_sgtable()).
 * @try: find out whether the device takes blocks, before the first submit, with a @block that holds
 *	nothing but zeros. -EOPNOTSUPP: as of attach. NULL where attach or start tells
 * @start: begin to move blocks; those that were submitted before are the first. -EOPNOTSUPP, of
 *	ports that fill: as of attach
 * @submit: queue the first @length bytes of @block. -EBUSY: the kernel holds the block for another
 *	moment, submit it again soon. -EAGAIN: not now, the port's owner will tell the ring.
 * @submit_cyclic: as submit, of the first PORT_CYCLIC_BLOCKS blocks of a run, before start: the
 *	device is to repeat the first by itself. They hold the same, so that it is right, too, when
 *	they are played one after the other; start finds out what becomes of them. Of ports that may
 *	be @cyclic
 * @reap: take the oldest block back. -EAGAIN: it is not complete, or nothing is in flight.
 * @wait_fd: file descriptor that polls readable once the oldest block is complete. It is either of
 *	that block alone, and valid until the block is reaped, or of all blocks, and valid until the
 *	port is closed; the second may poll readable before the block is complete, but not again
 *	after a reap that found nothing until more has happened. -1: the port's owner will tell the
 *	ring. Call it only while a block is in flight.
 * @stop: end what start began: what is complete can still be reaped, and nothing else will be; NULL
 *	where nothing can be stopped but by close
 * @close: cancel all that is in flight and let go of the blocks; harmless on a closed port
 */
struct port_ops {
	int (*open)(struct port *port);
	int (*attach)(struct port *port, const struct block *block);
	int (*try)(struct port *port, const struct block *block);
	int (*start)(struct port *port);
	int (*submit)(struct port *port, const struct block *block, uint32_t length);
	int (*submit_cyclic)(struct port *port, const struct block *block, uint32_t length);
	int (*reap)(struct port *port, struct completion *completion);
	int (*wait_fd)(struct port *port);
	void (*stop)(struct port *port);
	void (*close)(struct port *port);
};

/*
 * A port that copies takes a block also while it has it. When all that is played again and again is
 * 2 blocks, a long and a short one, so many more keep the two halves of an IIO buffer full.
 */
#define PORT_REPEATS_AHEAD 4

/* What is repeated, and the block by which it is seen that it is. */
#define PORT_CYCLIC_BLOCKS 2

/**
 * struct port_run - how far a port is in the run of its ring, which keeps it
 * @given: blocks that the port got
 * @done: blocks that it gave back
 * @watched: the block whose completion is being polled for
 * @held_since_ns: since when the kernel answers EBUSY, 0: it does not
 * @started: start has succeeded
 */
struct port_run {
	uint64_t given;
	uint64_t done;
	uint64_t watched;
	uint64_t held_since_ns;
	bool started;
};

/**
 * struct port - one end of a ring; the first member of each kind of port
 * @ops: what it can do
 * @name: for messages; the port's owner keeps it
 * @error: receives the reason of a failure; the port's owner keeps it
 * @real_time: true when the device goes on without a block, and what it produced then is lost
 * @estimates: true when the device does not count what it lost, so that the port computes it from
 *	times and the sample rate; known when the port is open
 * @copies: true when the processor moves the samples, so that blocks need memory that it sees
 * @cyclic: true when the device is to be asked to repeat a block by itself; not where it @copies
 * @repeats: known when the port has started: the device repeats the block that is in flight until
 *	the port is stopped, and the others that were submitted have come back
 * @cuts: true when it fills blocks, and may give one back before it is full
 * @ends_short: true when it drains blocks of a port that @cuts, and has to tell the other side
 *where one ends that is shorter than the others
 * @refusal: errno with which the device refused a DMABUF, 0 when it never did; ENOMEM: it took one,
 *	and failed to move it
 * @limits: of its device, as the owner of the port found them before the last start
 * @run: the ring's
 */
struct port {
	const struct port_ops *ops;
	const char *name;
	struct error *error;
	bool real_time;
	bool estimates;
	bool copies;
	bool cyclic;
	bool repeats;
	bool cuts;
	bool ends_short;
	int refusal;
	struct port_limits limits;
	struct port_run run;
};

/**
 * port_note_refusal() - find out whether a device takes no DMABUFs at all
 * @port: the port whose attach failed
 * @error: errno of the failure
 *
 * EPERM: the UDC has no scatter-gather (ffs_dmabuf_attach() in f_fs.c), or the IIO buffer has no
 * DMABUF callbacks (iio_buffer_attach_dmabuf() in industrialio-buffer.c). ENOTTY, EINVAL: the
 * kernel does not know the request.
 *
 * Return: true when it refuses, and the port knows that from now on.
 */
static inline bool port_note_refusal(struct port *port, int error)
{
	if (error != EPERM && error != ENOTTY && error != EINVAL)
		return false;
	port->refusal = error;
	return true;
}

/**
 * struct block_request - the blocks of a run
 * @blocks: array for them
 * @count: number of blocks
 * @size: bytes in a block; a block takes whole pages of its heap
 * @no_offsets: the blocks must have none, see struct port_limits; a heap that was named is taken at
 *	its word
 * @left_out: number of heaps that "auto" tries first, which it does not try: a device does not
 *reach their memory
 * @meanwhile: called after each block; the memory of all of them can take the kernel a second
 * @userdata: for @meanwhile
 * @error: receives the reason of a failure
 */
struct block_request {
	struct block *blocks;
	uint32_t count;
	uint32_t size;
	bool no_offsets;
	unsigned int left_out;
	void (*meanwhile)(void *userdata);
	void *userdata;
	struct error *error;
};

/**
 * blocks_alloc() - get all blocks of a run from a heap
 * @request: receives the blocks, or on error no block at all
 * @heap: name in /dev/dma_heap; where there is none of that name, "udmabuf" for ordinary and
 *	"udmabuf-huge" for huge pages, "auto" for the first of "system", "linux,cma", "reserved",
 *	"default_cma_region" and "udmabuf" that has the memory. If it is not the first, a log line
 *	says which it is. NULL: ordinary memory, which is no DMABUF and which this program sees.
 *
 * The memory is zeroed. A DMABUF is never mapped by this program, unless by block_map().
 *
 * Return: 0 or a negative errno: -ENOENT when there is no such heap, -ENOMEM when it has not enough
 * memory.
 */
int blocks_alloc(const struct block_request *request, const char *heap);

/**
 * block_alloc() - get a block that is no part of a run
 * @block: receives the block, or on error none
 * @size: as in struct block_request
 * @heap: as for blocks_alloc()
 * @error: receives the reason of a failure
 *
 * Return: as blocks_alloc().
 */
int block_alloc(struct block *block, uint32_t size, const char *heap, struct error *error);

/**
 * blocks_can_be_dmabufs() - whether blocks_alloc() has somewhere to get DMABUFs from
 * @heap: as for blocks_alloc(), not NULL
 *
 * Kernels without dma-heaps and udmabuf have nothing for "auto", as Debian's Linux 6.1. What was
 * named is taken at its word: blocks_alloc() says what is wrong with it.
 */
bool blocks_can_be_dmabufs(const char *heap);

/**
 * blocks_use_node() - whether blocks_alloc() may use a device node
 * @heap: as for blocks_alloc(), not NULL
 * @node: its path
 */
bool blocks_use_node(const char *heap, const char *node);

/**
 * blocks_choose_heap() - whether blocks_alloc() chooses one
 * @heap: as for blocks_alloc(), not NULL
 */
bool blocks_choose_heap(const char *heap);

/**
 * blocks_leave_out() - leave out another heap of those that blocks_alloc() tries
 * @heap: as for blocks_alloc(), not NULL
 * @left_out: see struct block_request; grows
 *
 * Return: whether there is still one to try, as only "auto" may have; @left_out is as it was if
 * not.
 */
bool blocks_leave_out(const char *heap, unsigned int *left_out);

/**
 * struct block_list - what the scatter list of a block can be at worst
 * @entries: most of them
 * @longest: bytes in the longest
 */
struct block_list {
	uint32_t entries;
	uint32_t longest;
};

/**
 * block_list_of() - what there is to know of a block before it is there
 * @heap: as for blocks_alloc(), not NULL
 * @size: bytes
 *
 * A program cannot see a DMABUF's list. The system heap takes what it finds, of chunks of 256, 16
 * and 1 pages, none longer than what is still needed (alloc_largest_available() in
 * drivers/dma-buf/heaps/system_heap.c). CMA heaps give one piece (cma_heap.c). udmabuf had an entry
 * for each page up to Linux 6.12, and joins those that adjoin in 7.3 (get_sg_table() in udmabuf.c).
 * What "auto" takes can be any of these.
 */
struct block_list block_list_of(const char *heap, uint32_t size);

/**
 * blocks_have_offsets() - whether entries of all blocks from a heap may begin within a folio
 * @heap: as for blocks_alloc(), not NULL
 *
 * Those of udmabuf do, in huge pages, up to Linux 6.12. "auto" takes others where it can, when the
 * request asks for that.
 */
bool blocks_have_offsets(const char *heap);

/**
 * block_map() - let this program see a block
 * @block: a DMABUF; @memory of it is set
 * @error: receives the reason of a failure
 *
 * Return: 0 or a negative errno.
 */
int block_map(struct block *block, struct error *error);

/**
 * block_begin_access() - prepare a block for the processor
 * @block: a mapped DMABUF, or other memory, which needs no preparation
 * @write: the processor, or the kernel for it, will write; otherwise it will only read
 *
 * Around every access to a mapped DMABUF: DMA_BUF_IOCTL_SYNC, Documentation/driver-api/dma-buf.rst.
 *
 * Return: 0 or a negative errno, not logged.
 */
int block_begin_access(const struct block *block, bool write);

/**
 * block_end_access() - give a block back to the devices
 * @block: as it was for block_begin_access()
 * @write: as it was for block_begin_access()
 *
 * Return: 0 or a negative errno, not logged.
 */
int block_end_access(const struct block *block, bool write);

/**
 * block_free() - let go of a block
 * @block: a block, or one whose fd is -1 and whose memory is NULL
 *
 * The kernel keeps the memory of a DMABUF for as long as a device uses it.
 */
void block_free(struct block *block);

#endif
