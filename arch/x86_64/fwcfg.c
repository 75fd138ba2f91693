/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * QEMU's fw_cfg: a file opt/heddle/cmdline replaces the command line, so that one
 * image serves every test.
 */
#include <kern/md.h>
#include <machine/bootinfo.h>
#include <machine/cpufunc.h>

#define FWCFG_SELECT 0x510
#define FWCFG_DATA 0x511
#define FWCFG_SIGNATURE 0x00
#define FWCFG_DIRECTORY 0x19
#define FWCFG_FILES_MAX 256

#define FWCFG_NAME "opt/heddle/cmdline"

struct fwcfg_file {
	uint32_t ff_size;   /* big-endian, as all of it */
	uint16_t ff_select;
	uint16_t ff_reserved;
	char ff_name[56];
};

static void
fwcfg_read(void *buf, size_t len)
{
	__asm__ volatile("rep insb" : "+D"(buf), "+c"(len) : "d"(FWCFG_DATA) : "memory");
}

static bool
fwcfg_present(void)
{
	char signature[4];

	outw(FWCFG_SELECT, FWCFG_SIGNATURE);
	fwcfg_read(signature, sizeof(signature));
	return memcmp(signature, "QEMU", sizeof(signature)) == 0;
}

static bool
fwcfg_find(const char *name, struct fwcfg_file *file)
{
	uint32_t count;

	outw(FWCFG_SELECT, FWCFG_DIRECTORY);
	fwcfg_read(&count, sizeof(count));
	count = (uint32_t)umin(__builtin_bswap32(count), FWCFG_FILES_MAX);
	while (count-- > 0) {
		fwcfg_read(file, sizeof(*file));
		if (strncmp(file->ff_name, name, sizeof(file->ff_name)) == 0)
			return true;
	}
	return false;
}

void
fwcfg_cmdline(char *buf, size_t len)
{
	struct fwcfg_file file;
	size_t size;

	if (!fwcfg_present() || !fwcfg_find(FWCFG_NAME, &file))
		return;
	size = umin(__builtin_bswap32(file.ff_size), len - 1);
	outw(FWCFG_SELECT, __builtin_bswap16(file.ff_select));
	fwcfg_read(buf, size);
	buf[size] = '\0';
}
