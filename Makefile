# SPDX-License-Identifier: GPL-2.0-or-later
# The one entrance. "make help" lists what it does.

VERSION := 0.1.0

prefix     ?= /usr/local
bindir     ?= $(prefix)/bin
sysconfdir ?= /etc
unitdir    ?= $(prefix)/lib/systemd/system
mandir     ?= $(prefix)/share/man
includedir ?= $(prefix)/include

CROSS_COMPILE ?=
ifeq ($(origin CC),default)
CC := $(CROSS_COMPILE)gcc
endif
PKG_CONFIG ?= $(CROSS_COMPILE)pkg-config
INSTALL    ?= install
CFLAGS     ?= -O2 -g

O ?= build

DAEMON_PACKAGES := libusbgx libiio libsystemd libconfig
HOST_PACKAGES   := libusb-1.0

DAEMON_SOURCES := $(wildcard daemon/*.c gadget/*.c config/*.c systemd/*.c)
HOST_SOURCES   := $(wildcard host/*.c)
UNIT_SOURCES   := $(wildcard tests/unit/test_*.c)
TOOL_SOURCES   := $(wildcard tests/board/tools/*.c)
SOURCES        := $(DAEMON_SOURCES) $(HOST_SOURCES) $(UNIT_SOURCES) $(TOOL_SOURCES)
HEADERS        := $(wildcard include/iiobridge/*.h daemon/*.h gadget/*.h host/*.h)
SCRIPTS        := .ci/run tests/board/lib.sh $(wildcard tests/board/tests/*.test) \
	$(shell grep -rlsm1 '^\#!/bin/bash' tests)

# WERROR=-Werror stops at a warning; CI sets it.
ALL_CFLAGS := -std=c17 -D_GNU_SOURCE -Wall -Wextra -Wmissing-prototypes -Wshadow $(WERROR) \
	-Iinclude -I. -DIIOBRIDGE_VERSION='"$(VERSION)"' \
	-DIIOBRIDGE_CONFIG='"$(sysconfdir)/iiobridge.conf"' $(CFLAGS) $(CPPFLAGS)

daemon_cflags = $(shell $(PKG_CONFIG) --cflags $(DAEMON_PACKAGES))
daemon_libs   = $(shell $(PKG_CONFIG) --libs $(DAEMON_PACKAGES)) -lm
host_cflags   = $(shell $(PKG_CONFIG) --cflags $(HOST_PACKAGES))
host_libs     = $(shell $(PKG_CONFIG) --libs $(HOST_PACKAGES)) -lm

.PHONY: all
all: $(O)/iiobridged $(O)/iiobridge

$(O)/iiobridged: $(DAEMON_SOURCES:%.c=$(O)/%.o)
	$(CC) $(ALL_CFLAGS) $(LDFLAGS) -o $@ $^ $(daemon_libs)

$(O)/iiobridge: $(HOST_SOURCES:%.c=$(O)/%.o)
	$(CC) $(ALL_CFLAGS) $(LDFLAGS) -o $@ $^ $(host_libs)

$(O)/host/%.o: host/%.c Makefile
	@mkdir -p $(@D)
	$(CC) $(ALL_CFLAGS) $(host_cflags) -MMD -MP -c -o $@ $<

$(O)/%.o: %.c Makefile
	@mkdir -p $(@D)
	$(CC) $(ALL_CFLAGS) $(daemon_cflags) -MMD -MP -c -o $@ $<

# What the board's tests use beside the project itself; needs the host's objects.
.PHONY: tools
tools: $(TOOL_SOURCES:tests/board/tools/%.c=$(O)/tools/%)

$(O)/tools/%: $(O)/tests/board/tools/%.o $(filter-out $(O)/host/main.o,$(HOST_SOURCES:%.c=$(O)/%.o))
	@mkdir -p $(@D)
	$(CC) $(ALL_CFLAGS) $(LDFLAGS) -o $@ $^ $(host_libs)

.PHONY: install
install: all ## install into $(DESTDIR)$(prefix)
	$(INSTALL) -d $(DESTDIR)$(bindir) $(DESTDIR)$(sysconfdir) $(DESTDIR)$(unitdir) \
		$(DESTDIR)$(mandir)/man1 $(DESTDIR)$(mandir)/man8 $(DESTDIR)$(includedir)/iiobridge
	$(INSTALL) -m 755 $(O)/iiobridged $(O)/iiobridge $(DESTDIR)$(bindir)
	sed 's|@bindir@|$(bindir)|' systemd/iiobridged.service.in \
		> $(DESTDIR)$(unitdir)/iiobridged.service
	$(INSTALL) -m 644 include/iiobridge/protocol.h $(DESTDIR)$(includedir)/iiobridge
	$(INSTALL) -m 644 host/iiobridge.1 $(DESTDIR)$(mandir)/man1
	$(INSTALL) -m 644 daemon/iiobridged.8 $(DESTDIR)$(mandir)/man8
	test -e $(DESTDIR)$(sysconfdir)/iiobridge.conf || \
		$(INSTALL) -m 644 config/iiobridge.conf $(DESTDIR)$(sysconfdir)/iiobridge.conf

.PHONY: check
check: ## all tests, or TESTS='glob…' of them; installs missing Debian packages
	tests/setup
	tests/check $(TESTS)

.PHONY: demo
demo: ## capture from the virtual board into out/demo/; installs missing Debian packages
	tests/setup
	tests/demo

# Blocks that are moved, and what the random order of things follows from.
BLOCKS ?= 10000000
SEED   ?= 1

.PHONY: soak
soak: ## BLOCKS=… over all routes with faults at random, as SEED=… has it; takes an hour
	tests/setup
	tests/board/run --timeout 36000 soak $(BLOCKS) $(SEED)

.PHONY: board-shell
board-shell: ## a login on the virtual board
	tests/setup
	tests/board/shell

# Unit tests are built with sanitizers, in a folder of their own.
SANITIZE := -O1 -g -fno-omit-frame-pointer -fsanitize=address,undefined -fno-sanitize-recover=all

.SECONDARY:

.PHONY: unit-tests
unit-tests:
	$(MAKE) O=$(O)/sanitize CFLAGS='$(SANITIZE)' unit-programs

.PHONY: unit-programs
unit-programs: $(UNIT_SOURCES:%.c=$(O)/%)

$(O)/tests/unit/test_host_%: $(O)/tests/unit/test_host_%.o \
		$(filter-out $(O)/host/main.o,$(HOST_SOURCES:%.c=$(O)/%.o))
	$(CC) $(ALL_CFLAGS) $(LDFLAGS) -o $@ $^ $(host_libs) -lcmocka

$(O)/tests/unit/test_%: $(O)/tests/unit/test_%.o \
		$(filter-out $(O)/daemon/main.o,$(DAEMON_SOURCES:%.c=$(O)/%.o))
	$(CC) $(ALL_CFLAGS) $(LDFLAGS) -o $@ $^ $(daemon_libs) -lcmocka

# The ring is tested without a heap, which a build machine does not have.
$(O)/tests/unit/test_ring: LDFLAGS += -Wl,--wrap=blocks_alloc
# … and the records without a gadget.
$(O)/tests/unit/test_records: LDFLAGS += -Wl,--wrap=endpoint_new \
	-Wl,--wrap=endpoint_set_copying -Wl,--wrap=endpoint_free

# A copying endpoint is tested without the kernel's AIO and FunctionFS.
endpoint_copy_fakes := aio_new aio_free aio_is_full aio_is_idle aio_submit aio_collect aio_cancel \
	aio_wait function_is_quiet endpoint_open_file endpoint_close_file endpoint_address
$(O)/tests/unit/test_endpoint_copy: LDFLAGS += $(endpoint_copy_fakes:%=-Wl,--wrap=%)

.PHONY: lint
lint: ## clang-format, clang-tidy, cppcheck, shellcheck, man pages
	tests/setup
	clang-format --dry-run --Werror $(SOURCES) $(HEADERS)
	clang-tidy --quiet --warnings-as-errors='*' $(DAEMON_SOURCES) $(HOST_SOURCES) -- \
		$(ALL_CFLAGS) $(daemon_cflags) $(host_cflags)
	cppcheck --quiet --std=c11 --enable=warning,performance,portability --inline-suppr \
		--error-exitcode=1 -Iinclude $(DAEMON_SOURCES) $(HOST_SOURCES) $(TOOL_SOURCES)
	shellcheck -x $(SCRIPTS)
	mandoc -T lint -W warning host/iiobridge.1 daemon/iiobridged.8

.PHONY: format
format: ## put all C files into the project's style
	clang-format -i $(SOURCES) $(HEADERS)

.PHONY: clean
clean: ## remove what was built
	rm -rf $(O) out

.PHONY: help
help: ## this list
	@echo 'make            build iiobridged and iiobridge in $(O)/'
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/make \1\t\2/p' Makefile | expand -t 16
	@echo
	@echo 'Variables: CC CFLAGS CPPFLAGS LDFLAGS CROSS_COMPILE PKG_CONFIG DESTDIR prefix'

-include $(SOURCES:%.c=$(O)/%.d)
