/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The ramdisk: a cpio archive in the "newc" format, as the boot loader left it in
 * memory.  Its members become nodes whose contents lie in the image itself.
 *
 * A member is a header of 110 bytes (a magic number and thirteen fields of eight
 * hexadecimal digits), a name with its NUL, and contents; name and contents are filled
 * up to a multiple of four bytes from the start of the image.  The archive ends with a
 * member called TRAILER!!!; zeros and another archive may follow, whose members replace
 * earlier ones.
 *
 * The image may be damaged in any way: every length is compared with what is left of
 * the image before it is used.  What came before the damage is used.
 *
 * What it does not handle: links (a hard link comes as an empty file), members that
 * are neither files nor directories (left out), checksums, compression.
 */
#include <kern/cons.h>
#include <kern/file.h>
#include <kern/kern.h>
#include <kern/node.h>
#include <sys/errno.h>
#include <sys/stat.h>

#define NEWC_HEADER 110
#define NEWC_FIELDS 13
#define NEWC_ALIGN 4
#define TRAILER "TRAILER!!!"

/* Which of the fields we want. */
enum newc_field { NEWC_MODE = 1, NEWC_MTIME = 5, NEWC_FILESIZE = 6, NEWC_NAMESIZE = 11 };

/* Where in the image we are; ci_at <= ci_len always. */
struct cpio {
	const char *ci_image;
	size_t ci_len;
	size_t ci_at;
};

struct member {
	uint32_t me_field[NEWC_FIELDS];
	const char *me_name;
	size_t me_namelen;
	const char *me_data;
};

/* Eight hexadecimal digits.  False: something else. */
static bool
parse_hex(const char *s, uint32_t *val)
{
	*val = 0;
	for (int i = 0; i < 8; i++) {
		char c = s[i];
		if (c >= '0' && c <= '9')
			c -= '0';
		else if (c >= 'a' && c <= 'f')
			c -= 'a' - 10;
		else if (c >= 'A' && c <= 'F')
			c -= 'A' - 10;
		else
			return false;
		*val = *val << 4 | (uint32_t)c;
	}
	return true;
}

/* Take `len` bytes, and what fills them up; NULL: there are not so many. */
static const char *
cpio_take(struct cpio *ci, size_t len)
{
	const char *start = ci->ci_image + ci->ci_at;

	if (len > ci->ci_len - ci->ci_at)
		return NULL;
	ci->ci_at = umin(roundup2(ci->ci_at + len, NEWC_ALIGN), ci->ci_len);
	return start;
}

static bool
is_magic(const char *s)
{
	return memcmp(s, "070701", 6) == 0 || memcmp(s, "070702", 6) == 0;
}

/* Read the member at ci_at.  NULL, or what is wrong with it. */
static const char *
read_member(struct cpio *ci, struct member *me)
{
	size_t header = ci->ci_at;
	const char *s = ci->ci_image + header;

	if (ci->ci_len - header < NEWC_HEADER)
		return "ends inside a header";
	if (!is_magic(s))
		return "no cpio (newc) header";
	for (int i = 0; i < NEWC_FIELDS; i++)
		if (!parse_hex(s + 6 + 8 * i, &me->me_field[i]))
			return "a header field is no number";
	/* Header and name are filled up together. */
	me->me_namelen = me->me_field[NEWC_NAMESIZE];
	if (cpio_take(ci, NEWC_HEADER + me->me_namelen) == NULL)
		return "ends inside a name";
	me->me_name = s + NEWC_HEADER;
	if (me->me_namelen < 2 || strnlen(me->me_name, me->me_namelen) != me->me_namelen - 1)
		return "a name is empty, or not ended by a zero";
	me->me_namelen--;
	me->me_data = cpio_take(ci, me->me_field[NEWC_FILESIZE]);
	return me->me_data != NULL ? NULL : "ends inside a file";
}

static bool
is_trailer(const struct member *me)
{
	return me->me_namelen == strlen(TRAILER) &&
	    memcmp(me->me_name, TRAILER, me->me_namelen) == 0;
}

/* Make a node of a member.  Returns errno; 0 too for one that is left out. */
static int
enter_member(const struct member *me)
{
	mode_t mode = me->me_field[NEWC_MODE];
	struct node *n;
	int error;

	if (!S_ISREG(mode) && !S_ISDIR(mode))
		return 0;
	error = node_make(me->me_name, me->me_namelen, mode, &n);
	if (error != 0)
		return error;
	n->n_mode = mode;
	n->n_mtime = me->me_field[NEWC_MTIME];
	if (S_ISREG(mode)) {
		n->n_data = me->me_data;
		n->n_size = me->me_field[NEWC_FILESIZE];
	}
	return 0;
}

/* Go over the zeros that may stand between archives and at the end. */
static void
skip_zeros(struct cpio *ci)
{
	while (ci->ci_at < ci->ci_len && ci->ci_image[ci->ci_at] == '\0')
		ci->ci_at++;
}

/* Say that the archive is damaged at byte `at`. */
static int
damaged(const struct cpio *ci, size_t at, const char *problem)
{
	kwarn("heddle: ramdisk: %s at byte %zu of %zu; the rest is not used\n", problem, at,
	    ci->ci_len);
	return EFTYPE;
}

/* Read all members.  EFTYPE: damaged, said. */
static int
read_archives(struct cpio *ci)
{
	unsigned left_out = 0;
	bool ended = false;
	struct member me;

	while (ci->ci_at < ci->ci_len) {
		size_t at = ci->ci_at;
		const char *problem = read_member(ci, &me);
		if (problem != NULL)
			return damaged(ci, at, problem);
		ended = is_trailer(&me);
		if (ended)
			skip_zeros(ci);
		else if (enter_member(&me) != 0 && left_out++ == 0)
			kwarn("heddle: ramdisk: the member at byte %zu cannot be used\n", at);
	}
	if (left_out > 0)
		kwarn("heddle: ramdisk: %u members were left out\n", left_out);
	return ended ? 0 : damaged(ci, ci->ci_len, "no trailer");
}

int
ramdisk_init(const void *image, size_t len)
{
	struct cpio ci = { .ci_image = image, .ci_len = len };

	if (image == NULL || len == 0) {
		kwarn("heddle: no ramdisk\n");
		return ENOENT;
	}
	return read_archives(&ci);
}

int
ramdisk_lookup(const char *path, const void **data, size_t *len)
{
	struct node *n;
	int error = node_lookup(path, strlen(path), &n);

	if (error != 0)
		return error;
	if (!S_ISREG(n->n_mode) || (n->n_mode & (S_IXUSR | S_IXGRP | S_IXOTH)) == 0)
		return EACCES;
	*data = n->n_data;
	*len = n->n_size;
	return 0;
}
