/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * recording.h - captured samples as a file that other programs read
 *
 * Raw samples are in the file as they came from the converter, and nothing else is. A SigMF
 * recording has the same samples in a file, and another file that says what they are and where some
 * are missing. A WAV file has a header before them.
 *
 * What other formats need in the end is said when the recording is closed; however it came to its
 * end, the file is then a whole number of samples, and what is said about it is true.
 */
#ifndef HOST_FILES_RECORDING_H
#define HOST_FILES_RECORDING_H

#include "datatype.h"
#include "sigmf.h"

#include <iiobridge/iiobridge.h>

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct failure;
struct losses;
struct recording;

/** enum recording_format - what kind of file */
enum recording_format {
	RECORDING_RAW,
	RECORDING_SIGMF,
	RECORDING_WAV,
};

/** recording_format_of() - by name: SigMF for .sigmf-meta and .sigmf-data, WAV for .wav, else raw
 */
enum recording_format recording_format_of(const char *path);

/** struct recording_setup - what is to be recorded */
struct recording_setup {
	/*
	 * Name of the file, of a SigMF recording with or without its suffix; or, but for SigMF, "-"
	 * for standard output; or, for raw samples, an endpoint of a publisher.
	 */
	const char *path;
	enum recording_format format;
	const struct iiobridge_route *route; /* as it runs */
	enum datatype_pairing pairing;
	const char *hw;
	const char *author;	/* or NULL */
	int (*is_ending)(void); /* as of output_open_publisher() */
};

/** struct recording_run - what is known of one run of the route, before which the board was away */
struct recording_run {
	uint64_t at;	   /* its first sample in the data */
	uint64_t told;	   /* samples of the data up to which its records tell of gaps */
	uint64_t board_ns; /* the time of its first sample by the board's clock; 0: not known */
	uint64_t start_ns; /* … and as time of day, nanoseconds since 1970; 0: not known */
	struct sigmf_radio radio; /* as it was before the run */
	double sample_rate;	  /* before it, where it is another than the first run's; else 0 */
};

/** enum recording_tuning_state - whether it is known what a radio was tuned to */
enum recording_tuning_state {
	RECORDING_TUNING_PENDING,    /* not yet */
	RECORDING_TUNING_KNOWN,	     /* the drivers said it behind it */
	RECORDING_TUNING_SUPERSEDED, /* it was tuned again before they had */
	RECORDING_TUNING_FAILED,     /* they, or the board, did not say it */
};

/** struct recording_tuning - some blocks of a run, in which its radio was tuned to something else
 */
struct recording_tuning {
	uint64_t at;	   /* their first sample in the data */
	uint64_t end;	   /* the first one behind them */
	uint64_t sequence; /* number of the first block in its run, and … */
	uint64_t asked;	   /* … of the first whose tuning may be another one than was asked for */
	enum recording_tuning_state state;
	struct sigmf_radio radio; /* of samples behind them, where it is known */
	bool rate_changed;	  /* the sample rate, too, … */
	double sample_rate;	  /* … which then is this one, 0: not known */
	uint64_t at_ns;	 /* time of their first sample by the board's clock; 0: not known */
	uint64_t end_ns; /* … and of the first one behind them */
};

/* So many tunings are kept, and the rest is only counted: 15 MiB. */
#define RECORDING_TUNINGS_MAX 65536

/** struct recording_tunings - those of all runs, in order; all zero: none */
struct recording_tunings {
	struct recording_tuning *list;
	size_t count;
	bool more; /* behind the last of them it is not said what was tuned */
};

/** struct recording_facts - what is known of a recording in the end */
struct recording_facts {
	const struct losses *losses;		 /* what the records of all runs say */
	const struct recording_tunings *tunings; /* or NULL */
	bool estimated;				 /* the lengths of gaps are estimates */
	struct recording_run *runs;		 /* the first begins at 0 */
	size_t run_count;			 /* at least 1 */
	const char *note;	/* a sentence without its end for the description, or NULL */
	const char *collection; /* base name of that which it is a part of, or NULL */
};

/** struct recording_end - what became of a recording */
struct recording_end {
	uint64_t samples;      /* in the file, or published */
	uint64_t unsubscribed; /* of those, published while nobody subscribed */
};

/** recording_check() - see whether the format can hold such samples; -EINVAL: it cannot */
int recording_check(const struct recording_setup *setup, struct failure *failure);

/**
 * recording_open() - create the files of a recording that was checked
 *
 * The setup and what it points to must outlive it. Errors as output_open(), sigmf_file_open().
 */
int recording_open(const struct recording_setup *setup, struct failure *failure,
		   struct recording **recording);

/** recording_write() - have @size bytes of whole samples written; returns as output_write() */
int recording_write(struct recording *recording, const uint8_t *data, size_t size);

/**
 * recording_keep() - let there be metadata of what was recorded, should the program be killed
 *
 * Of a SigMF recording with so many samples in its data; others have nothing to keep. Metadata that
 * cannot be written are left out: they are written again in the end.
 */
void recording_keep(struct recording *recording, const struct recording_facts *facts,
		    uint64_t samples);

/**
 * recording_finish() - complete the files, also after an error
 *
 * Return: 0 or negative errno as output_close(), output_overwrite() and sigmf_file_write().
 */
int recording_finish(struct recording *recording, const struct recording_facts *facts,
		     struct recording_end *end);

/** recording_free() - close and release; unless it is finished the metadata stay that were kept */
void recording_free(struct recording *recording);

/**
 * recording_describe() - the metadata of what was recorded, without the hash; -ENOMEM
 *
 * They are to be given to sigmf_clear(), also after an error.
 */
int recording_describe(const struct recording_setup *setup, const struct recording_facts *facts,
		       uint64_t samples, struct sigmf *meta);

#endif
