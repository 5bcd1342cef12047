/* SPDX-License-Identifier: GPL-2.0-only */
	.section .init.rodata, "a"
	.balign 8
	.global axisim_nodes
	.global axisim_nodes_end
axisim_nodes:
	.incbin "nodes.dtbo"
axisim_nodes_end:
