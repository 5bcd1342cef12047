# SPDX-License-Identifier: GPL-2.0-or-later
#
# What tests/board/run and tests/board/shell have in common; to be sourced.
# shellcheck shell=bash

here=$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")
top=$(readlink -f "$here/../..")
out=$top/build/board

# Everything of one boot: several boards can run at the same time.
mkdir -p "$out"
boot=$(mktemp -d "$out/boot.XXXXXX")

# depmod lives where an ordinary user's PATH does not look.
PATH=$PATH:/usr/sbin:/sbin

say()
{
	echo "board: $*" >&2
}

# in_root COMMAND…: runs COMMAND where the board's release is built for.
in_root()
{
	"$top/tests/roots/run" "$debian" "$@"
}

# in_compiler_root COMMAND…: runs COMMAND where there is a compiler for the board's processor, whose programs
# have the prefix $cross, "" for a processor of this machine's kind.
in_compiler_root()
{
	if [[ -n $cross ]]; then
		"$top/tests/roots/run" --foreign "$debian" "$@"
	else
		in_root "$@"
	fi
}

# module_build NAME FILE…: builds the modules that FILE… are the sources of, if these or the kernel changed, as
# $built/NAME/*.ko.
module_build()
{
	local module=$built/$1

	shift
	if [[ $(cat "$module/built-for" 2>/dev/null) == "$cache" &&
	      -z $(find "$@" -newer "$module/built-for") ]]; then
		return
	fi
	# The kernel's build puts its objects beside the sources, so it gets copies.
	rm -rf "$module"
	mkdir "$module"
	cp "$@" "$module/"
	if [[ -f $module/nodes.dtso ]]; then
		dtc --quiet --in-format dts --out-format dtb --out "$module/nodes.dtbo" "$module/nodes.dtso" >&2
	fi
	in_compiler_root make --silent --directory "$cache/headers/src/linux-headers-$release" \
		CROSS_COMPILE="$cross" M="$module" KBUILD_EXTRA_SYMBOLS="$cache/Module.symvers" \
		CONFIG_DEBUG_INFO_BTF_MODULES= CONFIG_PAHOLE_VERSION=0 modules >&2
	in_compiler_root "${cross}strip" --strip-debug "$module"/*.ko
	echo "$cache" >"$module/built-for"
}

# modules_build: those of the tests.
modules_build()
{
	module_build iiosim "$here"/iiosim/{*.[ch],Kbuild}
	if [[ -f $cache/fabric/dma-axi-dmac.c ]]; then
		module_build axisim "$here"/axisim/* "$here"/iiosim/signal.[ch] "$cache"/fabric/*
	fi
}

# packages_install STAGE: builds the project's packages, and installs them with dpkg in the tree
# STAGE, as if that was the root file system: the maintainers' scripts run, on this machine, with
# DPKG_ROOT. On the emulated one they would take 20 s of each boot.
packages_install()
{
	local stage=$1 log=$built/dpkg.log folder=$top/out/deb/$debian packages

	make --silent --directory "$top" deb RELEASE="$debian" ${cross:+HOST_ARCH="$architecture"} >&2
	packages=("$folder"/{iiobridge{,d},libiiobridge0,soapysdr0.8-module-iiobridge}_*_"$architecture".deb)
	# Where the links /bin, /lib, … lead to; not every architecture has all of them.
	mkdir -p "$stage"/usr/{bin,lib,lib64,sbin}
	bsdtar -xf "$rootfs" --directory "$stage" \
		./bin './lib*' ./sbin ./etc/{group,gshadow,passwd,shadow} ./var/lib/dpkg
	if ! in_root fakeroot dpkg --root="$stage" --force-script-chrootless --force-unsafe-io \
		--install "${packages[@]}" >"$log" 2>&1; then
		cat "$log" >&2
		say "the packages cannot be installed; what dpkg says is above"
		return 1
	fi
	# For the tests that install them again.
	mkdir -p "$stage/usr/lib/iiobridge-tests"
	cp "${packages[@]}" "$stage/usr/lib/iiobridge-tests/"
}

# tests_install STAGE: installs the tests and their tools in the tree STAGE.
tests_install()
{
	local tests=$1/usr/lib/iiobridge-tests objects=build/board/$debian-$architecture

	in_compiler_root make --silent --directory "$top" -j"$(nproc)" O="$objects" \
		${cross:+CROSS_COMPILE="$cross"} tools >&2
	find "$top/$objects/tools" -type f -executable -exec cp -t "$tests" {} +
	cp -r "$here/lib.sh" "$here/tests/." "$here/../bench/board/." "$tests/"
}

# board_build [ARGUMENT…]: makes $boot/vmlinuz and $boot/initrd: the board with the project as it is
# now, and with the command ARGUMENT… for board-command.service. $architecture is that of the
# board then, and $console its terminal.
board_build()
{
	local board built cache cross="" debian folders lock modules release rootfs stage=$boot/stage

	folders=$("$here/build")
	{ read -r cache && read -r rootfs; } <<<"$folders"
	rootfs=$rootfs/rootfs.cpio
	board=$(<"$cache/board")
	debian=$(<"$cache/debian")
	architecture=$(<"$cache/architecture")
	release=$(<"$cache/release")
	console=ttyS0
	[[ $architecture != arm64 ]] || console=ttyAMA0
	[[ $architecture == "$(dpkg --print-architecture)" ]] ||
		cross=$(dpkg-architecture --host-arch "$architecture" --query DEB_HOST_GNU_TYPE 2>/dev/null)-
	built=$out/$board
	mkdir -p "$stage" "$built"

	# Several boards may be started at the same time, but one build at a time.
	exec {lock}>"$out/lock"
	flock "$lock"
	modules_build
	packages_install "$stage"
	tests_install "$stage"
	cp -r "$cache/patched" "$stage/usr/lib/iiobridge-tests/"
	cp -r "$here/overlay/." "$stage/"
	exec {lock}>&-

	modules=$stage/usr/lib/modules/$release
	mkdir -p "${modules%/*}"
	cp -r "$cache/modules/lib/modules/$release" "$modules"
	mkdir -p "$modules/updates"
	cp "$built"/*sim/*.ko "$modules/updates/"
	depmod --basedir "$stage" "$release"
	(($# == 0)) || printf '%s\0' "$@" >"$stage/usr/lib/board/arguments"

	ln -s "$cache/vmlinuz" "$boot/vmlinuz"
	# The kernel unpacks one archive over the other.
	{
		cat "$rootfs"
		bsdtar -cf - --format newc --uid 0 --gid 0 --directory "$stage" .
	} >"$boot/initrd"
	rm -rf "$stage"
}

# files_fetch DIR: unpacks what the board has left in /out.
files_fetch()
{
	mkdir -p "$1"
	tar --extract --no-same-owner --file "$boot/disk" --directory "$1"
}

# clock_is_valid CLOCK: as machine_set takes it.
clock_is_valid()
{
	[[ $1 == machine || $1 == exact ]]
}

# ports_are_valid PORTS: as network_set takes them.
ports_are_valid()
{
	[[ $1 =~ ^([1-9][0-9]{0,4})-([1-9][0-9]{0,4})$ ]] &&
		((BASH_REMATCH[1] <= BASH_REMATCH[2] && BASH_REMATCH[2] < 65536))
}

# network_set PORTS: sets the array network to what the emulator's command line needs for a network card of
# the board with the address 10.0.2.15. The TCP ports FIRST-LAST of it are those of this machine, at 127.0.0.1.
network_set()
{
	local port card="user,model=virtio-net-pci,restrict=on"

	for ((port = ${1%-*}; port <= ${1#*-}; port++)); do
		card+=",hostfwd=tcp:127.0.0.1:$port-10.0.2.15:$port"
	done
	# shellcheck disable=SC2034 # for those who source this
	network=(-nic "$card")
}

# machine_set CLOCK OPTIONS: sets the array machine to the emulator's command line, with OPTIONS for
# the kernel. The board's time is by CLOCK:
#
#   machine  that of this machine. Each of the board's processors has one of this machine, and how much it
#            gets done in a second depends on what else the machine has to do.
#   exact    each instruction takes a nanosecond, and when there is nothing to do, time jumps to the next
#            timer. Both of the board's processors share one of this machine. What happens on the board,
#            and when, does not depend on the machine.
machine_set()
{
	local clock=$1 khz kernel accelerator processor

	if [[ $clock == machine ]]; then
		accelerator=(-accel "tcg,thread=multi")
		gcc -std=c17 -O2 -Wall -Wextra -Werror -o "$boot/tsc-khz" "$here/tsc-khz.c"
		khz=$("$boot/tsc-khz")
	else
		accelerator=(-accel "tcg,thread=single" -icount "shift=0,sleep=off")
		# The real-time clock, too, or a test could see that of this machine.
		accelerator+=(-rtc "clock=vm")
		# The time stamp counter counts the nanoseconds of that time (cpu_get_ticks() in QEMU's
		# softmmu/cpu-timers.c).
		khz=1000000
	fi
	# shellcheck disable=SC2054 # the kernel's commas
	kernel=(
		console="$console" panic=-1 mitigations=off audit=0 security=none
		# Pages are cleared by those who need it.
		init_on_alloc=0
		# Programs and libraries are at the same addresses in every process: the emulator translates
		# code by its address, and would translate each library again for each process.
		norandmaps
		# Memory that was freed is overwritten, in the sizes of the kernel's small structures, so
		# that using it is seen.
		slab_debug=P,kmalloc-64,kmalloc-96,kmalloc-128,kmalloc-192,kmalloc-256
		# The self-tests of the ciphers, and what exists to use ciphers, would take a third
		# of the kernel's time to boot.
		cryptomgr.notests initcall_blacklist=crypto_kdf108_init,init_encrypted,jent_mod_init
	)
	case $architecture in
	amd64)
		# Without cmpxchg16b: right after one the flags held an operand when an interrupt came, and
		# that took the kernel down. Without fast string instructions, and copying memory by plain
		# loops: the emulator runs the processor's string instructions at a third of their speed.
		# shellcheck disable=SC2054 # QEMU's commas
		processor=(qemu-system-x86_64 -machine q35 -cpu max,-cx16,-erms,-fsrm)
		kernel+=(clearcpuid=rep_good)
		# The kernel need not, and cannot, measure how fast its clock is: see tsc-khz.c.
		kernel+=(tsc_early_khz="$khz" tsc=reliable)
		;;
	arm64)
		# shellcheck disable=SC2054 # QEMU's commas
		processor=(qemu-system-aarch64 -machine virt,gic-version=3 -cpu cortex-a53)
		;;
	esac
	# Linux 6.1 waits for ever for a second processor that has to take turns with the first.
	[[ $clock == machine || ${BOARD-} != *-6.1 ]] || kernel+=(maxcpus=1)

	truncate --size 3G "$boot/disk"
	# shellcheck disable=SC2034,SC2054 # for those who source this; the commas are QEMU's
	machine=(
		"${processor[@]}" "${accelerator[@]}" -smp 2 -m 3072
		-nodefaults -no-user-config -display none -no-reboot
		-kernel "$boot/vmlinuz" -initrd "$boot/initrd"
		-append "${kernel[*]} $2"
		-drive "file=$boot/disk,format=raw,if=virtio,cache=unsafe"
	)
}
