# SPDX-License-Identifier: GPL-2.0-or-later
#
# What is slow to make, and does not depend on this project's sources, is kept in a folder of the user's. A
# thing in it is a folder whose name has a hash of its recipe, so a change to that makes a new one; it
# appears under its name only when it is complete. To be sourced.
# shellcheck shell=bash

cache=${XDG_CACHE_HOME:-$HOME/.cache}/iiobridge
mkdir -p "$cache"

# hash_of FILE…: of a recipe.
hash_of()
{
	cat "$@" | sha256sum | cut -c 1-12
}

# make_once FOLDER COMMAND…: makes FOLDER of the cache, unless it is there already, by COMMAND with a folder
# to work in behind its arguments. Its messages are shown if it fails.
make_once()
{
	local folder=$1 name=${1##*/} lock started=$SECONDS work

	shift
	if [[ ! -d $folder ]]; then
		exec {lock}>"$cache/$name.lock"
		flock "$lock"
	fi
	# A concurrent run may have made it while this one waited for the lock.
	if [[ ! -d $folder ]]; then
		echo "cache: making $name (some minutes, once)" >&2
		work=$(mktemp -d "$cache/partial.XXXXXX")
		if ! "$@" "$work" >"$work/log" 2>&1; then
			cat "$work/log" >&2
			echo "cache: $name could not be made; the log is above" >&2
			rm -rf "$work"
			return 1
		fi
		chmod 755 "$work"
		mv "$work" "$folder"
		echo "cache: $name was made in $((SECONDS - started)) s" >&2
		# Those of another recipe are of no use any more, unless another checkout uses them now.
		find "$cache" -mindepth 1 -maxdepth 1 ! -path "$folder*" -mtime +14 -exec rm -rf {} +
		find "$cache" -maxdepth 1 -name 'partial.*' -mtime +1 -exec rm -rf {} +
	fi
	[[ -z ${lock-} ]] || exec {lock}>&-
	# It is in use.
	touch "$folder"
}
