# SPDX-License-Identifier: GPL-2.0-or-later
# The one entrance. "make help" lists what it does.

# The version is that of the newest entry in debian/changelog.
VERSION := $(shell sed -n '1s/.*(\(.*\)).*/\1/p' debian/changelog)

prefix        ?= /usr/local
bindir        ?= $(prefix)/bin
libdir        ?= $(prefix)/lib
sysconfdir    ?= /etc
unitdir       ?= $(prefix)/lib/systemd/system
catalogdir    ?= $(prefix)/lib/systemd/catalog
udevdir       ?= $(prefix)/lib/udev
sysusersdir   ?= $(prefix)/lib/sysusers.d
dbusdir       ?= $(prefix)/share/dbus-1/system.d
datadir       ?= $(prefix)/share
mandir        ?= $(datadir)/man
includedir    ?= $(prefix)/include
completiondir ?= $(prefix)/share/bash-completion/completions

CROSS_COMPILE ?=
ifeq ($(origin CC),default)
CC := $(CROSS_COMPILE)gcc
endif
ifeq ($(origin CXX),default)
CXX := $(CROSS_COMPILE)g++
endif
PKG_CONFIG ?= $(CROSS_COMPILE)pkg-config
INSTALL    ?= install
OBJCOPY    ?= $(shell $(CC) -print-prog-name=objcopy)
ifeq ($(origin AR),default)
AR = $(shell $(CC) -print-prog-name=ar)
endif
CFLAGS     ?= -O2 -g
CXXFLAGS   ?= $(CFLAGS)

O ?= build

DAEMON_PACKAGES := libusbgx libiio libsystemd libconfig libacl
HOST_PACKAGES   := cairo fftw3f jansson libcrypto libzmq
LIBRARY_PACKAGES := libusb-1.0

DAEMON_SOURCES := $(wildcard core/*.c config/*.c gadget/*.c iio/*.c systemd/*.c daemon/*.c)
HOST_SOURCES   := $(wildcard host/*.c host/bench/*.c host/capture/*.c host/files/*.c host/view/*.c)
LIBRARY_SOURCES := $(wildcard library/*.c)
EXAMPLES       := $(wildcard examples/*.c)
SOAPY_SOURCES  := $(wildcard soapy/*.cpp)
CXX_FILES      := $(SOAPY_SOURCES) $(wildcard soapy/*.hpp tests/board/tools/*.cpp tests/unit/*.cpp tests/unit/soapy_*)
UNIT_SOURCES   := $(wildcard tests/unit/test_*.c)
TOOL_SOURCES   := $(wildcard tests/board/tools/*.c)
PRELOADS       := $(wildcard tests/board/preload/*.c)
SOURCES        := $(DAEMON_SOURCES) $(HOST_SOURCES) $(LIBRARY_SOURCES) $(EXAMPLES) \
	$(UNIT_SOURCES) $(TOOL_SOURCES) $(PRELOADS) $(wildcard tests/board/*.c tests/python/*.c)
HEADERS        := $(wildcard $(addsuffix /*.h,include/iiobridge core config gadget iio systemd daemon host host/bench host/capture host/files host/view library \
	tests/board/preload))
SCRIPTS        := .ci/run debian/build-packages $(wildcard debian/*.p*) completion/iiobridge.bash \
	completion/iiobridged.bash tests/board/lib.sh $(wildcard tests/board/tests/*.test) \
	$(shell grep -rlsm1 '^\#!/bin/bash' tests)

BENCH_SOURCES := $(wildcard tests/bench/*.c)
SOURCES       += $(BENCH_SOURCES)
HEADERS       += $(wildcard tests/bench/*.h)
SCRIPTS       += $(wildcard tests/bench/board/*.sh)

# WERROR=-Werror stops at a warning; CI sets it.
# Files of samples are larger than 2 GiB, on boards with 32 bits, too.
ALL_CFLAGS := -std=c17 -D_GNU_SOURCE -D_FILE_OFFSET_BITS=64 \
	-Wall -Wextra -Wmissing-prototypes -Wshadow $(WERROR) \
	-Iinclude -I. -DIIOBRIDGE_VERSION='"$(VERSION)"' \
	-DIIOBRIDGE_CONFIG='"$(sysconfdir)/iiobridge.conf"' $(CFLAGS) $(CPPFLAGS)

daemon_cflags = $(shell $(PKG_CONFIG) --cflags $(DAEMON_PACKAGES)) -pthread
daemon_libs   = $(shell $(PKG_CONFIG) --libs $(DAEMON_PACKAGES)) -pthread -lm
host_cflags   = $(shell $(PKG_CONFIG) --cflags $(HOST_PACKAGES)) -pthread
host_libs     = $(shell $(PKG_CONFIG) --libs $(HOST_PACKAGES)) -pthread -lm
library_cflags = $(shell $(PKG_CONFIG) --cflags $(LIBRARY_PACKAGES)) -pthread
library_libs   = $(shell $(PKG_CONFIG) --libs $(LIBRARY_PACKAGES)) -pthread -lm

LIBRARY_OBJECTS = $(LIBRARY_SOURCES:%.c=$(O)/pic/%.o)
# It changes when programs that were linked with the one before cannot run with the new one.
SONAME := libiiobridge.so.0

.PHONY: all
all: $(O)/iiobridged $(O)/iiobridge $(O)/libiiobridge.so $(O)/libiiobridge.a

$(O)/iiobridged: $(DAEMON_SOURCES:%.c=$(O)/%.o)
	$(CC) $(ALL_CFLAGS) $(LDFLAGS) -o $@ $^ $(daemon_libs)

# The program is linked as those of others are: with what the library shows, and no more.
$(O)/iiobridge: $(HOST_SOURCES:%.c=$(O)/%.o) $(O)/libiiobridge.so
	$(CC) $(ALL_CFLAGS) $(LDFLAGS) -o $@ $(HOST_SOURCES:%.c=$(O)/%.o) -L$(O) -liiobridge $(host_libs)

$(O)/$(SONAME): $(LIBRARY_OBJECTS) library/libiiobridge.map
	$(CC) $(ALL_CFLAGS) $(LDFLAGS) -shared -Wl,-soname,$(SONAME) -Wl,--no-undefined \
		-Wl,--version-script=library/libiiobridge.map -o $@ $(LIBRARY_OBJECTS) $(library_libs)

$(O)/libiiobridge.so: $(O)/$(SONAME)
	ln -sf $(SONAME) $@

# One object, so that the names of the parts are no concern of who links with it.
$(O)/libiiobridge.a: $(LIBRARY_OBJECTS)
	$(CC) -r -nostdlib -o $(O)/pic/libiiobridge.o $^
	$(OBJCOPY) --wildcard --keep-global-symbol='iiobridge_*' $(O)/pic/libiiobridge.o
	rm -f $@
	$(AR) rcs $@ $(O)/pic/libiiobridge.o

$(O)/pic/%.o: %.c Makefile debian/changelog
	@mkdir -p $(@D)
	$(CC) $(ALL_CFLAGS) -fPIC $(library_cflags) -MMD -MP -c -o $@ $<

# Loops over samples, as vector instructions.
$(O)/pic/library/convert.o $(O)/library/convert.o: CFLAGS += -O3

# By name: make prefers rules for tests whose objects are there or named, and those of the daemon are.
$(LIBRARY_SOURCES:%.c=$(O)/%.o): $(O)/%.o: %.c Makefile debian/changelog
	@mkdir -p $(@D)
	$(CC) $(ALL_CFLAGS) $(library_cflags) -MMD -MP -c -o $@ $<

$(O)/host/%.o: host/%.c Makefile debian/changelog
	@mkdir -p $(@D)
	$(CC) $(ALL_CFLAGS) $(host_cflags) -MMD -MP -c -o $@ $<

$(O)/%.o: %.c Makefile debian/changelog
	@mkdir -p $(@D)
	$(CC) $(ALL_CFLAGS) $(daemon_cflags) -MMD -MP -c -o $@ $<

# What lets every program for SoapySDR use the boards.
soapy_cflags = $(shell $(PKG_CONFIG) --cflags SoapySDR)
soapy_libs   = $(shell $(PKG_CONFIG) --libs SoapySDR)
soapydir     ?= $(shell $(PKG_CONFIG) --variable=libdir SoapySDR)/SoapySDR/modules0.8

.PHONY: soapy install-soapy
soapy: $(O)/soapy/libiiobridge-soapy.so ## the module for SoapySDR; needs its headers

install-soapy: install soapy ## install it, too, into $(DESTDIR)$(soapydir)
	$(INSTALL) -D -m 644 -t $(DESTDIR)$(soapydir) $(O)/soapy/libiiobridge-soapy.so

$(O)/soapy/libiiobridge-soapy.so: $(SOAPY_SOURCES:%.cpp=$(O)/%.o) $(O)/libiiobridge.so
	$(CXX) $(CXXFLAGS) $(LDFLAGS) -shared -o $@ $(SOAPY_SOURCES:%.cpp=$(O)/%.o) -L$(O) -liiobridge \
		$(soapy_libs)

$(O)/soapy/%.o: soapy/%.cpp Makefile
	@mkdir -p $(@D)
	$(CXX) -std=c++17 -Wall -Wextra -Wshadow $(WERROR) -fPIC -Iinclude $(soapy_cflags) $(CXXFLAGS) \
		$(CPPFLAGS) -MMD -MP -c -o $@ $<

# The module for Python is files that are copied. Its folder is where the interpreter looks for what is
# installed with this prefix, on Debian, too, which has names of its own.
PYTHON     ?= python3
pythondir  ?= $(shell $(PYTHON) python/folder $(prefix))

.PHONY: install-python
install-python: ## install the module for Python into $(DESTDIR)$(pythondir)
	$(INSTALL) -D -m 644 -t $(DESTDIR)$(pythondir)/iiobridge $(wildcard python/iiobridge/*.py) \
		python/iiobridge/py.typed

# What the board's tests use beside the project itself. From an archive, and as needed: each tool has those
# of the host's objects and of the libraries that it uses, and starts as fast as that.
.PHONY: tools
tools: $(TOOL_SOURCES:tests/board/tools/%.c=$(O)/tools/%)
tools: $(PRELOADS:tests/board/preload/%.c=$(O)/tools/%.so)
tools: $(O)/tools/usb-bench $(O)/tools/read-write $(EXAMPLES:examples/%.c=$(O)/tools/example-%)
tools: $(O)/tools/soapy-stream $(O)/tools/iiobridged-second

$(O)/tools/host.a: $(filter-out $(O)/host/main.o,$(HOST_SOURCES:%.c=$(O)/%.o)) $(LIBRARY_SOURCES:%.c=$(O)/%.o)
	@mkdir -p $(@D)
	rm -f $@
	$(AR) rcs $@ $^

$(O)/tools/usb-bench: $(filter-out %/read-write.o,$(BENCH_SOURCES:%.c=$(O)/%.o)) $(O)/tools/host.a
	@mkdir -p $(@D)
	$(CC) $(ALL_CFLAGS) $(LDFLAGS) -o $@ $^ -Wl,--as-needed $(host_libs) $(library_libs)

# The daemon of a second board, whose kernel is the first one's.
$(O)/tools/iiobridged-second: $(DAEMON_SOURCES) $(HEADERS) Makefile
	@mkdir -p $(@D)
	$(MAKE) O=$(O)/second CPPFLAGS='$(CPPFLAGS) -DDAEMON_NAME=\"second\"' $(O)/second/iiobridged
	$(INSTALL) $(O)/second/iiobridged $@

# It has the daemon's ports.
$(O)/tools/usb-dmabuf: $(O)/tests/board/tools/usb-dmabuf.o \
		$(filter-out $(O)/daemon/main.o,$(DAEMON_SOURCES:%.c=$(O)/%.o))
	@mkdir -p $(@D)
	$(CC) $(ALL_CFLAGS) $(LDFLAGS) -o $@ $^ $(daemon_libs) $(library_libs)

$(O)/tools/read-write: $(O)/tests/bench/read-write.o $(O)/gadget/descriptors.o
	@mkdir -p $(@D)
	$(CC) $(ALL_CFLAGS) $(LDFLAGS) -o $@ $^

$(O)/tools/example-%: examples/%.c $(O)/libiiobridge.so
	@mkdir -p $(@D)
	$(CC) $(CFLAGS) $(CPPFLAGS) -Iinclude $(LDFLAGS) -o $@ $< -L$(O) -liiobridge

$(O)/tools/soapy-stream: tests/board/tools/soapy-stream.cpp
	@mkdir -p $(@D)
	$(CXX) -std=c++17 -Wall -Wextra $(WERROR) $(soapy_cflags) $(CXXFLAGS) $(CPPFLAGS) $(LDFLAGS) -o $@ \
		$< $(soapy_libs)

$(O)/tools/%.so: $(O)/tests/board/preload/%.o
	@mkdir -p $(@D)
	$(CC) -shared $(LDFLAGS) -o $@ $<

$(O)/tests/board/preload/%.o: ALL_CFLAGS += -fPIC

$(O)/tools/%: $(O)/tests/board/tools/%.o $(O)/tools/host.a
	@mkdir -p $(@D)
	$(CC) $(ALL_CFLAGS) $(LDFLAGS) -o $@ $^ -Wl,--as-needed $(host_libs) $(library_libs)

.PHONY: install
install: all ## install into $(DESTDIR)$(prefix)
	$(INSTALL) -D -m 755 -t $(DESTDIR)$(bindir) $(O)/iiobridged $(O)/iiobridge
	$(INSTALL) -d $(DESTDIR)$(unitdir) $(DESTDIR)$(sysconfdir)
	sed 's|@bindir@|$(bindir)|' systemd/iiobridged.service.in > $(DESTDIR)$(unitdir)/iiobridged.service
	$(INSTALL) -D -m 644 -t $(DESTDIR)$(catalogdir) systemd/iiobridged.catalog
	$(INSTALL) -D -m 644 -t $(DESTDIR)$(dbusdir) systemd/org.iiobridge.conf
	$(INSTALL) -D -m 644 -t $(DESTDIR)$(unitdir) systemd/iiobridge.target
	$(INSTALL) -D -m 644 systemd/iiobridged.sysusers $(DESTDIR)$(sysusersdir)/iiobridged.conf
	$(INSTALL) -D -m 644 -t $(DESTDIR)$(udevdir)/rules.d systemd/70-iiobridge.rules
	sed 's|@bindir@|$(bindir)|' systemd/60-iiobridged.rules.in \
		> $(DESTDIR)$(udevdir)/rules.d/60-iiobridged.rules
	$(INSTALL) -D -m 644 -t $(DESTDIR)$(datadir)/iiobridge systemd/iiod-over-usb.conf
	$(INSTALL) -D -m 644 -t $(DESTDIR)$(includedir)/iiobridge include/iiobridge/protocol.h \
		include/iiobridge/iiobridge.h
	$(INSTALL) -D -m 644 -t $(DESTDIR)$(libdir) $(O)/$(SONAME) $(O)/libiiobridge.a
	ln -sf $(SONAME) $(DESTDIR)$(libdir)/libiiobridge.so
	# Programs find it by the cache of this system's folders.
	test -n "$(DESTDIR)" || test ! -w /etc/ld.so.cache || ldconfig
	$(INSTALL) -d $(DESTDIR)$(libdir)/pkgconfig
	sed -e 's|@prefix@|$(prefix)|' -e 's|@libdir@|$(libdir)|' -e 's|@version@|$(VERSION)|' \
		-e 's|@includedir@|$(includedir)|' library/libiiobridge.pc.in \
		> $(DESTDIR)$(libdir)/pkgconfig/libiiobridge.pc
	$(INSTALL) -D -m 644 -t $(DESTDIR)$(mandir)/man1 man/iiobridge.1
	$(INSTALL) -D -m 644 -t $(DESTDIR)$(mandir)/man5 man/iiobridge.conf.5
	ln -sf iiobridge.conf.5 $(DESTDIR)$(mandir)/man5/iiobridged.conf.5
	$(INSTALL) -D -m 644 -t $(DESTDIR)$(mandir)/man8 man/iiobridged.8
	$(INSTALL) -D -m 644 -t $(DESTDIR)$(datadir)/iiobridge/boards $(wildcard config/boards/*.conf)
	$(INSTALL) -D -m 644 completion/iiobridge.bash $(DESTDIR)$(completiondir)/iiobridge
	$(INSTALL) -D -m 644 completion/iiobridged.bash $(DESTDIR)$(completiondir)/iiobridged
	test -e $(DESTDIR)$(sysconfdir)/iiobridge.conf || \
		$(INSTALL) -m 644 config/iiobridge.conf $(DESTDIR)$(sysconfdir)/iiobridge.conf

# What goes into the packages. The folders, too: what is gone from them shows in their times.
PACKAGED_FOLDERS := config config/boards core daemon debian debian/source examples gadget host host/bench host/capture host/files \
	host/view iio include/iiobridge library man completion python python/examples python/iiobridge soapy systemd
PACKAGED := Makefile $(wildcard $(PACKAGED_FOLDERS:%=%/.) $(PACKAGED_FOLDERS:%=%/*))

# Another architecture of Debian's, such as arm64 or armhf; another release, such as trixie.
HOST_ARCH ?= native
RELEASE   ?=

.PHONY: deb
deb: out/deb/.built-$(RELEASE)-$(HOST_ARCH) ## Debian packages into out/deb/; HOST_ARCH=arm64, RELEASE=trixie

# What a recipe needs is there before make expands it: pkg-config has to find the libraries.
.PHONY: packages
packages:
	tests/setup

out/deb/.built-$(RELEASE)-$(HOST_ARCH): $(PACKAGED) | packages
	debian/build-packages $(RELEASE:%=--release %) $(HOST_ARCH:native=)
	touch $@

.PHONY: check check-all
check: packages ## the tests, or TESTS='glob…' of them; installs missing Debian packages
	tests/check $(TESTS)

check-all: packages ## all tests, the long ones, too, on every board; hours
	tests/check --all $(TESTS)

.PHONY: check-apps
check-apps: packages ## GNU Radio, GQRX and others with the virtual board; installs large Debian packages
	tests/check-apps $(TESTS)

.PHONY: demo
demo: packages ## capture from the virtual board into out/demo/; installs missing Debian packages
	tests/demo

# Blocks that are moved, and what the random order of things follows from.
BLOCKS ?= 10000000
SEED   ?= 1
# How often the service is restarted after that.
RESTARTS ?= 500

.PHONY: soak
soak: packages ## BLOCKS=… over all routes with faults at random, as SEED=… has it; then RESTARTS=…
	tests/board/run --timeout 36000 soak $(BLOCKS) $(SEED)
	tests/board/run --timeout 18000 restarts $(RESTARTS)

# The clock of the board that is measured: exact, or machine; see tests/board/run.
CLOCK ?= exact

.PHONY: bench bench-quick
bench: packages ## speed and cost beside other ways, into out/bench.json and pictures
	tests/bench/bench --clock $(CLOCK) full

bench-quick: packages ## the main points of it
	tests/bench/bench --clock $(CLOCK) quick

.PHONY: board-shell
board-shell: packages ## a login on the virtual board
	tests/board/shell

# Unit tests are built with sanitizers, in a folder of their own.
SANITIZE := -O1 -g -fno-omit-frame-pointer -fsanitize=address,undefined -fno-sanitize-recover=all

.SECONDARY:

.PHONY: unit-tests
unit-tests:
	$(MAKE) O=$(O)/sanitize CFLAGS='$(SANITIZE)' unit-programs \
		$(O)/sanitize/tests/unit/test_soapy_stream $(O)/sanitize/tests/unit/test_soapy_device

# What has several threads is built once more, with the sanitizer that watches them; but not what
# publishes: ZeroMQ passes memory between its threads in ways that the sanitizer does not see, as the
# library is built without it, and takes for races.
THREAD_TESTS := host_commands host_cyclic host_output host_pipe host_reconnect host_recording host_replay host_report \
	host_several host_wait soapy_device soapy_stream worker \
	$(patsubst tests/unit/test_%.c,%,$(filter-out %_convert.c,$(wildcard tests/unit/test_library_*.c)))

.PHONY: thread-tests
thread-tests:
	$(MAKE) O=$(O)/threads CFLAGS='-O1 -g -fsanitize=thread' \
		$(THREAD_TESTS:%=$(O)/threads/tests/unit/test_%)

# Fuzz targets: libFuzzer is clang's. A cast of a number that does not fit is undefined, too.
FUZZ_SOURCES  := $(wildcard tests/fuzz/fuzz_*.c)
FUZZ_SANITIZE := address,undefined,float-cast-overflow
SOURCES       += $(FUZZ_SOURCES)
HEADERS       += $(wildcard tests/fuzz/*.h)

.PHONY: fuzz-targets
fuzz-targets:
	$(MAKE) O=$(O)/fuzz CC=clang CFLAGS='-O1 -g -fno-omit-frame-pointer \
		-fno-sanitize-recover=all -fsanitize=fuzzer-no-link,$(FUZZ_SANITIZE)' fuzz-programs

.PHONY: fuzz-programs
fuzz-programs: $(FUZZ_SOURCES:tests/fuzz/fuzz_%.c=$(O)/fuzz_%)

$(O)/fuzz_%: $(O)/tests/fuzz/fuzz_%.o $(filter-out $(O)/host/main.o,$(HOST_SOURCES:%.c=$(O)/%.o)) \
		$(LIBRARY_SOURCES:%.c=$(O)/%.o)
	$(CC) $(ALL_CFLAGS) $(LDFLAGS) -fsanitize=fuzzer,$(FUZZ_SANITIZE) -o $@ $^ $(host_libs) \
		$(library_libs)

$(O)/tests/fuzz/fuzz_%.o: ALL_CFLAGS += $(library_cflags)

# Those of the daemon.
$(O)/fuzz_daemon_%: $(O)/tests/fuzz/fuzz_daemon_%.o \
		$(filter-out $(O)/daemon/main.o,$(DAEMON_SOURCES:%.c=$(O)/%.o))
	$(CC) $(ALL_CFLAGS) $(LDFLAGS) -fsanitize=fuzzer,$(FUZZ_SANITIZE) -o $@ $^ $(daemon_libs)

# Routes run on devices, and by a clock, of the target's own.
fuzz_route_fakes := attributes_rate attributes_write binding_udc_name block_free block_map blocks_alloc \
	blocks_can_be_dmabufs blocks_leave_out bounce_is_certain bounce_watch_begin bounce_watch_grew \
	clock_nap iio_control_read iio_control_write iio_controls_find converter_block_step converter_channel_count converter_close converter_describe_channel \
	converter_exists converter_has_dma converter_id converter_is_current converter_name converter_open converter_read_rate \
	converter_scan_size converter_silence endpoint_address endpoint_find_limits endpoint_free \
	endpoint_new endpoint_set_copying clock_now_ns function_acknowledge function_receive function_reply \
	function_stall iio_port_free iio_port_new iio_port_set_copying iio_port_set_rate iio_port_set_up ring_finish \
	ring_repeat sd_event_source_set_time_relative trigger_set worker_begin worker_free worker_new
$(O)/fuzz_daemon_route: LDFLAGS += $(fuzz_route_fakes:%=-Wl,--wrap=%)

# Whole commands run without the time that they wait, with one thread at a time, and end as with Ctrl-C.
fuzz_command_fakes := clock_gettime fopen64 interrupt_catch interrupt_signal isatty nanosleep poll ppoll \
	pthread_cond_broadcast pthread_cond_signal pthread_cond_timedwait pthread_cond_wait pthread_create \
	pthread_join pthread_mutex_lock sem_clockwait
$(O)/fuzz_answers $(O)/fuzz_stream: LDFLAGS += $(fuzz_command_fakes:%=-Wl,--wrap=%)

# What a board says of its channels is made up.
$(O)/fuzz_records: LDFLAGS += -Wl,--wrap=request_route -Wl,--wrap=request_channel

.PHONY: unit-programs
unit-programs: $(UNIT_SOURCES:%.c=$(O)/%)

# What draws has cairo's types in its header, and the USB in memory those of libusb.
$(O)/tests/unit/test_host_%.o: ALL_CFLAGS += $(host_cflags) $(library_cflags)

# Whole commands run with the library, and a USB in memory.
$(O)/tests/unit/test_host_%: $(O)/tests/unit/test_host_%.o \
		$(filter-out $(O)/host/main.o,$(HOST_SOURCES:%.c=$(O)/%.o)) \
		$(LIBRARY_SOURCES:%.c=$(O)/%.o)
	$(CC) $(ALL_CFLAGS) $(LDFLAGS) -o $@ $^ $(host_libs) $(library_libs) -lcmocka

# They are named: of two patterns that fit, make takes the one whose objects it has heard of.
library_tests := $(patsubst %.c,$(O)/%,$(wildcard tests/unit/test_library_*.c))
$(library_tests): $(O)/%: $(O)/%.o $(LIBRARY_SOURCES:%.c=$(O)/%.o)
	$(CC) $(ALL_CFLAGS) $(LDFLAGS) -o $@ $^ $(library_libs) -lcmocka

$(library_tests:%=%.o): $(O)/%.o: %.c Makefile debian/changelog
	@mkdir -p $(@D)
	$(CC) $(ALL_CFLAGS) $(library_cflags) -MMD -MP -c -o $@ $<

# The library's clocks can be set ahead, and what the kernel grants for USB is the default.
library_fakes := clock_gettime fopen64
usb_tests := $(shell grep -lE '"test_(usb_fake|library_call|library_[rt]x)\.h' $(wildcard tests/unit/test_*.c))
$(usb_tests:%.c=$(O)/%): LDFLAGS += $(library_fakes:%=-Wl,--wrap=%)

# The tests of the module for Python load this as the library: it has a USB in memory, too.
.PHONY: python-tests
python-tests:
	$(MAKE) O=$(O)/sanitize CFLAGS='$(SANITIZE)' $(O)/sanitize/python/$(SONAME)

$(O)/python/$(SONAME): $(O)/pic/tests/python/board.o $(LIBRARY_OBJECTS)
	@mkdir -p $(@D)
	$(CC) $(ALL_CFLAGS) $(LDFLAGS) -shared -Wl,-soname,$(SONAME) -Wl,-Bsymbolic \
		$(library_fakes:%=-Wl,--wrap=%) -o $@ $^ $(library_libs)

link_soapy_test = $(CXX) -std=c++17 -Wall -Wextra -Wshadow $(WERROR) -Iinclude -I. $(soapy_cflags) $(CXXFLAGS) \
	$(CPPFLAGS) $(LDFLAGS) -o $@ $^ $(soapy_libs) $(library_libs) -lcmocka -pthread

$(O)/tests/unit/test_soapy_stream: tests/unit/test_soapy_stream.cpp $(O)/soapy/stream.o \
		$(O)/soapy/samples.o
	@mkdir -p $(@D)
	$(link_soapy_test)

# The whole module with the library, and a USB in memory, which is C.
$(O)/tests/unit/soapy_board.o: ALL_CFLAGS += $(library_cflags)

$(O)/tests/unit/test_soapy_device: LDFLAGS += $(library_fakes:%=-Wl,--wrap=%)
$(O)/tests/unit/test_soapy_device: tests/unit/test_soapy_device.cpp $(O)/tests/unit/soapy_board.o \
		$(SOAPY_SOURCES:%.cpp=$(O)/%.o) $(LIBRARY_SOURCES:%.c=$(O)/%.o)
	@mkdir -p $(@D)
	$(link_soapy_test)

$(O)/tests/unit/test_%: $(O)/tests/unit/test_%.o \
		$(filter-out $(O)/daemon/main.o,$(DAEMON_SOURCES:%.c=$(O)/%.o))
	$(CC) $(ALL_CFLAGS) $(LDFLAGS) -o $@ $^ $(daemon_libs) -lcmocka

# What a board says of its channels is made up.
route_fakes := request_route request_channel
route_tests := $(shell grep -l test_host_route.h $(wildcard tests/unit/test_*.c))
$(O)/tests/unit/test_library_convert $(route_tests:%.c=$(O)/%): LDFLAGS += $(route_fakes:%=-Wl,--wrap=%)

# The limits of controllers are tested without one; where files may be large fopen() has this name.
$(O)/tests/unit/test_limits: LDFLAGS += -Wl,--wrap=fopen64 -Wl,--wrap=readlink

# The ring is tested without a heap, which a build machine does not have, and with a clock of its own.
$(O)/tests/unit/test_ring: LDFLAGS += -Wl,--wrap=blocks_alloc -Wl,--wrap=blocks_leave_out \
	-Wl,--wrap=clock_now_ns -Wl,--wrap=clock_nap
# … and the records without a gadget.
$(O)/tests/unit/test_records: LDFLAGS += -Wl,--wrap=endpoint_new \
	-Wl,--wrap=endpoint_set_copying -Wl,--wrap=endpoint_free

# Fences are tested without a kernel that has some.
$(O)/tests/unit/test_fence_list: LDFLAGS += -Wl,--wrap=ioctl

# A copying endpoint is tested without the kernel's AIO and FunctionFS.
endpoint_copy_fakes := aio_new aio_free aio_room aio_is_idle aio_submit aio_collect aio_cancel \
	aio_wait endpoint_may_submit endpoint_open_file endpoint_close_file endpoint_address
$(O)/tests/unit/test_endpoint_copy: LDFLAGS += $(endpoint_copy_fakes:%=-Wl,--wrap=%)

.PHONY: lint
lint: packages ## clang-format, clang-tidy, cppcheck, shellcheck, mypy, man pages, lintian
	clang-format --dry-run --Werror $(SOURCES) $(HEADERS) $(CXX_FILES)
	clang-tidy --quiet --warnings-as-errors='*' $(DAEMON_SOURCES) $(HOST_SOURCES) \
		$(LIBRARY_SOURCES) $(EXAMPLES) -- $(ALL_CFLAGS) $(daemon_cflags) $(library_cflags) \
		$(host_cflags)
	cppcheck --quiet --std=c11 --enable=warning,performance,portability --inline-suppr \
		--error-exitcode=1 --max-configs=12 --suppress=normalCheckLevelMaxBranches \
		-Iinclude $(filter -D%,$(ALL_CFLAGS)) $(DAEMON_SOURCES) $(HOST_SOURCES) \
		$(LIBRARY_SOURCES) $(EXAMPLES) $(TOOL_SOURCES) $(PRELOADS)
	shellcheck -x $(SCRIPTS)
	mypy --cache-dir=$(O)/mypy --strict --ignore-missing-imports python/iiobridge $(wildcard python/examples/*.py)
	MYPYPATH=python mypy --cache-dir=$(O)/mypy --strict $(wildcard tests/python/*.py)
	mypy --cache-dir=$(O)/mypy --strict --ignore-missing-imports $(wildcard tests/apps/*.py)
	mandoc -T lint -W warning $(wildcard man/*)
	$(MAKE) deb
	lintian --allow-root --fail-on error,warning out/deb/*.deb

.PHONY: format
format: ## put all C files into the project's style
	clang-format -i $(SOURCES) $(HEADERS) $(CXX_FILES)

.PHONY: clean
clean: ## remove what was built
	rm -rf $(O) out

.PHONY: help
help: ## this list
	@echo 'make                build iiobridged, iiobridge and libiiobridge in $(O)/'
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/make \1\t\2/p' Makefile | expand -t 20
	@echo
	@echo 'Variables: CC CFLAGS CXX CXXFLAGS CPPFLAGS LDFLAGS CROSS_COMPILE PKG_CONFIG'
	@echo '           DESTDIR prefix HOST_ARCH RELEASE BOARD'

-include $(SOAPY_SOURCES:%.cpp=$(O)/%.d) $(O)/tests/unit/soapy_board.d
-include $(SOURCES:%.c=$(O)/%.d) $(LIBRARY_OBJECTS:.o=.d) $(O)/pic/tests/python/board.d
