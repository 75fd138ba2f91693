/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Options on the command line.
 *
 * Options come before the other arguments; the first argument that is not an
 * option ends them, and so does "--".
 */
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

char	*optarg;
int	opterr = 1;
int	optind = 1;
int	optopt;
int	optreset;

static const char	*place = "";	/* what is left of the current argument */

static int
complain(const char *optstring, const char *what, int result)
{
	if (opterr && *optstring != ':')
		(void)fprintf(stderr, "%s: %s -- %c\n", getprogname(), what,
		    optopt);
	return result == ':' && *optstring != ':' ? '?' : result;
}

/* Whether there is another argument with options; then place is after its -. */
static int
next_argument(int argc, char *const *argv)
{
	if (optreset) {
		optreset = 0;
		place = "";
	}
	if (*place != '\0')
		return 1;
	if (optind >= argc || argv[optind][0] != '-' || argv[optind][1] == '\0')
		return 0;
	place = argv[optind++] + 1;
	if (strcmp(place, "-") != 0)
		return 1;
	place = "";
	return 0;
}

static int
short_option(int argc, char *const *argv, const char *optstring)
{
	const char *found;

	optopt = (unsigned char)*place++;
	found = strchr(optstring, optopt);
	if (found == NULL || optopt == ':')
		return complain(optstring, "unknown option", '?');
	optarg = NULL;
	if (found[1] != ':')
		return optopt;
	if (*place != '\0') {
		optarg = __UNCONST(place);
	} else if (found[2] != ':') {
		if (optind >= argc)
			return complain(optstring, "option needs an argument",
			    ':');
		optarg = argv[optind++];
	}
	place = "";
	return optopt;
}

int
getopt(int argc, char *const *argv, const char *optstring)
{
	if (!next_argument(argc, argv))
		return -1;
	return short_option(argc, argv, optstring);
}

/* The option that begins with these letters, if there is only one. */
static const struct option *
find_long(const struct option *o, const char *name, size_t len)
{
	const struct option *found = NULL;

	for (; o->name != NULL; o++) {
		if (strncmp(o->name, name, len) != 0)
			continue;
		if (o->name[len] == '\0')
			return o;
		if (found != NULL)
			return NULL;
		found = o;
	}
	return found;
}

static int
long_error(const char *optstring, const char *what, const char *name,
    int result)
{
	optopt = 0;
	if (opterr && *optstring != ':')
		(void)fprintf(stderr, "%s: %s -- %s\n", getprogname(), what,
		    name);
	return result == ':' && *optstring != ':' ? '?' : result;
}

static int
long_option(int argc, char *const *argv, const char *optstring,
    const struct option *options, int *index)
{
	const char *name = place + 1, *value;
	const struct option *o;

	value = strchrnul(name, '=');
	place = "";
	o = find_long(options, name, (size_t)(value - name));
	if (o == NULL)
		return long_error(optstring, "unknown option", name, '?');
	optarg = NULL;
	if (*value == '=') {
		if (o->has_arg == no_argument)
			return long_error(optstring,
			    "option takes no argument", name, '?');
		optarg = __UNCONST(value + 1);
	} else if (o->has_arg == required_argument) {
		if (optind >= argc)
			return long_error(optstring,
			    "option needs an argument", name, ':');
		optarg = argv[optind++];
	}
	if (index != NULL)
		*index = (int)(o - options);
	if (o->flag == NULL)
		return o->val;
	*o->flag = o->val;
	return 0;
}

int
getopt_long(int argc, char *const *argv, const char *optstring,
    const struct option *options, int *index)
{
	int begins;

	begins = *place == '\0' || optreset;
	if (!next_argument(argc, argv))
		return -1;
	if (begins && *place == '-')
		return long_option(argc, argv, optstring, options, index);
	return short_option(argc, argv, optstring);
}
