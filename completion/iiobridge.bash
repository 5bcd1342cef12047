# SPDX-License-Identifier: GPL-2.0-or-later
# Completion of iiobridge's command line for bash. The commands and options are those that --help
# shows, so there is no list of them here.
# shellcheck shell=bash

_iiobridge()
{
	local cur prev words cword

	_init_completion || return
	if ((cword == 1)); then
		mapfile -t COMPREPLY < <(compgen -W "$("$1" --help | sed -n 's/^  \([a-z]\+\)  .*/\1/p')
			--help --version" -- "$cur")
		return
	fi
	case $prev in
	--output | --records | -o)
		_filedir
		if [[ ${words[1]} == capture && $prev != --records && $cur == z* ]]; then
			compopt -o nospace
			mapfile -t -O ${#COMPREPLY[@]} COMPREPLY < <(compgen -W "zmq:tcp:// zmq:ipc://" -- "$cur")
		fi
		return
		;;
	--verify | --pattern)
		mapfile -t COMPREPLY < <(compgen -W counter -- "$cur")
		return
		;;
	--format)
		mapfile -t COMPREPLY < <(compgen -W "$(echo {c,r}{i8,u8,{i,u}{16,32}_le,f{32,64}_le})" -- "$cur")
		return
		;;
	--author | --samples | --time | --route | --serial | --channels | --block-size | --sample-rate | \
		--bits | --fft-size | --frequency | --rate | --bandwidth | --gain | --antenna | --set | -[ntrs])
		return
		;;
	esac
	if [[ $cur == -* ]]; then
		# All options of a line: --sigmf and --wav share one.
		mapfile -t COMPREPLY < <(compgen -W "$("$1" "${words[1]}" --help |
			sed -nE 's/^ +(-[^ ]( ?[^ ])*).*/\1/p' | grep -oE -- '--[a-z-]+')" -- "$cur")
	elif [[ ${words[1]} == play || ${words[1]} == plot ]]; then
		_filedir
	fi
}

complete -F _iiobridge iiobridge
