# SPDX-License-Identifier: GPL-2.0-or-later
# Completion of iiobridged's command line for bash. The options are those that --help shows.
# shellcheck shell=bash

_iiobridged()
{
	# shellcheck disable=SC2034 # _init_completion sets them all
	local cur prev words cword split

	_init_completion -s || return
	case $prev in
	--config | --check-config | -c)
		_filedir
		return
		;;
	--grant | --set-up)
		_allowed_users
		return
		;;
	esac
	if [[ $cur == -* ]]; then
		mapfile -t COMPREPLY < <(compgen -W "$(_parse_help "$1")" -- "$cur")
		# "--config=" is not the whole word yet.
		[[ ${COMPREPLY[*]} != *= ]] || compopt -o nospace
	fi
}

complete -F _iiobridged iiobridged
