/*
 * The last step to an HVM guest's kernel. QEMU's loader of kernels copies each byte through an emulated port, which
 * takes minutes here, and so would decompressing. So QEMU's device "loader" writes the uncompressed kernel and the
 * initramfs into the guest's memory, and QEMU boots this instead of the compressed kernel: the kernel's own setup code,
 * followed by this program.
 *
 * The setup code jumps here in 32-bit protected mode, with the boot parameters at %esi. The kernel's entry requires
 * 64-bit mode, with memory mapped at its physical addresses (Linux's x86 boot protocol).
 */
#define KERNEL 0x1000000       /* the physical address of the ELF file's entry */
#define INITRD 0x6000000       /* guest-create has these two too */
#define INITRD_SIZE 0x5fffff0
#define TABLES 0x200000        /* unused by the setup code, Xen's hvmloader and SeaBIOS */
#define PAGE 0x1000
#define TABLE_FLAGS 3          /* present, writable */
#define LARGE_PAGE_FLAGS 0x83  /* and 2 MiB each */
#define VIDEO_COLUMNS 0x7      /* in the boot parameters */
#define RAMDISK_IMAGE 0x218
#define RAMDISK_SIZE 0x21c

	.code32
	.globl _start
_start:
	movl $INITRD, RAMDISK_IMAGE(%esi)
	movl INITRD_SIZE, %eax
	movl %eax, RAMDISK_SIZE(%esi)
	/* No console on the screen, since QEMU emulates each write to it. The guest's console is Xen's. */
	movb $0, VIDEO_COLUMNS(%esi)

	/* One table of level 4, one of level 3, four of level 2: 4 GiB. */
	movl $TABLES, %edi
	movl $(6 * PAGE / 4), %ecx
	xorl %eax, %eax
	cld
	rep stosl
	movl $(TABLES + PAGE + TABLE_FLAGS), TABLES
	movl $(TABLES + PAGE), %edi
	movl $(TABLES + 2 * PAGE + TABLE_FLAGS), %eax
	movl $4, %ecx
1:	movl %eax, (%edi)
	addl $8, %edi
	addl $PAGE, %eax
	loop 1b
	movl $(TABLES + 2 * PAGE), %edi
	movl $LARGE_PAGE_FLAGS, %eax
	movl $2048, %ecx
2:	movl %eax, (%edi)
	addl $8, %edi
	addl $0x200000, %eax
	loop 2b

	lgdt gdt_pointer
	movl %cr4, %eax
	orl $0x20, %eax        /* PAE */
	movl %eax, %cr4
	movl $TABLES, %eax
	movl %eax, %cr3
	movl $0xc0000080, %ecx /* EFER */
	rdmsr
	orl $0x100, %eax       /* LME */
	wrmsr
	movl %cr0, %eax
	orl $0x80000000, %eax  /* PG */
	movl %eax, %cr0
	ljmp $0x10, $in_64_bits

	.code64
in_64_bits:
	movl $KERNEL, %eax
	jmp *%rax

	.balign 8
gdt:
	.quad 0, 0
	.quad 0x00af9a000000ffff /* 64-bit code */
	.quad 0x00cf92000000ffff /* data */
gdt_pointer:
	.word gdt_pointer - gdt - 1
	.long gdt
