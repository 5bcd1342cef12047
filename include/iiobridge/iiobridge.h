/* SPDX-License-Identifier: GPL-2.0-or-later */
/**
 * DOC: libiiobridge, the host's end of iiobridge for any program
 *
 * A program opens a board, starts a capture or a playback on one of its routes, and reads or writes
 * scans: one sample of each channel, laid out as struct iiobridge_channel_info says. What was lost
 * on the way is told to the scan. The structures that describe boards, routes and channels are
 * those of <iiobridge/protocol.h>, checked and in the host's byte order; nothing else of the
 * protocol needs to be known.
 *
 * Functions that can fail return a negative errno, and iiobridge_message() then says what failed,
 * and why:
 *	-ENOENT     no such board
 *	-EACCES     this user may not open the board
 *	-EBUSY      another program uses the board
 *	-ENODEV     the board went away: close it, and open it again when it is back
 *	-EREMOTEIO  the board refused, or its route had a fault; the sentence is the board's own
 *	-EPROTO     the board breaks the protocol, or a USB transfer failed
 *	-ETIMEDOUT  the board did not answer in time
 *	-EINVAL     asked for something that the board does not have
 *	-ENOMEM, -EIO  no memory, or libusb failed in another way
 *
 * Several threads may use a board at the same time, such as one that reads and one that writes. A
 * capture, and a playback, is for one thread at a time. A call waits no longer than its timeout,
 * except for a board that is slow to answer a request: at most 5 s for each, and 30 s for the start
 * of a route, which gets the memory of its blocks.
 *
 * The library prints nothing, never ends the program, and touches no signals; a signal does not cut
 * a wait short. The header compiles as C99 and as C++.
 */
#ifndef IIOBRIDGE_IIOBRIDGE_H
#define IIOBRIDGE_IIOBRIDGE_H

#include <iiobridge/protocol.h>

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#ifdef __cplusplus
extern "C" {
#endif

/** struct iiobridge_list - the boards that were on the USB at one moment; opaque */
struct iiobridge_list;

/** struct iiobridge_board - an open board; opaque */
struct iiobridge_board;

/** struct iiobridge_capture - a running capture; opaque */
struct iiobridge_capture;

/** struct iiobridge_playback - a running playback; opaque */
struct iiobridge_playback;

/**
 * iiobridge_message() - the reason of the last error
 *
 * Return: a sentence about the last function that failed in this thread, valid until the next one
 * fails; empty when none has.
 */
const char *iiobridge_message(void);

/**
 * iiobridge_list_new() - find the boards
 * @list: gets them; to be given to iiobridge_list_free()
 *
 * An empty list is not an error, and a board that cannot be opened is not in it, unless it is the
 * only one.
 *
 * Return: 0 or negative errno.
 */
int iiobridge_list_new(struct iiobridge_list **list);

/**
 * iiobridge_list_free() - release a list
 * @list: from iiobridge_list_new(), or NULL
 */
void iiobridge_list_free(struct iiobridge_list *list);

/**
 * iiobridge_list_count() - number of boards in a list
 * @list: the list
 *
 * Return: the number.
 */
size_t iiobridge_list_count(const struct iiobridge_list *list);

/**
 * iiobridge_list_serial() - serial number of a board
 * @list: the list
 * @index: place in the list, below iiobridge_list_count()
 *
 * Return: printable text, empty when the board has none; valid until iiobridge_list_free().
 */
const char *iiobridge_list_serial(const struct iiobridge_list *list, size_t index);

/**
 * iiobridge_list_info() - what a board says about itself
 * @list: the list
 * @index: place in the list, below iiobridge_list_count()
 *
 * Return: valid until iiobridge_list_free().
 */
const struct iiobridge_device_info *iiobridge_list_info(const struct iiobridge_list *list,
							size_t index);

/**
 * iiobridge_open() - open a board
 * @serial: its serial number, or NULL for the only one
 * @board: gets it; to be given to iiobridge_close()
 *
 * A board may be open in several programs; the one that streams first has its routes.
 *
 * Return: 0 or negative errno; -EINVAL: @serial is NULL and there are several boards, which the
 * sentence names.
 */
int iiobridge_open(const char *serial, struct iiobridge_board **board);

/**
 * iiobridge_close() - close a board
 * @board: from iiobridge_open(), or NULL; its captures and playbacks must be stopped before
 */
void iiobridge_close(struct iiobridge_board *board);

/**
 * iiobridge_serial() - serial number of a board
 * @board: the board
 *
 * Return: printable text, empty when the board has none; valid until iiobridge_close().
 */
const char *iiobridge_serial(const struct iiobridge_board *board);

/**
 * iiobridge_info() - what a board said about itself when it was opened
 * @board: the board
 *
 * Return: the model, the version of its software, and the number of its routes; valid until
 * iiobridge_close().
 */
const struct iiobridge_device_info *iiobridge_info(const struct iiobridge_board *board);

/**
 * iiobridge_get_route() - ask about a route
 * @board: the board
 * @route: number of the route, below the board's route_count
 * @info: gets the answer: direction, sizes, rate and names
 *
 * Return: 0 or negative errno.
 */
int iiobridge_get_route(struct iiobridge_board *board, unsigned int route,
			struct iiobridge_route_info *info);

/**
 * iiobridge_find_route() - find a route by its name
 * @board: the board
 * @name: its name in the board's configuration; NULL for the only one of a direction
 * @direction: the direction, when @name is NULL
 *
 * Return: number of the route, or negative errno; -EINVAL: there is none, or several, and the
 * sentence names them.
 */
int iiobridge_find_route(struct iiobridge_board *board, const char *name,
			 enum iiobridge_direction direction);

/**
 * iiobridge_get_channel() - ask about a channel of a route
 * @board: the board
 * @route: number of the route
 * @channel: number of the channel, below the route's channel_count; its bit in channel masks
 * @info: gets the answer: name, place in the scan, and format
 *
 * Return: 0 or negative errno.
 */
int iiobridge_get_channel(struct iiobridge_board *board, unsigned int route, unsigned int channel,
			  struct iiobridge_channel_info *info);

/**
 * iiobridge_get_statistics() - ask how a route is doing
 * @board: the board
 * @route: number of the route
 * @statistics: gets the answer: what was delivered and what was lost since the last start
 *
 * Return: 0 or negative errno.
 */
int iiobridge_get_statistics(struct iiobridge_board *board, unsigned int route,
			     struct iiobridge_statistics *statistics);

/**
 * iiobridge_capture_start() - start a capture
 * @board: the board; must stay open until iiobridge_capture_stop()
 * @route: number of a capture route
 * @parameters: which channels and how large the blocks are; NULL: as configured
 * @capture: gets the capture; to be given to iiobridge_capture_stop()
 *
 * A route that was running, for whomever, is stopped first.
 *
 * Return: 0 or negative errno; -EINVAL: a parameter does not fit the route.
 */
int iiobridge_capture_start(struct iiobridge_board *board, unsigned int route,
			    const struct iiobridge_parameters *parameters,
			    struct iiobridge_capture **capture);

/**
 * iiobridge_capture_route() - the route as it runs
 * @capture: the capture
 *
 * Return: valid until iiobridge_capture_stop(); its bytes_per_scan, channel_mask and block_size are
 * those of this capture.
 */
const struct iiobridge_route_info *iiobridge_capture_route(const struct iiobridge_capture *capture);

/**
 * enum iiobridge_piece_flags - what is special about scans that were read
 * @IIOBRIDGE_PIECE_GAP: scans were lost just before these; scans_lost of them, 0 when the board
 *	does not know how many
 * @IIOBRIDGE_PIECE_NO_RECORD: the board's record of these scans was lost: their time is not known,
 *	and a gap inside of them would only be told behind them
 */
enum iiobridge_piece_flags {
	IIOBRIDGE_PIECE_GAP = 1,
	IIOBRIDGE_PIECE_NO_RECORD = 2,
};

/**
 * struct iiobridge_piece - where scans that were read belong
 * @first_scan: place of the first on the converter's clock, which counts the lost ones, too, and
 *	begins with 0 at the start
 * @scans_lost: scans that were lost just before it; an estimate where the board's statistics say
 *	so
 * @time_ns: when it was taken: the board's CLOCK_MONOTONIC in nanoseconds, from the kernel's time
 *	at which the block was full, and the sample rate; where the route tells no rate, the time
 *	of the block's end; 0 when it is not known
 * @flags: enum iiobridge_piece_flags
 * @reserved: 0
 */
struct iiobridge_piece {
	uint64_t first_scan;
	uint64_t scans_lost;
	uint64_t time_ns;
	uint32_t flags;
	uint32_t reserved;
};

/**
 * iiobridge_capture_read() - read scans
 * @capture: the capture
 * @data: gets them
 * @scans: room at @data, in scans, larger than 0
 * @timeout_ms: how long to wait for the first scan at most, milliseconds; 0 takes what is there
 * @piece: gets where they belong; may be NULL
 *
 * Within what one call returns there is no gap. Scans come when the board has told what became of
 * their block. Who reads late, by more than the board and the library can keep, loses scans; the
 * next call behind the loss tells of it.
 *
 * Return: number of scans; 0 when none came in time; or a negative errno, behind the last scans
 * whose blocks are known, and then again with each call.
 */
ssize_t iiobridge_capture_read(struct iiobridge_capture *capture, void *data, size_t scans,
			       unsigned int timeout_ms, struct iiobridge_piece *piece);

/**
 * iiobridge_capture_stop() - stop a capture and release it
 * @capture: from iiobridge_capture_start(), or NULL
 * @statistics: gets the final counts, all 0 when the board could not be asked; may be NULL
 *
 * Scans that were not read are dropped. Whatever is returned, the capture is gone.
 *
 * Return: 0 or negative errno; a board that went away is none, for the capture has ended then.
 */
int iiobridge_capture_stop(struct iiobridge_capture *capture,
			   struct iiobridge_statistics *statistics);

/**
 * iiobridge_playback_start() - begin a playback
 * @board: the board; must stay open until iiobridge_playback_stop()
 * @route: number of a playback route
 * @parameters: which channels and how large the blocks are; NULL: as configured
 * @playback: gets the playback; to be given to iiobridge_playback_stop()
 *
 * A route that was running, for whomever, is stopped first. It starts when more than its first
 * block was written.
 *
 * Return: 0 or negative errno; -EINVAL: a parameter does not fit the route.
 */
int iiobridge_playback_start(struct iiobridge_board *board, unsigned int route,
			     const struct iiobridge_parameters *parameters,
			     struct iiobridge_playback **playback);

/**
 * iiobridge_playback_route() - the route as it runs
 * @playback: the playback
 *
 * Return: as iiobridge_capture_route().
 */
const struct iiobridge_route_info *
iiobridge_playback_route(const struct iiobridge_playback *playback);

/**
 * iiobridge_playback_write() - write scans
 * @playback: the playback, which was not finished
 * @data: the scans
 * @scans: their number
 * @timeout_ms: how long to wait until all are taken at most, milliseconds
 *
 * What is taken goes to the board in whole blocks, and one block is kept until it is known what
 * follows it: a playback that makes a pause in its writes has underruns.
 *
 * Return: number of scans that were taken, fewer than @scans when the time was over; or a negative
 * errno, and then again with each call.
 */
ssize_t iiobridge_playback_write(struct iiobridge_playback *playback, const void *data,
				 size_t scans, unsigned int timeout_ms);

/**
 * struct iiobridge_underrun - a moment in which the DAC had nothing to play
 * @at: scans that it had played before
 * @scans_missed: scans that it missed; 0 when the board does not know how many
 */
struct iiobridge_underrun {
	uint64_t at;
	uint64_t scans_missed;
};

/**
 * iiobridge_playback_next_underrun() - the oldest underrun that was not yet told
 * @playback: the playback
 * @underrun: gets it
 *
 * The board tells of them a moment later, while the program is in a write or the finish. After
 * 65536 of them only the statistics count on.
 *
 * Return: 1, or 0 when there is none.
 */
int iiobridge_playback_next_underrun(struct iiobridge_playback *playback,
				     struct iiobridge_underrun *underrun);

/**
 * iiobridge_playback_finish() - play to the end of what was written
 * @playback: the playback
 * @timeout_ms: how long to wait until the DAC has played it at most, milliseconds
 *
 * Return: 1 when the DAC has played all; 0 when the time was over, to be called again; or a
 * negative errno; -EINVAL: nothing was written.
 */
int iiobridge_playback_finish(struct iiobridge_playback *playback, unsigned int timeout_ms);

/**
 * iiobridge_playback_stop() - stop a playback and release it
 * @playback: from iiobridge_playback_start(), or NULL
 * @statistics: gets the final counts, all 0 when the board could not be asked; may be NULL
 *
 * What the DAC has not yet played is dropped. Whatever is returned, the playback is gone.
 *
 * Return: as iiobridge_capture_stop().
 */
int iiobridge_playback_stop(struct iiobridge_playback *playback,
			    struct iiobridge_statistics *statistics);

#ifdef __cplusplus
}
#endif

#endif
